package org.riglab.web.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The path of a request as it was sent, before any server's idea of what it means. */
final class RawPath {
  private static final int LONGEST = 1024;

  private RawPath() {}

  /**
   * Splits a path into segments and decodes each once.
   *
   * @param uri raw path, starting with a slash
   * @return the segments; none for the root
   * @throws Refusal 400 where a segment could be read in two ways: dot segments, encoded slashes,
   *     backslashes, path parameters, control characters, bad or double encoding
   */
  static List<String> segments(String uri) {
    if (uri == null || !uri.startsWith("/") || uri.length() > LONGEST) {
      throw new Refusal(400, "the path is not one");
    }
    List<String> segments = new ArrayList<>();
    if (uri.length() == 1) {
      return segments;
    }
    for (String raw : uri.substring(1).split("/", -1)) {
      String segment = decode(raw);
      boolean odd =
          segment.isEmpty()
              || segment.equals(".")
              || segment.equals("..")
              || segment.chars().anyMatch(c -> c < ' ' || c == 127 || "/\\;%".indexOf(c) >= 0);
      if (odd) {
        throw new Refusal(400, "the path has a segment that names nothing");
      }
      segments.add(segment);
    }
    return segments;
  }

  private static String decode(String raw) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        boolean whole = i + 2 < raw.length();
        int high = whole ? Character.digit(raw.charAt(i + 1), 16) : -1;
        int low = whole ? Character.digit(raw.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw new Refusal(400, "the path is badly encoded");
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else if (c < 128) {
        bytes.write(c);
      } else {
        throw new Refusal(400, "the path is badly encoded");
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Refusal(400, "the path is badly encoded");
    }
  }
}
