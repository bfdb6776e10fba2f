package org.riglab.losses.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.base.JsonKeys;

/**
 * Tables from classes to superclasses. A table is a JSON object: {@code superclasses} maps each
 * superclass to the names of its classes; {@code optional} lists classes that data may lack; {@code
 * source} says where the table comes from, and is not read. Case, blanks and punctuation of names
 * do not count.
 */
final class Superclasses {
  private static final List<String> BUILT_IN = List.of("camvid", "cocostuff10k", "voc2012");
  private static final List<String> KEYS = List.of("optional", "source", "superclasses");
  private static final int SHOWN = 3;

  private Superclasses() {}

  /**
   * @param option a built-in table or a file
   * @param classes of the data
   * @return the superclass of each class, from 0
   * @throws RigException if there is no such table, it is broken, or it does not fit the data
   */
  static List<Integer> of(String option, ClassTable classes) {
    return BUILT_IN.contains(option)
        ? superclasses(option, classes)
        : FileContents.read(Path.of(option), () -> superclasses(option, classes));
  }

  private static List<Integer> superclasses(String option, ClassTable classes) {
    String where = "coarse table " + option;
    Map<String, Object> json = json(option);
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, Integer> table = table(json, where, names);
    List<Integer> result = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Set<String> unknown = new HashSet<>(table.keySet());
    for (ClassTable.Entry entry : classes.entries()) {
      Integer superclass = table.get(key(entry.name()));
      unknown.remove(key(entry.name()));
      if (superclass == null) {
        missing.add(entry.name());
      }
      result.add(superclass);
    }
    strings(json.getOrDefault("optional", List.of()), where, "optional")
        .forEach(name -> unknown.remove(key(name)));
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      List<String> strange =
          names.entrySet().stream()
              .filter(name -> unknown.contains(name.getKey()))
              .map(Map.Entry::getValue)
              .toList();
      throw new RigException(
          "%s is for %d classes, the data have %d; %s%s%s"
              .formatted(
                  where,
                  table.size(),
                  classes.size(),
                  missing.isEmpty() ? "" : "it lacks " + shown(missing),
                  missing.isEmpty() || strange.isEmpty() ? "" : "; ",
                  strange.isEmpty() ? "" : "the data lack " + shown(strange)));
    }
    return dense(result, where);
  }

  private static Map<String, Object> json(String option) {
    if (BUILT_IN.contains(option)) {
      String resource = "superclasses/" + option + ".json";
      try (InputStream in = Superclasses.class.getResourceAsStream(resource)) {
        return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), resource);
      } catch (IOException e) {
        throw new IllegalStateException(resource, e); // it is in this bundle
      }
    }
    if (!Files.exists(Path.of(option))) {
      throw new RigException(
          "loss coarse-to-fine: option 'table' is '%s'; it must be %s or a file"
              .formatted(option, String.join(", ", BUILT_IN)));
    }
    return Json.read(Path.of(option));
  }

  /** Fills in the names as written, by key. */
  private static Map<String, Integer> table(
      Map<String, Object> json, String where, Map<String, String> names) {
    JsonKeys.check(where, json.keySet(), KEYS);
    if (!(json.get("superclasses") instanceof Map<?, ?> superclasses)) {
      throw new RigException(
          where + " has no 'superclasses', an object from each superclass to a list of classes");
    }
    Map<String, Integer> table = new LinkedHashMap<>();
    int number = 0;
    for (Map.Entry<?, ?> superclass : superclasses.entrySet()) {
      for (String name : strings(superclass.getValue(), where, superclass.getKey())) {
        if (table.put(key(name), number) != null) {
          throw new RigException("%s names class '%s' twice".formatted(where, name));
        }
        names.put(key(name), name);
      }
      number++;
    }
    return table;
  }

  private static List<String> strings(Object value, String where, Object key) {
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw new RigException("%s: '%s' must be a list of class names".formatted(where, key));
  }

  /** Superclasses of which the data have no class are left out. */
  private static List<Integer> dense(List<Integer> superclasses, String where) {
    List<Integer> used = superclasses.stream().distinct().sorted().toList();
    if (used.size() < 2) {
      throw new RigException(where + " has all classes in one superclass; two or more are needed");
    }
    return superclasses.stream().map(used::indexOf).toList();
  }

  private static String shown(List<String> names) {
    int more = names.size() - SHOWN;
    return "'"
        + String.join("', '", names.subList(0, Math.min(SHOWN, names.size())))
        + "'"
        + (more > 0 ? " and " + more + " more" : "");
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
  }
}
