package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;

/**
 * Refuses network file systems for the database. SQLite's write-ahead log needs memory that is
 * shared between processes, which network file systems do not provide.
 */
final class LocalDisk {
  /** File system types as {@code /proc/mounts} names them. */
  private static final Pattern NETWORK =
      Pattern.compile(
          "nfs\\d?|cifs|smb\\w*|afs|9p|ceph|lustre|gpfs|beegfs\\w*|glusterfs|ncpfs|pvfs2"
              + "|fuse\\.(sshfs|glusterfs|cephfs|s3fs|rclone|davfs|juicefs)");

  /** Tells the type of the file system of a folder. */
  interface Types {
    /** For example {@code ext4}. */
    String of(Path folder) throws IOException;
  }

  private LocalDisk() {}

  /**
   * @param folder of the database; must exist
   * @throws RigException if it is on a network file system
   */
  static void require(Path folder) {
    require(folder, path -> Files.getFileStore(path).type());
  }

  static void require(Path folder, Types types) {
    String type;
    try {
      type = types.of(folder).toLowerCase(Locale.ROOT);
    } catch (IOException e) {
      throw new RigException(
          Kind.IO, "cannot determine the file system of %s: %s".formatted(folder, e), e);
    }
    if (NETWORK.matcher(type).matches()) {
      throw new RigException(
          Kind.UNAVAILABLE,
          "%s is on %s: the run database needs a local file system; see docs/how-to/nfs.md"
              .formatted(folder, type));
    }
  }
}
