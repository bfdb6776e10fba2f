package org.riglab.runs.internal;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;

/** Memory that a process holds while it computes nothing. */
final class IdleMemory {
  private static final String TRIM = "malloc_trim";

  private IdleMemory() {}

  /**
   * Returns memory that is not in use to the operating system: that of the Java heap, after a full
   * collection, and, with the GNU C library, that of the native heap. Takes some 100 ms, so it is
   * called when a run has ended and when nothing is expected to run.
   */
  static void release() {
    System.gc();
    Holder.trim();
  }

  /** Other C libraries have no such function; they are asked once. */
  private static final class Holder {
    private static final Function FUNCTION = find();

    private static Function find() {
      try {
        return NativeLibrary.getProcess().getFunction(TRIM);
      } catch (UnsatisfiedLinkError e) {
        return null;
      }
    }

    static void trim() {
      if (FUNCTION != null) {
        FUNCTION.invokeInt(new Object[] {0L});
      }
    }
  }
}
