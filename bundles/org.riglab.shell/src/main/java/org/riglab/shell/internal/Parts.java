package org.riglab.shell.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartSpec;

/** Parts as they are typed: {@code resnet:width=16:layers=2,2,2,2}. */
final class Parts {
  private Parts() {}

  /**
   * @param text name, then options, with colons between them and commas within lists
   * @return the part; the values are text, since their types depend on the part
   * @throws RigException if an option has no name or value, or is given twice
   */
  static PartSpec parse(String text) {
    String[] words = text.strip().split(":", -1);
    Map<String, Object> options = new TreeMap<>();
    for (String word : List.of(words).subList(1, words.length)) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw malformed(text, "'" + word + "' is not OPTION=VALUE");
      }
      String option = word.substring(0, equals).replace('-', '_');
      if (options.put(option, word.substring(equals + 1)) != null) {
        throw malformed(text, option + " is given twice");
      }
    }
    if (words[0].isBlank()) {
      throw malformed(text, "the name is missing");
    }
    return new PartSpec(words[0], options);
  }

  /**
   * @param text parts with commas between them, so that no option can be a list
   * @return the parts
   */
  static List<PartSpec> list(String text) {
    return Arrays.stream(text.split(",")).map(Parts::parse).toList();
  }

  private static RigException malformed(String text, String why) {
    return Usage.wrong(
        "part '"
            + text
            + "': "
            + why
            + "; write NAME:OPTION=VALUE:..., for example resnet:width=16:layers=2,2,2,2");
  }

  /**
   * @param part any
   * @return as it is typed
   */
  static String text(PartSpec part) {
    return part.options().entrySet().stream()
        .map(e -> ":" + e.getKey() + "=" + text(e.getValue()))
        .collect(Collectors.joining("", part.name(), ""));
  }

  private static String text(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(value);
  }
}
