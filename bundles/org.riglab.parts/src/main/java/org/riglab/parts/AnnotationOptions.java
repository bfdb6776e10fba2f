package org.riglab.parts;

import java.lang.annotation.Annotation;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.util.converter.Converters;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;
import org.riglab.base.Names;
import org.riglab.parts.internal.OptionSet;
import org.riglab.parts.internal.OptionSet.Option;
import org.riglab.parts.internal.OptionType;

/**
 * The options of a provider, declared by an annotation type. Nothing here keeps the annotation
 * type: it would pin the provider's bundle.
 */
public final class AnnotationOptions {
  private AnnotationOptions() {}

  /**
   * @param what whose options, for error messages, for example {@code gate mul-sigmoid}
   * @param type the annotation type
   * @return the options, by name
   * @throws RigException if an option has a type that options cannot have, or no default
   */
  public static List<OptionInfo> describe(String what, Class<? extends Annotation> type) {
    return of(what, type).describe();
  }

  /**
   * Checks values against an annotation type.
   *
   * @param what whose options, for error messages
   * @param type the annotation type
   * @param values by option name, as JSON gives them or all as text
   * @return the options; {@link Options#as} checks again against the type it is given
   * @throws RigException if an option is unknown or has the wrong type
   */
  public static Options check(
      String what, Class<? extends Annotation> type, Map<String, ?> values) {
    return new Checked(what, given(what, type, values));
  }

  /**
   * Brings values into one form, so that equal options are written equally.
   *
   * @param what whose options, for error messages
   * @param type the annotation type
   * @param values by option name, as JSON gives them or all as text
   * @return the values that differ from the defaults, as JSON would give them, by written name
   * @throws RigException if an option is unknown or has the wrong type
   */
  public static Map<String, Object> normalise(
      String what, Class<? extends Annotation> type, Map<String, ?> values) {
    Map<String, Object> result = new TreeMap<>();
    of(what, type)
        .read(what, values)
        .forEach(
            (option, value) -> {
              if (!value.equals(option.defaultValue())) {
                result.put(option.name(), value);
              }
            });
    return result;
  }

  private static Map<String, Object> given(
      String what, Class<? extends Annotation> type, Map<String, ?> values) {
    Map<String, Object> result = new TreeMap<>();
    of(what, type).read(what, values).forEach((option, value) -> result.put(option.name(), value));
    return result;
  }

  private static OptionSet of(String what, Class<? extends Annotation> type) {
    List<Option> options = new ArrayList<>();
    for (Method method : type.getDeclaredMethods()) {
      if (method.isSynthetic() || method.getParameterCount() > 0) {
        continue;
      }
      String member = method.getName();
      // The converter reads more into these names than a method's name.
      if (member.equals("value") || member.contains("_") || member.contains("$")) {
        throw new RigException(
            what + " declares option '" + member + "': write it in camel case, and not as value()");
      }
      OptionType optionType =
          OptionType.of(method.getReturnType())
              .filter(t -> t.kind() != OptionType.Kind.PART)
              .orElseThrow(
                  () ->
                      new RigException(
                          what
                              + " declares option '"
                              + member
                              + "' as "
                              + method.getReturnType().getSimpleName()
                              + ": it must be int, long, double, boolean, String, an enum or an"
                              + " array of these"));
      Object declared = method.getDefaultValue();
      if (declared == null) {
        throw new RigException(what + " declares option '" + member + "' without a default");
      }
      Option option = new Option(member, Names.writtenOption(member), optionType, null);
      Object value = OptionSet.read(what, option, listed(declared));
      options.add(new Option(member, option.name(), optionType, value));
    }
    return OptionSet.sorted(options);
  }

  private static Object listed(Object value) {
    if (!value.getClass().isArray()) {
      return value;
    }
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < Array.getLength(value); i++) {
      list.add(Array.get(value, i));
    }
    return list;
  }

  private record Checked(String what, Map<String, Object> values) implements Options {
    @Override
    public <T extends Annotation> T as(Class<T> type) {
      OptionSet set = of(what, type);
      Map<String, Object> members = new LinkedHashMap<>();
      set.read(what, values)
          .forEach((option, value) -> members.put(option.member(), java(type, option, value)));
      if (set.options().isEmpty()) {
        // The converter makes an annotation without methods from its name only.
        members.put(Names.writtenOption(type.getSimpleName()).replace('_', '.'), true);
      }
      return Converters.standardConverter().convert(members).to(type);
    }

    // The converter cannot see the constants of an enum that is not public.
    private static Object java(Class<?> type, Option option, Object value) {
      if (option.type().choices().isEmpty()) {
        return value;
      }
      return value instanceof List<?> list
          ? list.stream().map(v -> constant(type, option, v)).toList()
          : constant(type, option, value);
    }

    private static Object constant(Class<?> type, Option option, Object written) {
      try {
        Class<?> member = type.getDeclaredMethod(option.member()).getReturnType();
        Class<?> choice = member.isArray() ? member.getComponentType() : member;
        return RecordOptions.constant(choice, option.type().choices().get(written));
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
