package org.riglab.parts;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartSpec;
import org.riglab.base.Names;
import org.riglab.parts.internal.OptionType;

/** Parts in writing: {@code resnet:layers=2,2,2,2:width=32}, or a map with a {@code name}. */
public final class PartSpecs {
  private PartSpecs() {}

  /**
   * @param given a text {@code NAME:OPTION=VALUE:...}, or a map with {@code name} and options
   * @return the part; its options are not checked
   * @throws RigException if it is neither
   */
  public static PartSpec read(Object given) {
    if (given instanceof String text) {
      return parse(text);
    }
    if (!(given instanceof Map<?, ?> map)
        || !(map.get("name") instanceof String name)
        || name.isBlank()) {
      throw new RigException("a part is NAME:OPTION=VALUE or an object with a name, not " + given);
    }
    Map<String, Object> options = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> {
          if (!key.equals("name")) {
            options.put(Names.writtenOption((String) key), value);
          }
        });
    return new PartSpec(name, options);
  }

  private static PartSpec parse(String text) {
    String[] words = text.trim().split(":", -1);
    if (words[0].isBlank()) {
      throw new RigException("a part is NAME:OPTION=VALUE, not '" + text + "'");
    }
    Map<String, Object> options = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals < 1) {
        throw new RigException(
            "'" + words[i] + "' in '" + text + "' is no option; options are written NAME=VALUE");
      }
      String option = Names.writtenOption(words[i].substring(0, equals).trim());
      if (options.put(option, words[i].substring(equals + 1)) != null) {
        throw new RigException("option '" + option + "' is given twice in '" + text + "'");
      }
    }
    return new PartSpec(words[0], options);
  }

  /**
   * @param part a part
   * @return its text form
   */
  public static String write(PartSpec part) {
    return part.options().entrySet().stream()
        .map(e -> ":" + e.getKey() + "=" + OptionType.write(e.getValue()))
        .collect(Collectors.joining("", part.name(), ""));
  }

  /**
   * @param part a part
   * @return its form in JSON: {@code name}, then the options
   */
  public static Map<String, Object> map(PartSpec part) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", part.name());
    map.putAll(part.options());
    return map;
  }
}
