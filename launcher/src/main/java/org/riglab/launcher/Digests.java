package org.riglab.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The SHA-256 digests of a distribution's bundles.
 *
 * <p>{@code repository/sha256sums}, in the format of {@code sha256sum}, is written when the
 * distribution is made. At a start each bundle is compared with it. Reading all of them takes
 * longer than the rest of the start, so a home remembers what was found right, with size and times
 * of the file, and only what is new or has changed is read again.
 */
final class Digests {
  static final String LIST = "sha256sums";
  private static final HexFormat HEX = HexFormat.of();

  private final Path repository;
  private final Map<String, String> expected;

  private Digests(Path repository, Map<String, String> expected) {
    this.repository = repository;
    this.expected = expected;
  }

  /**
   * Reads a repository's list.
   *
   * @throws StartException if there is none or it cannot be read
   */
  static Digests of(Path repository) throws StartException {
    Path list = repository.resolve(LIST);
    Map<String, String> expected = new HashMap<>();
    try {
      for (String line : Files.readAllLines(list)) {
        // 64 hexadecimal digits, a space, a space or star, the path
        if (line.length() < 67 || line.charAt(64) != ' ') {
          throw new StartException(list + ": not a line of sha256sum: " + line);
        }
        expected.put(line.substring(66), line.substring(0, 64));
      }
    } catch (IOException e) {
      throw new StartException("cannot read the list of digests " + list + ": " + e, e);
    }
    return new Digests(repository, expected);
  }

  /**
   * Compares bundles with the list.
   *
   * @param artifacts what is about to be installed
   * @param memory the file in which the home remembers what was right; need not exist
   * @throws StartException with one line for each bundle that is missing, unlisted or changed
   */
  void verify(List<Features.Artifact> artifacts, Path memory) throws StartException {
    Set<String> known = remembered(memory);
    Set<String> right = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    for (Features.Artifact artifact : artifacts) {
      Path file = repository.resolve(artifact.path());
      String digest = expected.get(artifact.path());
      try {
        String stamp = digest + " " + stamp(file);
        if (digest == null) {
          wrong.add("bundle " + artifact.id() + " is not listed in " + LIST + ": " + file);
        } else if (known.contains(stamp) || digest.equals(sha256(file))) {
          right.add(stamp);
        } else {
          wrong.add(
              "bundle "
                  + artifact.id()
                  + " was changed: the SHA-256 of "
                  + file
                  + " is not the "
                  + digest
                  + " of the distribution");
        }
      } catch (NoSuchFileException e) {
        wrong.add(
            "bundle "
                + artifact.id()
                + " of feature "
                + artifact.feature()
                + " is not in this distribution: no file "
                + file);
      } catch (IOException e) {
        wrong.add("bundle " + artifact.id() + " cannot be read: " + e);
      }
    }
    if (!wrong.isEmpty()) {
      throw new StartException(String.join(System.lineSeparator(), wrong));
    }
    if (!known.containsAll(right)) {
      // Other distributions may share the home, so what they remember stays.
      right.addAll(known);
      remember(memory, right);
    }
  }

  /**
   * What changes when a file's content does, the inode's change time included where there is one.
   */
  private static String stamp(Path file) throws IOException {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    Map<String, Object> attributes =
        new TreeMap<>(
            Files.readAttributes(
                file, unix ? "unix:size,lastModifiedTime,ctime,ino" : "size,lastModifiedTime"));
    return attributes.values() + " " + file.toRealPath();
  }

  private static Set<String> remembered(Path memory) throws StartException {
    try {
      return new HashSet<>(Files.readAllLines(memory));
    } catch (NoSuchFileException e) {
      return Set.of();
    } catch (IOException e) {
      throw new StartException("cannot read " + memory + ": " + e, e);
    }
  }

  private static void remember(Path memory, Set<String> lines) throws StartException {
    try {
      Files.createDirectories(memory.getParent());
      Path temporary = Files.createTempFile(memory.getParent(), "verified", ".tmp");
      Files.write(temporary, lines);
      try {
        Files.move(temporary, memory, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, memory, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new StartException("cannot write " + memory + ": " + e, e);
    }
  }

  /** The SHA-256 of a file, in lower case hexadecimal. */
  static String sha256(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HEX.formatHex(digest.digest());
  }
}
