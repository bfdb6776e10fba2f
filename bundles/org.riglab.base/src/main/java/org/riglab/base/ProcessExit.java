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
  private static volatile Function exit;
  private static volatile Function onExit;

  @Override
  public void run() {
    withoutDestructors();
  }

  /**
   * To be called when native code that computes is loaded. Without it the other methods do nothing:
   * they would load JNA's library while the process ends, and there is nothing to protect.
   */
  public static void prepare() {
    exit = find("_exit");
    onExit = find("on_exit");
  }

  /**
   * Lets the process end without the destructors of native libraries that have been registered
   * before. To be called as late as possible: libraries register some while they compute. Does
   * nothing where the C library has no {@code on_exit}, which GNU's has.
   */
  public static void withoutDestructors() {
    if (onExit != null && exit != null) {
      // Functions are called in the reverse order of their registration, with the exit status.
      onExit.invokeInt(new Object[] {exit, null});
    }
  }

  private static Function find(String name) {
    try {
      return NativeLibrary.getProcess().getFunction(name);
    } catch (LinkageError e) { // also where JNA itself does not load
      return null;
    }
  }
}
