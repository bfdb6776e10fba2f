package org.riglab.engine.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.RigException;
import org.riglab.api.engine.EngineSetup.Watcher;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;
import org.riglab.engine.internal.CudaBuild.Artifact;
import org.riglab.engine.maven.MavenFile;
import org.riglab.engine.maven.MavenFiles;

/** {@link MavenFiles} by {@link Download}. */
@Component
public final class MavenFilesService implements MavenFiles {
  private static final String FETCHED = ".fetched";
  private static final long MB = 1_000_000;

  private final Download download;

  /** For declarative services. */
  @Activate
  public MavenFilesService() {
    this(new Download("SPARK_HOME may name an installation"));
  }

  MavenFilesService(Download download) {
    this.download = download;
  }

  @Override
  public void fetch(List<MavenFile> files, Path folder, Watcher watcher) {
    long total = files.stream().mapToLong(MavenFile::bytes).sum();
    try {
      Path fetched = Files.createDirectories(folder.resolve(FETCHED));
      long free = Files.getFileStore(folder).getUsableSpace();
      long done = 0;
      for (MavenFile file : files) {
        Path target = folder.resolve(file.jar());
        if (!Files.isRegularFile(target) || Files.size(target) != file.bytes()) {
          if (free < total - done) {
            throw new RigException(
                RigException.Kind.NO_SPACE,
                "%s has %d MB free, the files need %d MB"
                    .formatted(folder, free / MB, (total - done) / MB));
          }
          long before = done;
          fetch(
              file, fetched, target, bytes -> watcher.progress("fetching", before + bytes, total));
        }
        done += file.bytes();
        watcher.progress("fetching", done, total);
      }
      EngineFolder.delete(fetched);
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    }
  }

  private void fetch(MavenFile file, Path fetched, Path target, Download.Listener listener)
      throws IOException {
    Artifact artifact =
        new Artifact(
            file.group(),
            file.name(),
            file.version(),
            file.classifier(),
            file.bytes(),
            file.sha256(),
            "",
            Set.of());
    Download.Fetched got = download.fetch(artifact, fetched, listener);
    boolean ours = got.file().startsWith(fetched);
    String digest = Sha256.of(got.file());
    if (!digest.equals(file.sha256())) {
      if (ours) {
        Files.delete(got.file());
      }
      throw new RigException(
          "%s from %s has SHA-256 %s, expected %s; it was not used%s"
              .formatted(
                  file.jar(),
                  got.source(),
                  digest,
                  file.sha256(),
                  ours ? "" : ": delete " + got.file()));
    }
    Path ready = ours ? got.file() : Files.copy(got.file(), fetched.resolve(file.jar() + ".copy"));
    Files.move(ready, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
