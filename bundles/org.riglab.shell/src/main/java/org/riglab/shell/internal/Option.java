package org.riglab.shell.internal;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.bench.OptionInfo;

/**
 * An option of a command.
 *
 * @param names as typed, for example {@code -j} and {@code --json}; the long one last
 * @param value placeholder of the value in the help; empty for a flag
 * @param about one line
 * @param defaultValue value without the option; empty for none
 * @param index of the method's parameter that gets the value; -1 as long as no method is known
 * @param setting the key under which a value goes into the parameter's map; empty if the parameter
 *     is the value
 * @param choices the allowed values; empty if there are others
 * @param number whether the value is a number
 */
record Option(
    List<String> names,
    String value,
    String about,
    String defaultValue,
    int index,
    String setting,
    List<String> choices,
    boolean number) {

  private static final Pattern VALUE_NAME =
      Pattern.compile("([A-Z][-+./=,A-Za-z]{0,23}|[^\\s|]+([|][^\\s|]+)+): (.+)", Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("(list of )?(int|number)");

  /**
   * @param info a setting
   * @param shortName one letter; empty for none
   * @param descriptor see {@link #named}; empty for none
   * @return an option for the setting
   */
  static Option of(OptionInfo info, String shortName, String descriptor) {
    String longName = "--" + info.name().replace('_', '-');
    String value =
        info.allowed().isEmpty() ? info.type().replace(' ', '-') : String.join("|", info.allowed());
    return new Option(
            shortName.isEmpty() ? List.of(longName) : List.of("-" + shortName, longName),
            value,
            "",
            info.defaultValue(),
            -1,
            info.name(),
            info.type().equals("boolean") ? List.of("true", "false") : info.allowed(),
            NUMBER.matcher(info.type()).matches())
        .named(descriptor);
  }

  /**
   * @param descriptor text of the help; may start with the name of the value: {@code "HxW: size of
   *     the image"}
   * @return the option with that text
   */
  Option named(String descriptor) {
    Matcher matcher = VALUE_NAME.matcher(descriptor);
    if (flag() || !matcher.matches()) {
      return new Option(names, value, descriptor, defaultValue, index, setting, choices, number);
    }
    String shown = matcher.group(1);
    List<String> listed =
        choices.isEmpty() && shown.indexOf('|') > 0 ? List.of(shown.split("\\|")) : choices;
    return new Option(names, shown, matcher.group(3), defaultValue, index, setting, listed, number);
  }

  /**
   * @param parameter index of the method's parameter that gets the value
   * @return the option of that method
   */
  Option at(int parameter) {
    return new Option(names, value, about, defaultValue, parameter, setting, choices, number);
  }

  /**
   * @return the long name
   */
  String name() {
    return names.get(names.size() - 1);
  }

  /**
   * @return whether it has no value
   */
  boolean flag() {
    return value.isEmpty();
  }
}
