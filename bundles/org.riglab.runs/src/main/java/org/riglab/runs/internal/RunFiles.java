package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;

/** The files of runs, wherever they are. */
final class RunFiles {
  private final Path home;
  private final LabStore lab;

  RunFiles(Path home, LabStore lab) {
    this.home = home;
    this.lab = lab;
  }

  List<Lab.RunFile> list(long id) {
    Run run = lab.store().run(id);
    return switch (run.storage().files()) {
      case NONE, MISSING -> List.of();
      case PRESENT -> new RunFolder(home, run.folder()).files();
      case ARCHIVED -> lab.store().removals(home).archived(run);
    };
  }

  /**
   * @throws RigException NOT_FOUND if there is no such file, CONFLICT if it is archived
   */
  Path path(long id, String name) {
    Run run = lab.store().run(id);
    return switch (run.storage().files()) {
      case NONE ->
          throw new RigException(
              RigException.Kind.NOT_FOUND, "run %d has no files yet".formatted(id));
      case ARCHIVED ->
          throw new RigException(
              RigException.Kind.CONFLICT,
              "run %d is archived; 'runs restore %d' unpacks its files".formatted(id, id));
      case PRESENT, MISSING -> new RunFolder(home, run.folder()).file(name);
    };
  }
}
