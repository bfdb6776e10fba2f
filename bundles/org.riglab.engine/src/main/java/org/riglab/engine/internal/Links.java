package org.riglab.engine.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;

/**
 * A folder of links to a libtorch that belongs to somebody else. DJL loads every library of the
 * folder it is given, and beside it {@code libcaffe2_nvrtc.so}, which needs the driver and would
 * make the engine fail on a machine without one; libtorch itself looks for that when it needs it.
 * Java resolves the links before it loads, so that each library's run path is that of its own
 * folder.
 */
final class Links {
  private static final Pattern LINKED =
      Pattern.compile("lib(c10|c10_cuda|torch|torch_cpu|torch_cuda|gomp[^/]*)\\.so(\\.\\d+)*");
  private static final int DIGITS = 12;

  private Links() {}

  /**
   * @param engines folder of engines of a home
   * @param libtorch checked
   * @return a folder with links to its libraries; the same one for the same libtorch
   */
  static Path make(Path engines, Libtorch libtorch) {
    String digest = Sha256.of(libtorch.libraries().toString());
    Path folder = engines.resolve("links-" + digest.substring(0, DIGITS));
    Path temporary = engines.resolve(".links-" + UUID.randomUUID());
    try {
      List<Path> libraries;
      try (Stream<Path> files = Files.list(libtorch.libraries())) {
        libraries =
            files.filter(file -> LINKED.matcher(file.getFileName().toString()).matches()).toList();
      }
      Files.createDirectories(temporary);
      for (Path library : libraries) {
        Files.createSymbolicLink(temporary.resolve(library.getFileName()), library);
      }
      EngineFolder.delete(folder);
      AtomicFile.move(temporary, folder);
      return folder;
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    }
  }
}
