package org.riglab.torchrun.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;

/** A Python that has PyTorch. */
final class Python {
  private static final long SECONDS = 300;
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\.\\S*");
  private static final int MAJOR = 2;
  private static final int MINOR = 7;
  private static final String HELP =
      "set option python, or 'python' of org.riglab.torchrun, to a Python with PyTorch 2.7";

  private Python() {}

  /**
   * @param program a file, or a name to be found on the path
   * @throws RigException UNAVAILABLE if it cannot be executed or has no PyTorch 2.7 or newer
   */
  static void check(String program) {
    String version;
    try {
      Path out = Files.createTempFile("riglab-python", ".txt");
      try {
        Process process =
            new ProcessBuilder(
                    List.of(
                        program,
                        "-c",
                        "import sys; from importlib import metadata as m\n"
                            + "try: print(m.version('torch'))\n"
                            + "except m.PackageNotFoundError: sys.exit(23)"))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw unavailable("%s has not started within %d s".formatted(program, SECONDS), null);
        }
        version = Files.readString(out, StandardCharsets.UTF_8).strip();
        if (process.exitValue() == 23) {
          throw unavailable("%s has no PyTorch".formatted(program), null);
        }
        if (process.exitValue() != 0) {
          String last = version.substring(version.lastIndexOf('\n') + 1);
          throw unavailable("%s is no Python: %s".formatted(program, last), null);
        }
      } finally {
        Files.delete(out);
      }
    } catch (IOException e) {
      throw unavailable("cannot execute %s".formatted(program), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("interrupted while %s started".formatted(program), e);
    }
    requireVersion(program, version);
  }

  /**
   * @param program for messages
   * @param version of PyTorch, such as {@code 2.7.1+cu126}
   * @throws RigException UNAVAILABLE if it is too old
   */
  static void requireVersion(String program, String version) {
    Matcher matcher = VERSION.matcher(version);
    boolean good =
        matcher.matches()
            && (Integer.parseInt(matcher.group(1)) > MAJOR
                || Integer.parseInt(matcher.group(1)) == MAJOR
                    && Integer.parseInt(matcher.group(2)) >= MINOR);
    if (!good) {
      throw unavailable(
          "%s has PyTorch %s, needed is %d.%d or newer".formatted(program, version, MAJOR, MINOR),
          null);
    }
  }

  private static RigException unavailable(String what, Exception cause) {
    return new RigException(Kind.UNAVAILABLE, "torchrun: %s; %s".formatted(what, HELP), cause);
  }
}
