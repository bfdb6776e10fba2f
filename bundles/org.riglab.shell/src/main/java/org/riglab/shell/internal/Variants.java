package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;

/**
 * What two variants of a network shall have: one or two values per option, two for one at least.
 */
final class Variants {
  /** Between two parts: a name begins with a letter, the elements of an option's list do not. */
  private static final String COMMA = ",(?=[A-Za-z])";

  private final Map<String, List<String>> options = new LinkedHashMap<>();

  Variants(Optional<String> gate, Optional<String> unroll, Optional<String> iterations) {
    gate.ifPresent(value -> put("gate", value, COMMA));
    unroll.ifPresent(value -> put("unroll", value, COMMA));
    iterations.ifPresent(value -> put("iterations", value, ","));
    if (options.values().stream().noneMatch(values -> !values.get(0).equals(values.get(1)))) {
      throw Usage.wrong(
          "both variants are the same; use two different ones, for example --gate"
              + " mul-sigmoid,add-relu");
    }
  }

  private void put(String option, String value, String separator) {
    List<String> values = new ArrayList<>(List.of(value.split(separator, -1)));
    if (values.size() == 1) {
      values.add(value);
    }
    if (values.size() != 2 || values.stream().anyMatch(String::isBlank)) {
      throw Usage.wrong(
          "--" + option + " requires two values separated by a comma, not '" + value + "'");
    }
    options.put(option, values.stream().map(String::strip).toList());
  }

  private Optional<String> value(String option, int variant) {
    return Optional.ofNullable(options.get(option)).map(values -> values.get(variant));
  }

  /** The spec of one of them, 0 or 1. */
  NetworkSpec of(NetworkSpec spec, int variant, Networks networks) {
    return new Specs.Changes(
            Optional.empty(),
            Optional.empty(),
            value("gate", variant),
            value("unroll", variant),
            Optional.empty(),
            value("iterations", variant).map(Variants::number),
            Optional.empty())
        .applied(spec, networks);
  }

  private static int number(String word) {
    try {
      return Integer.parseInt(word);
    } catch (NumberFormatException e) {
      throw Usage.wrong("--iterations: '" + word + "' is not a number");
    }
  }

  /** What to call them: the values in which they differ. */
  List<String> titles() {
    List<String> titles = new ArrayList<>();
    for (int variant = 0; variant < 2; variant++) {
      List<String> words = new ArrayList<>();
      for (Map.Entry<String, List<String>> option : options.entrySet()) {
        List<String> values = option.getValue();
        if (!values.get(0).equals(values.get(1))) {
          words.add(
              option.getKey().equals("iterations")
                  ? "u=" + values.get(variant)
                  : values.get(variant));
        }
      }
      titles.add(String.join(" ", words));
    }
    return titles;
  }
}
