package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;

import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.function.IntConsumer;
import org.junit.Test;

public class ExitGuardTest {
  /** If the guard fails, so does this JVM. */
  @SuppressWarnings("unused") // called by name
  private static final class Ends {
    static int counted;

    static void system() {
      counted++;
      System.exit(counted > 0 ? 3 : 4);
    }

    static void runtime() {
      Runtime.getRuntime().exit(3);
    }

    static void halt() {
      Runtime.getRuntime().halt(3);
    }

    static void reference() {
      IntConsumer exit = System::exit;
      exit.accept(3);
    }

    static void bound() {
      IntConsumer halt = Runtime.getRuntime()::halt;
      halt.accept(3);
    }

    static void lambda() {
      Runnable exit = () -> System.exit(3);
      exit.run();
    }
  }

  /** Has its own code in an interface. */
  private interface AnInterface {
    @SuppressWarnings("unused") // called by name
    static void system() {
      System.exit(3);
    }
  }

  /** Asks the system, but not to end. */
  private static final class Harmless {
    @SuppressWarnings("unused") // read as bytes
    static void exit() {
      System.getProperty("halt");
      Runtime.getRuntime().availableProcessors();
    }
  }

  private static byte[] bytes(Class<?> of) throws Exception {
    try (InputStream file =
        of.getResourceAsStream(of.getName().replaceFirst(".*\\.", "") + ".class")) {
      return file.readAllBytes();
    }
  }

  private static Class<?> guarded(Class<?> of) throws Exception {
    byte[] before = bytes(of);
    byte[] after = ExitGuard.guarded(before);
    assertNotSame(before, after);
    return new ClassLoader(of.getClassLoader()) {
      Class<?> define() {
        return defineClass(of.getName(), after, 0, after.length);
      }
    }.define();
  }

  private static String thrown(Class<?> by, String method) throws Exception {
    var called = by.getDeclaredMethod(method);
    called.setAccessible(true);
    Throwable cause =
        assertThrows(InvocationTargetException.class, () -> called.invoke(null)).getCause();
    assertEquals(SecurityException.class, cause.getClass());
    return cause.getMessage().replaceFirst("a plugin cannot end the process: it called ", "");
  }

  @Test
  public void everyWayToEndTheProcessThrows() throws Exception {
    Class<?> ends = guarded(Ends.class);
    assertEquals("System.exit", thrown(ends, "system"));
    assertEquals("Runtime.exit", thrown(ends, "runtime"));
    assertEquals("Runtime.halt", thrown(ends, "halt"));
    assertEquals("System.exit", thrown(ends, "reference"));
    assertEquals("Runtime.halt", thrown(ends, "bound"));
    assertEquals("System.exit", thrown(ends, "lambda"));
    assertEquals("System.exit", thrown(guarded(AnInterface.class), "system"));
  }

  @Test
  public void otherClassesStayAsTheyAre() throws Exception {
    for (Class<?> harmless : new Class<?>[] {Harmless.class, ExitGuardTest.class}) {
      byte[] before = bytes(harmless);
      assertSame(before, ExitGuard.guarded(before));
    }
  }
}
