package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.riglab.base.Json;

/** The last lines of a file of JSON objects in the order of their steps. */
final class LogTail {
  private static final int FIRST_BYTES = 1 << 16;
  private static final String STEP = "step";

  private LogTail() {}

  /**
   * Reads the lines after a step from the end of the file backwards, so that a log that has grown
   * is not read as a whole. A last line without its end was cut off by a crash and is left out.
   *
   * @param file exists
   * @param afterStep lines of this step and of earlier ones are left out
   * @return one object per line
   */
  static List<Map<String, Object>> read(Path file, long afterStep) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      long size = channel.size();
      for (long window = afterStep <= 0 ? size : FIRST_BYTES; ; window *= 16) {
        long from = Math.max(0, size - window);
        List<Map<String, Object>> lines = lines(file, channel, from, size);
        if (from == 0 || !lines.isEmpty() && step(lines.get(0)) <= afterStep) {
          return lines.stream().filter(line -> step(line) > afterStep).toList();
        }
      }
    }
  }

  private static List<Map<String, Object>> lines(
      Path file, SeekableByteChannel channel, long from, long size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size - from));
    channel.position(from);
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
      continue;
    }
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    int begin = from == 0 ? 0 : text.indexOf('\n') + 1;
    int end = text.lastIndexOf('\n') + 1;
    List<Map<String, Object>> lines = new ArrayList<>();
    text.substring(begin, Math.max(begin, end))
        .lines()
        .forEach(line -> lines.add(Json.parse(line, file.getFileName().toString())));
    return lines;
  }

  static long step(Map<String, Object> line) {
    return line.get(STEP) instanceof Number number ? number.longValue() : 0;
  }
}
