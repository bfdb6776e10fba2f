package org.riglab.shell.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.base.FileFailures;

/** Reads the ends of the log files of a home. */
final class LogEntries {
  /** As config/logback.xml writes a line. */
  private static final Pattern LINE =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d[ T][0-9:,.]+) +[A-Z]+ +\\[.*?\\] ([^ :]+): .*");

  private static final int MOST_BYTES = 1 << 20;

  private LogEntries() {}

  /**
   * An entry.
   *
   * @param time as it is written
   * @param logger its name
   * @param text its lines
   */
  record Entry(String time, String logger, String text) {}

  /**
   * @param home of networks and runs
   * @param loggers which to take
   * @param most of them
   * @return the last entries of all processes, in the order of their times
   */
  static List<Entry> last(Path home, Predicate<String> loggers, int most) {
    Path folder = home.resolve("log");
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
      for (Path file : files.filter(f -> f.toString().matches(".*[^0-9]\\.log")).toList()) {
        read(file, entries);
      }
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
    entries.removeIf(entry -> !loggers.test(entry.logger()));
    entries.sort(Comparator.comparing(Entry::time));
    return entries.subList(Math.max(0, entries.size() - most), entries.size());
  }

  private static void read(Path file, List<Entry> into) throws IOException {
    String time = "";
    String logger = "";
    StringBuilder text = new StringBuilder();
    for (String line : end(file).lines().toList()) {
      Matcher begins = LINE.matcher(line);
      if (begins.matches()) {
        add(time, logger, text, into);
        time = begins.group(1);
        logger = begins.group(2);
        text.setLength(0);
      }
      text.append(line).append('\n');
    }
    add(time, logger, text, into);
  }

  private static void add(String time, String logger, StringBuilder text, List<Entry> into) {
    if (!time.isEmpty()) { // else the end of an entry that was cut
      into.add(new Entry(time, logger, text.toString()));
    }
  }

  private static String end(Path file) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long from = Math.max(0, in.length() - MOST_BYTES);
      byte[] bytes = new byte[(int) (in.length() - from)];
      in.seek(from);
      in.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
