package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class ProcessExitTest {
  private static final int STATUS = 3;
  private static final int ABORTED = 134;

  @ClassRule public static final TemporaryFolder FOLDER = new TemporaryFolder();

  /** A process with a native function that aborts it when it exits. */
  public static final class Aborting {
    private Aborting() {}

    /**
     * @param args "exit" or "halt", "without" for no destructors, and "prepared"
     */
    public static void main(String[] args) {
      NativeLibrary library = NativeLibrary.getProcess();
      Function abort = library.getFunction("abort");
      library.getFunction("on_exit").invokeInt(new Object[] {abort, null});
      if (args.length > 2) {
        ProcessExit.prepare();
      }
      if (args.length > 1) {
        ProcessExit.withoutDestructors();
      }
      if (args[0].equals("halt")) {
        Runtime.getRuntime().halt(STATUS);
      }
      System.exit(STATUS);
    }
  }

  private static int status(String... args) throws Exception {
    String[] command = new String[args.length + 4];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    command[1] = "-cp";
    command[2] = System.getProperty("java.class.path");
    command[3] = Aborting.class.getName();
    System.arraycopy(args, 0, command, 4, args.length);
    Process process =
        new ProcessBuilder(command)
            .directory(FOLDER.getRoot())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue("still running", process.waitFor(2, TimeUnit.MINUTES));
    return process.exitValue();
  }

  @Test
  public void noDestructorIsCalled() throws Exception {
    assumeTrue("only the GNU C library has on_exit", Platform.isLinux());
    assertEquals(ABORTED, status("exit"));
    assertEquals("nothing was loaded", ABORTED, status("exit", "without"));
    assertEquals(STATUS, status("exit", "without", "prepared"));
    assertEquals(STATUS, status("halt", "without", "prepared"));
  }
}
