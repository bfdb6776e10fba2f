package org.riglab.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.riglab.api.RigException;

/**
 * The files that a remote user may name: those below a directory, usually {@code HOME/files}, and
 * below what symbolic links directly in it point to, which only an administrator can make. Where a
 * name leads is asked of the file system, so that neither dots nor other links get out.
 */
public final class RemoteFiles {
  /** Why a remote user is refused who names a program, see {@link #isProgram}. */
  public static final String NO_PROGRAM =
      "option 'python' is for local users; the configuration org.riglab.torchrun names the program"
          + " for a server";

  private final Path directory;
  private final List<Path> further;

  /**
   * @param directory that names are relative to
   * @param further absolute directories that may be named as well
   */
  public RemoteFiles(Path directory, List<Path> further) {
    this.directory = directory.toAbsolutePath().normalize();
    this.further = List.copyOf(further);
  }

  /**
   * @param home of the server
   * @return the files of its remote users
   */
  public static RemoteFiles of(Path home) {
    return new RemoteFiles(home.resolve("files"), List.of());
  }

  /**
   * Whether an option makes a run execute a program. A remote user may not choose it: not even one
   * of his files, since the account of the server would execute it.
   *
   * @param option of a training, in any spelling
   * @param value of the option
   * @return true for a program
   */
  public static boolean isProgram(String option, String value) {
    return Names.writtenOption(option).equals("python") && !value.equals("auto");
  }

  /**
   * @param name that a remote user gave, relative to the directory or absolute
   * @return the file, which need not exist
   * @throws RigException DENIED if it is elsewhere
   */
  public Path named(String name) {
    try {
      Path path = directory.resolve(name).normalize();
      Path real = real(path);
      if (real != null && roots().stream().anyMatch(real::startsWith)) {
        return path;
      }
    } catch (InvalidPathException | IOException e) {
      throw elsewhere(name, e);
    }
    throw elsewhere(name, null);
  }

  /**
   * @param path absolute
   * @return whether it exists and may be named
   */
  public boolean contain(Path path) {
    try {
      return path.isAbsolute() && roots().stream().anyMatch(real(path)::startsWith) && there(path);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean there(Path path) {
    return Files.exists(path);
  }

  /** Where a path leads: of what is not there yet, the folders that are. */
  private static Path real(Path path) throws IOException {
    Path existing = path;
    while (!Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
      existing = existing.getParent();
    }
    return existing.toRealPath().resolve(existing.relativize(path)).normalize();
  }

  private List<Path> roots() throws IOException {
    List<Path> roots = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      roots.add(directory.toRealPath());
      try (Stream<Path> entries = Files.list(directory)) {
        for (Path link : entries.filter(Files::isSymbolicLink).toList()) {
          if (Files.exists(link)) {
            roots.add(link.toRealPath());
          }
        }
      }
    }
    for (Path directory : further) {
      if (Files.exists(directory)) {
        roots.add(directory.toRealPath());
      }
    }
    return roots;
  }

  private static RigException elsewhere(String name, Exception cause) {
    return new RigException(
        RigException.Kind.DENIED,
        "'%s' leads elsewhere: files of remote users are in HOME/files"
            .formatted(Names.shown(name)),
        cause);
  }
}
