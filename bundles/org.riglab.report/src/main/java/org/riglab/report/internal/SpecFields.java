package org.riglab.report.internal;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.api.bench.PartSpec;

/** A spec as names and values for people. */
final class SpecFields {
  private SpecFields() {}

  /**
   * @param spec a record of the api
   * @return its components in order, those of nested records among them; empty ones are left out
   */
  static Map<String, String> of(Record spec) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (RecordComponent component : spec.getClass().getRecordComponents()) {
      try {
        Object value = component.getAccessor().invoke(spec);
        if (value instanceof Record nested && !(value instanceof PartSpec)) {
          fields.putAll(of(nested));
        } else if (!text(value).isEmpty()) {
          fields.put(words(component.getName()), text(value));
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return fields;
  }

  private static String text(Object value) {
    if (value instanceof PartSpec part) {
      return part.options().isEmpty()
          ? part.name()
          : part.options().entrySet().stream()
              .map(e -> e.getKey() + " " + text(e.getValue()))
              .collect(Collectors.joining(", ", part.name() + " (", ")"));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(SpecFields::text).collect(Collectors.joining(", "));
    }
    if (value instanceof Enum<?> constant) {
      return words(constant.name());
    }
    return String.valueOf(value);
  }

  /**
   * @param name of a component or a constant, for example batchNorm or PER_ITERATION
   * @return in words, for example batch norm, per iteration
   */
  static String words(String name) {
    return name.equals(name.toUpperCase(Locale.ROOT))
        ? name.toLowerCase(Locale.ROOT).replace('_', ' ')
        : name.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
  }
}
