package org.riglab.engine.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;

/** Finds the libtorch of a Python environment. */
final class PythonTorch {
  private static final String FIND =
      "import importlib.util as u; s = u.find_spec('torch');"
          + " print(list(s.submodule_search_locations)[0] if s else '')";
  private static final String INSTALL = "pip install torch==" + CudaBuild.TORCH;
  private static final Pattern RELEASE = Pattern.compile("__version__\\s*=\\s*'([^']+)'");
  private static final Pattern CUDA = Pattern.compile("cuda[^=\\n]*=\\s*'([^']+)'");
  private static final long SECONDS = 60;

  private PythonTorch() {}

  /**
   * @param python the environment's interpreter
   * @return its libtorch
   * @throws RigException if there is none, or not the one that is needed
   */
  static Libtorch find(Path python) {
    String found = ask(python);
    if (found.isEmpty()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "the environment of %s has no torch: %s".formatted(python, INSTALL));
    }
    Path torch = Path.of(found);
    String text;
    List<Path> nvidia;
    try {
      text = Files.readString(torch.resolve("version.py"));
      Path folder = torch.resolveSibling("nvidia");
      if (Files.isDirectory(folder)) {
        try (Stream<Path> parts = Files.list(folder)) {
          nvidia = parts.map(part -> part.resolve("lib")).sorted().toList();
        }
      } else {
        nvidia = List.of();
      }
    } catch (IOException e) {
      throw FileFailures.reading(torch, e);
    }
    Matcher cuda = CUDA.matcher(text);
    return Libtorch.check(
        torch.resolve("lib"),
        release(text),
        cuda.find() ? cuda.group(1) : "",
        nvidia,
        "the torch of " + python);
  }

  /**
   * @param text of the package's {@code version.py}
   * @return for example 2.7.1+cu126
   */
  static String release(String text) {
    Matcher release = RELEASE.matcher(text);
    return release.find() ? release.group(1) : "of an unknown version";
  }

  private static String ask(Path python) {
    if (!Files.isExecutable(python) || Files.isDirectory(python)) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "%s is not a Python interpreter; expected ENVIRONMENT/bin/python".formatted(python));
    }
    try {
      Process process =
          // Python looks into the present folder first, where something else may be called torch.
          new ProcessBuilder(python.toString(), "-c", FIND)
              .directory(python.getRoot().toFile())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new RigException("%s does not answer within %d s".formatted(python, SECONDS));
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        String last = output.lines().reduce("no output", (before, line) -> line);
        throw new RigException("%s cannot locate torch: %s".formatted(python, last));
      }
      return output;
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot run " + python + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(RigException.Kind.UNAVAILABLE, "interrupted", e);
    }
  }
}
