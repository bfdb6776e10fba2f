package org.riglab.engine.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;

/** What a folder with libtorch says about itself. */
final class Release {
  private static final Pattern SUFFIX = Pattern.compile("\\+cu(\\d+)(\\d)");

  private Release() {}

  /**
   * @param libraries the folder of libtorch.so
   * @return what its maker calls the version: of the file {@code build-version} of an official
   *     archive, or of the {@code version.py} of a Python package
   * @throws RigException if neither is there
   */
  static String of(Path libraries) {
    Path parent = libraries.toAbsolutePath().getParent();
    Path archive = parent.resolve("build-version");
    Path python = parent.resolve("version.py");
    try {
      if (Files.isRegularFile(archive)) {
        return Files.readString(archive).strip();
      } else if (Files.isRegularFile(python)) {
        return PythonTorch.release(Files.readString(python));
      } else if (Files.isRegularFile(libraries.resolve(EngineFolder.DIGESTS))) {
        // Another home's, or a copy of it.
        return CudaBuild.TORCH;
      }
    } catch (IOException e) {
      throw FileFailures.reading(parent, e);
    }
    throw new RigException(
        "%s does not say which version it is (no %s beside lib); %s"
            .formatted(parent, archive.getFileName(), Libtorch.NEEDED));
  }

  /**
   * @param libraries as above
   * @return for example 12.6; empty if the version does not say
   */
  static String cuda(Path libraries) {
    Matcher matcher = SUFFIX.matcher(of(libraries));
    return matcher.find() ? matcher.group(1) + "." + matcher.group(2) : "";
  }
}
