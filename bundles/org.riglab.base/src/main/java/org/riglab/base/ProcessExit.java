package org.riglab.base;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import org.osgi.service.component.annotations.Component;

/**
 * The exit of a process whose threads may still compute in native code. The virtual machine does
 * not wait for them. The destructors of native libraries, which C's {@code exit} calls, would free
 * code and memory that these threads use, and the process would end with SIGSEGV. The launcher
 * calls this as a service when the process is told to end.
 */
@Component(service = Runnable.class, property = "riglab.exit=native")
public final class ProcessExit implements Runnable {
  @Override
  public void run() {
    withoutDestructors();
  }

  /**
   * Lets the process end without the destructors of native libraries that have been registered
   * before. To be called as late as possible: libraries register some while they compute. Does
   * nothing where the C library has no {@code on_exit}, which GNU's has.
   */
  public static void withoutDestructors() {
    Holder.register();
  }

  private static final class Holder {
    private static final Function ON_EXIT = find("on_exit");
    private static final Function EXIT = find("_exit");

    private static Function find(String name) {
      try {
        return NativeLibrary.getProcess().getFunction(name);
      } catch (UnsatisfiedLinkError e) {
        return null;
      }
    }

    static void register() {
      if (ON_EXIT != null && EXIT != null) {
        // Functions are called in the reverse order of their registration, with the exit status.
        ON_EXIT.invokeInt(new Object[] {EXIT, null});
      }
    }
  }
}
