package org.riglab.datasets.internal;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.riglab.api.RigException;
import org.riglab.images.Codes;
import org.riglab.images.ImageFiles;
import org.riglab.images.Pixels;

/**
 * Label maps as PNG files of codes with a declared meaning.
 *
 * @param labels by code; no other code may occur
 * @param kind of codes
 * @param table where the meaning is declared, for messages
 */
record CodedPng(Map<Integer, Integer> labels, Kind kind, Path table) implements LabelFormat {
  /** What a code is. */
  enum Kind {
    /** A palette index, or a grey value of at most 8 bits. */
    LABEL,
    /** A palette index, or a grey value of at most 16 bits. */
    NUMBER,
    /** 0xRRGGBB. */
    COLOUR
  }

  CodedPng {
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
  }

  @Override
  public Pixels read(Path file) {
    Codes codes = codes(file);
    byte[] values = new byte[codes.values().length];
    int last = -1;
    int label = -1;
    for (int i = 0; i < values.length; i++) {
      int code = codes.values()[i];
      if (code != last) {
        label = labels.getOrDefault(code, -1);
        last = code;
      }
      if (label < 0) {
        throw new RigException(
            "%s: %s in row %d, column %d means nothing, expected %s"
                .formatted(file, text(code), i / codes.width(), i % codes.width(), expected()));
      }
      values[i] = (byte) label;
    }
    return new Pixels(codes.height(), codes.width(), values);
  }

  private Codes codes(Path file) {
    return switch (kind) {
      case LABEL ->
          ImageFiles.codes(
              file,
              8,
              "indices: a palette or grey PNG of 8 bits. Declare what others mean in "
                  + table
                  + ": \"mapping\": {\"#804080\": \"road\"} for colours, {\"1000\": \"road\"} for"
                  + " 16 bits");
      case NUMBER -> ImageFiles.codes(file, 16, "numbers: a palette or grey PNG");
      case COLOUR -> ImageFiles.colours(file);
    };
  }

  private String expected() {
    return kind == Kind.LABEL
        ? "a class or void of " + table
        : "what \"mapping\" and \"void\" in %s list".formatted(table);
  }

  private String text(int code) {
    return kind == Kind.COLOUR ? "colour #%06x".formatted(code) : "value " + code;
  }

  /** Not where the table is: the same files elsewhere are the same data. */
  @Override
  public String toString() {
    return kind + " " + labels;
  }
}
