package org.riglab.ssh.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit file: a line for each login, refusal and command. The fields are separated by tabs:
 * time in UTC, event, key, role, address, outcome, and the command in quotes, in which characters
 * other than printable ASCII are escaped.
 */
final class Audit {
  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
  private static final int LONGEST = 2000;
  private static final int KEPT = 9;

  private final Path file;
  private final long size;
  private final Clock clock;
  private volatile Optional<String> problem = Optional.empty();

  /**
   * @param file appended to; readable by its owner only
   * @param size in bytes, from which on another file is begun and this one gets the suffix .1
   * @param clock of the lines
   */
  Audit(Path file, long size, Clock clock) {
    this.file = file;
    this.size = size;
    this.clock = clock;
  }

  /**
   * Writes a line; a failure goes to the log and is the {@link #problem}.
   *
   * @param event one word
   * @param key its fingerprint
   * @param role in one word; a dash for none
   * @param from address and port
   * @param outcome one word
   * @param text whatever came from outside
   */
  synchronized void write(
      String event, String key, String role, String from, String outcome, String text) {
    String line =
        String.join(
                "\t",
                clock.instant().truncatedTo(ChronoUnit.MILLIS).toString(),
                event,
                key,
                role,
                from,
                outcome,
                quoted(text))
            + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    try {
      rotate();
      try (FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      problem = Optional.empty();
    } catch (IOException | UncheckedIOException e) {
      LOG.error("cannot write the audit: {}", line.strip(), e);
      problem = Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  /**
   * @return why the last line was not written
   */
  Optional<String> problem() {
    return problem;
  }

  private void rotate() throws IOException {
    if (!Files.exists(file) || Files.size(file) < size) {
      return;
    }
    for (int i = KEPT; i > 0; i--) {
      Path older = i == 1 ? file : numbered(i - 1);
      if (Files.exists(older)) {
        Files.move(older, numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path numbered(int i) {
    return file.resolveSibling(file.getFileName() + "." + i);
  }

  /**
   * @param text any
   * @return in quotes, all but printable ASCII as escapes, cut where it is too long
   */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(text.length(), LONGEST); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append(text.length() > LONGEST ? "\"..." : "\"").toString();
  }
}
