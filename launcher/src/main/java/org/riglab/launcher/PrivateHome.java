package org.riglab.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Keeps the home to its owner, whatever the umask: folders that hold secrets, or what can cause
 * code to run, are of mode 700. Where another account can write, the start is refused, as OpenSSH
 * refuses a file of keys.
 */
final class PrivateHome {
  /** Made at each start, so that no bundle makes them with the umask. */
  private static final List<String> FOLDERS =
      List.of("access", "cache", "config", "lab", "log", "plugins", "plugins/inbox");

  /** What another account could gain by writing. */
  private static final List<String> TRUSTED =
      List.of("access", "config", "plugins", "plugins/inbox");

  private static final int NEEDED = 2 << 20; // bytes: the framework's cache, and some log

  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private PrivateHome() {}

  /**
   * @param home made if it is not there
   * @throws IOException if a folder cannot be made
   * @throws StartException naming what another account can write
   */
  static void prepare(Path home) throws IOException, StartException {
    if (!home.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    make(home);
    check(home);
    for (String name : TRUSTED) {
      check(home.resolve(name));
    }
    for (String name : FOLDERS) {
      Path folder = home.resolve(name);
      make(folder);
      close(folder);
    }
  }

  /**
   * Writes as much as a start needs. Else the log would be the first to fail, or each bundle's
   * place in the cache, and there would be pages about it.
   *
   * @param home of the process
   * @throws IOException if it cannot be written
   */
  static void tryWriting(Path home) throws IOException {
    Path probe = Files.createTempFile(Files.createDirectories(home.resolve("log")), ".start", "");
    try {
      Files.write(probe, new byte[NEEDED]);
    } finally {
      Files.delete(probe);
    }
  }

  private static void make(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      Files.createDirectories(folder.getParent());
      Files.createDirectory(folder);
      close(folder);
    }
  }

  /** Its owner may; a link is left to whoever made it. */
  private static void close(Path folder) throws IOException {
    if (Files.isSymbolicLink(folder)) {
      return;
    }
    Set<PosixFilePermission> now = Files.getPosixFilePermissions(folder);
    Set<PosixFilePermission> wanted = PosixFilePermissions.fromString("rwx------");
    if (!now.equals(wanted) && owned(folder)) {
      Files.setPosixFilePermissions(folder, wanted);
    }
  }

  private static boolean owned(Path folder) throws IOException {
    String account = System.getProperty("user.name");
    return Files.getOwner(folder).getName().equals(account);
  }

  private static void check(Path folder) throws IOException, StartException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    refuse(folder);
    boolean inside =
        !folder.getFileName().toString().equals("inbox")
            && TRUSTED.contains(folder.getFileName().toString());
    if (!inside) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file :
          entries.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)).toList()) {
        refuse(file);
      }
    }
  }

  private static void refuse(Path file) throws IOException, StartException {
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
    if (attributes.permissions().stream().anyMatch(OTHERS::contains)) {
      throw new StartException(
          file
              + " can be written by other accounts, which could run code here: chmod go-w "
              + file);
    }
  }
}
