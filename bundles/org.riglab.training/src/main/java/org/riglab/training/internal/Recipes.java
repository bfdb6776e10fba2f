package org.riglab.training.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Trainer;
import org.riglab.base.FileContents;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.Names;

/**
 * Named settings of a training. {@code default} is for training from scratch on small data; {@code
 * deeplabv2} is that of Chen et al. (TPAMI 2018), for pretrained backbones with frozen batch norm.
 * A file {@code recipes/NAME.json} in the home adds one, or replaces one of these; it says only
 * what differs from the default, and perhaps {@code about}. Any other file is a recipe by its path,
 * which ends in {@code .json}.
 *
 * @param directory the home's {@code recipes}; need not exist
 */
record Recipes(Path directory) {
  static final String DEFAULT = "default";
  private static final List<String> BUILT_IN = List.of(DEFAULT, "deeplabv2");
  private static final String SUFFIX = ".json";
  private static final String ABOUT = "about";

  /**
   * @return all names, sorted
   */
  List<String> names() {
    TreeSet<String> names = new TreeSet<>(BUILT_IN);
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(SUFFIX))
            .forEach(name -> names.add(name.substring(0, name.length() - SUFFIX.length())));
      } catch (IOException e) {
        throw FileFailures.reading(directory, e);
      }
    }
    return List.copyOf(names);
  }

  /**
   * @param name of a recipe, or its file
   * @return the options that it sets, over those of the default recipe
   * @throws RigException if there is no such recipe, or its file is broken
   */
  Map<String, Object> read(String name) {
    Map<String, Object> values = builtIn(DEFAULT);
    values.remove(ABOUT);
    Map<String, Object> own = own(name);
    Plans.adoptLength(values, own);
    return Spelling.over(values, own);
  }

  /**
   * @return all recipes that have a name
   */
  List<Trainer.Recipe> all() {
    return names().stream().map(this::recipe).toList();
  }

  /**
   * @param name of a recipe, or its file
   * @return the recipe, its options as written
   * @throws RigException if there is no such recipe, or its file is broken
   */
  Trainer.Recipe recipe(String name) {
    Map<String, Object> json = json(name);
    Object about = json.remove(ABOUT);
    return new Trainer.Recipe(
        name,
        about == null ? "" : about.toString(),
        file(name).map(Path::toString).orElse(""),
        json);
  }

  /**
   * @param name of a recipe, or its file
   * @return the options that it sets over the built-in default recipe, by written name
   * @throws RigException if there is no such recipe, or its file is broken
   */
  Map<String, Object> own(String name) {
    Map<String, Object> own = new LinkedHashMap<>();
    if (name.equals(DEFAULT) && file(name).isEmpty()) {
      return own;
    }
    json(name).forEach((option, value) -> own.put(Names.writtenOption(option), value));
    own.remove(ABOUT);
    if (own.keySet().removeAll(Set.of("network", "recipe"))) {
      throw new RigException(
          "recipe '%s' contains the option 'network' or 'recipe'; all other options of a training are allowed"
              .formatted(name));
    }
    return own;
  }

  private Map<String, Object> json(String name) {
    return file(name)
        .map(file -> FileContents.read(file, () -> Json.read(file)))
        .orElseGet(
            () -> {
              if (BUILT_IN.contains(name)) {
                return builtIn(name);
              }
              throw new RigException(
                  RigException.Kind.NOT_FOUND,
                  "there is no recipe '%s'; there are %s, and files that end in %s"
                      .formatted(name, String.join(", ", names()), SUFFIX));
            });
  }

  private Optional<Path> file(String name) {
    if (isFile(name)) {
      return Optional.of(Path.of(name));
    }
    return Optional.of(directory.resolve(name + SUFFIX))
        .filter(file -> name.matches("[\\w.-]+") && Files.isRegularFile(file));
  }

  static boolean isFile(String name) {
    return name.endsWith(SUFFIX);
  }

  /**
   * @param name of a recipe, or its file
   * @return the same, a file with its absolute path
   */
  static String absolute(String name) {
    return isFile(name) ? Path.of(name).toAbsolutePath().normalize().toString() : name;
  }

  private static Map<String, Object> builtIn(String name) {
    try (InputStream in = Recipes.class.getResourceAsStream("recipes/" + name + SUFFIX)) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "recipe " + name);
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot read recipe " + name + ": " + FileFailures.reason(e), e);
    }
  }
}
