package org.riglab.datasets.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.base.FileContents;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.JsonKeys;
import org.riglab.base.Names;
import org.riglab.base.Visible;

/**
 * What a person says about a folder of images.
 *
 * @param classes by label
 * @param format of the label maps
 * @param images directory of images
 * @param labels directory of label maps
 * @param labelSuffix what the names of label maps have and those of images have not
 * @param splits by name: a list of images, or empty for a sub-folder of both directories. No split
 *     at all stands for a single one of everything
 */
record FolderTable(
    ClassTable classes,
    LabelFormat format,
    Path images,
    Path labels,
    String labelSuffix,
    Map<String, Optional<Path>> splits) {

  /**
   * Reads a table.
   *
   * @param file JSON
   * @param root to which its paths are relative
   * @return the table
   * @throws RigException if it is missing or wrong; its message states where and what is expected
   */
  static FolderTable read(Path file, Path root) {
    return FileContents.read(file, () -> new Parser(file, root).table());
  }

  private static final class Parser {
    private static final Set<String> KEYS =
        new TreeSet<>(
            List.of("classes", "void", "mapping", "images", "labels", "label_suffix", "splits"));
    private static final Pattern COLOUR = Pattern.compile("#[0-9a-fA-F]{6}");
    private static final String CLASS = "{\"name\": \"road\", \"colour\": \"#804080\"}";

    private final Path file;
    private final Path root;
    private final JsonObject json;

    Parser(Path file, Path root) {
      this.file = file;
      this.root = root;
      this.json = json(file);
    }

    private static JsonObject json(Path file) {
      try {
        String text = Files.readString(file);
        // A byte order mark, as some editors write it
        String plain = text.startsWith("\ufeff") ? text.substring(1) : text;
        if (plain.isBlank()) {
          throw new RigException(file + ": empty, expected a table of classes as JSON");
        }
        return Json.tree(Json.parse(plain, file.toString())).getAsJsonObject();
      } catch (NoSuchFileException e) {
        throw new RigException(
            file + ": no such file, expected the table of classes (option table names another)", e);
      } catch (CharacterCodingException e) {
        throw new RigException(file + ": not UTF-8 text, expected a table of classes as JSON", e);
      } catch (IOException e) {
        throw FileFailures.reading(file, e);
      }
    }

    FolderTable table() {
      JsonKeys.check(file.toString(), json.keySet(), KEYS);
      ClassTable classes = classes();
      return new FolderTable(
          classes,
          format(classes),
          path("images", text("images", "images")),
          path("labels", text("labels", "labels")),
          text("label_suffix", ""),
          splits());
    }

    private ClassTable classes() {
      List<ClassTable.Entry> entries = new ArrayList<>();
      Set<String> names = new TreeSet<>();
      for (JsonElement element : array("classes", json.get("classes"))) {
        String where = "classes[%d]".formatted(entries.size());
        if (!element.isJsonObject()
            || !Set.of("name", "colour").containsAll(element.getAsJsonObject().keySet())) {
          throw wrong(where + " is " + element, "for example " + CLASS);
        }
        JsonElement name = element.getAsJsonObject().get("name");
        if (name == null || !isText(name) || name.getAsString().isBlank()) {
          throw wrong(where + " has no name", "for example " + CLASS);
        }
        if (!Names.printable(name.getAsString())) {
          throw wrong(
              "the name of %s is '%s'".formatted(where, Names.shown(name.getAsString())),
              "one line of printable characters");
        }
        if (!names.add(name.getAsString())) {
          throw wrong("class \"%s\" is there twice".formatted(name.getAsString()), "other names");
        }
        JsonElement colour = element.getAsJsonObject().get("colour");
        if (colour != null && !isColour(colour)) {
          throw wrong("colour of %s is %s".formatted(where, colour), "for example \"#804080\"");
        }
        entries.add(
            new ClassTable.Entry(
                name.getAsString(),
                colour == null ? VocColours.of(entries.size()) : rgb(colour.getAsString())));
      }
      if (!ClassTable.allows(entries.size())) {
        throw wrong(
            entries.size() == 1 ? "1 class" : entries.size() + " classes",
            "%d to %d; a binary task has two, for example background and object"
                .formatted(ClassTable.LEAST, ClassTable.MOST));
      }
      return new ClassTable(entries);
    }

    private LabelFormat format(ClassTable classes) {
      Map<Integer, Integer> labels = new HashMap<>();
      JsonElement mapping = json.get("mapping");
      CodedPng.Kind kind;
      if (mapping == null) {
        kind = CodedPng.Kind.LABEL;
        for (int c = 0; c < classes.size(); c++) {
          labels.put(c, c);
        }
      } else if (isText(mapping) && mapping.getAsString().equals("colours")) {
        kind = CodedPng.Kind.COLOUR;
        for (int c = 0; c < classes.size(); c++) {
          if (labels.put(classes.entries().get(c).rgb(), c) != null) {
            throw wrong(
                "two classes have colour #%06x".formatted(classes.entries().get(c).rgb()),
                "another colour for each, since \"mapping\" is \"colours\"");
          }
        }
      } else if (mapping.isJsonObject() && !mapping.getAsJsonObject().isEmpty()) {
        JsonObject codes = mapping.getAsJsonObject();
        boolean colours = codes.keySet().iterator().next().startsWith("#");
        kind = colours ? CodedPng.Kind.COLOUR : CodedPng.Kind.NUMBER;
        codes.entrySet().forEach(e -> map(labels, colours, e, classes));
      } else {
        throw wrong(
            "mapping is " + mapping,
            "\"colours\", or an object as {\"7\": \"road\"} or {\"#804080\": \"road\"}");
      }
      voids(labels, kind, classes.size());
      return new CodedPng(labels, kind, file);
    }

    private void map(
        Map<Integer, Integer> labels,
        boolean colours,
        Map.Entry<String, JsonElement> entry,
        ClassTable classes) {
      List<String> names = classes.entries().stream().map(ClassTable.Entry::name).toList();
      int label = isText(entry.getValue()) ? names.indexOf(entry.getValue().getAsString()) : -1;
      if (label < 0) {
        throw wrong(
            "mapping of %s is %s".formatted(entry.getKey(), entry.getValue()),
            "one of the classes: " + String.join(", ", names));
      }
      labels.put(code(colours, entry.getKey(), "mapping"), label);
    }

    /** Where nothing is said, 255 is void among numbers, and no colour is. */
    private void voids(Map<Integer, Integer> labels, CodedPng.Kind kind, int classes) {
      boolean colours = kind == CodedPng.Kind.COLOUR;
      JsonElement declared = json.get("void");
      if (declared == null) {
        if (!colours) {
          labels.putIfAbsent(Dataset.VOID, Dataset.VOID);
        }
        return;
      }
      for (JsonElement element : array("void", declared)) {
        String text = element.isJsonPrimitive() ? element.getAsString() : element.toString();
        Integer before = labels.put(code(colours, text, "void"), Dataset.VOID);
        if (before != null && before != Dataset.VOID) {
          throw wrong(
              "%s is void and class %d".formatted(text, before),
              kind == CodedPng.Kind.LABEL ? "a number of %d or more".formatted(classes) : "one");
        }
      }
    }

    private int code(boolean colour, String text, String where) {
      if (colour && COLOUR.matcher(text).matches()) {
        return rgb(text);
      }
      if (!colour && text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 0xffff) {
        return Integer.parseInt(text);
      }
      throw wrong(
          "%s in %s".formatted(text, where),
          colour ? "colours as #804080" : "whole numbers from 0 to 65535");
    }

    private Path path(String what, String text) {
      try {
        return root.resolve(text);
      } catch (InvalidPathException e) {
        throw wrong(what + " is \"" + Visible.line(text) + "\"", "the name of a file or directory");
      }
    }

    private Map<String, Optional<Path>> splits() {
      Map<String, Optional<Path>> splits = new LinkedHashMap<>();
      JsonElement declared = json.get("splits");
      if (declared == null) {
        return splits;
      }
      if (declared.isJsonObject()) {
        for (Map.Entry<String, JsonElement> entry : declared.getAsJsonObject().entrySet()) {
          if (!isText(entry.getValue())) {
            throw wrong("split %s is %s".formatted(entry.getKey(), entry.getValue()), "a file");
          }
          splits.put(
              entry.getKey(),
              Optional.of(path("split " + entry.getKey(), entry.getValue().getAsString())));
        }
      } else {
        for (JsonElement name : array("splits", declared)) {
          if (!isText(name)) {
            throw wrong("split is " + name, "the name of a sub-folder");
          }
          splits.put(name.getAsString(), Optional.empty());
        }
      }
      if (splits.isEmpty()) {
        throw wrong("no splits", "at least one, or no key \"splits\" for all images");
      }
      return splits;
    }

    private JsonArray array(String key, JsonElement value) {
      if (value == null || !value.isJsonArray()) {
        throw wrong(key + " is " + (value == null ? "missing" : value), "a list in brackets");
      }
      return value.getAsJsonArray();
    }

    private String text(String key, String absent) {
      JsonElement value = json.get(key);
      if (value == null) {
        return absent;
      }
      if (!isText(value)) {
        throw wrong(key + " is " + value, "a text");
      }
      return value.getAsString();
    }

    private static boolean isText(JsonElement element) {
      return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
    }

    private static boolean isColour(JsonElement element) {
      return isText(element) && COLOUR.matcher(element.getAsString()).matches();
    }

    private static int rgb(String colour) {
      return Integer.parseInt(colour.substring(1), 16);
    }

    private RigException wrong(String what, String right) {
      return new RigException("%s: %s, expected %s".formatted(file, what, right));
    }
  }
}
