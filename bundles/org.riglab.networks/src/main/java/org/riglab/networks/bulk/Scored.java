package org.riglab.networks.bulk;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.riglab.api.data.ClassTable;

/**
 * An image whose label map is written.
 *
 * @param image its name
 * @param height in pixels
 * @param width in pixels
 * @param iterations that were computed
 * @param confidence mean of the largest class probability
 * @param entropy mean entropy of the class probabilities, in nats
 * @param pixels how many have each label
 */
public record Scored(
    String image,
    int height,
    int width,
    int iterations,
    double confidence,
    double entropy,
    List<Long> pixels) {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /**
   * @return JSON on one line
   */
  String line() {
    return GSON.toJson(this);
  }

  /**
   * @param line of {@link #line()}, or what a process that was killed has written of it
   * @return the image; empty if the line is not complete
   */
  static Optional<Scored> parse(String line) {
    try {
      Scored scored = line.endsWith("}") ? GSON.fromJson(line, Scored.class) : null;
      return Optional.ofNullable(scored).filter(s -> s.image != null && s.pixels != null);
    } catch (JsonParseException e) {
      return Optional.empty();
    }
  }

  /** The first row of a table. */
  static String header(ClassTable classes) {
    return "image,height,width,iterations,confidence,entropy,"
        + classes.entries().stream()
            .map(entry -> quoted(entry.name()))
            .collect(Collectors.joining(","));
  }

  /** A row of a table: the shares of the classes are the last columns. */
  String row() {
    double all = (double) height * width;
    return String.format(
            Locale.ROOT,
            "%s,%d,%d,%d,%.5f,%.5f,",
            quoted(image),
            height,
            width,
            iterations,
            confidence,
            entropy)
        + pixels.stream()
            .map(count -> String.format(Locale.ROOT, "%.5f", count / all))
            .collect(Collectors.joining(","));
  }

  /** A field as in RFC 4180. */
  static String quoted(String text) {
    return text.matches("(?s).*[\",\r\n].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
