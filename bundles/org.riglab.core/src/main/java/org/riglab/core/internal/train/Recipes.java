package org.riglab.core.internal.train;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.core.internal.options.Json;
import org.riglab.core.internal.tensors.AtomicFile;

/**
 * Named settings of a training. {@code default} is for training from scratch on small data; {@code
 * deeplabv2} is that of Chen et al. (2017), for pretrained backbones with frozen batch norm. A file
 * {@code recipes/NAME.json} in the home adds one, or replaces one of these; it says only what
 * differs from the default.
 *
 * @param directory the home's {@code recipes}; need not exist
 */
record Recipes(Path directory) {
  static final String DEFAULT = "default";
  private static final List<String> BUILT_IN = List.of(DEFAULT, "deeplabv2");
  private static final String SUFFIX = ".json";

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
        throw new RigException("cannot list " + directory + ": " + AtomicFile.reason(e), e);
      }
    }
    return List.copyOf(names);
  }

  /**
   * @param name of a recipe
   * @return the options that it sets, over those of the default recipe
   * @throws RigException if there is no such recipe, or its file is broken
   */
  Map<String, Object> read(String name) {
    Map<String, Object> values = new LinkedHashMap<>(builtIn(DEFAULT));
    Map<String, Object> own = own(name);
    Plans.adoptLength(values, own);
    values.putAll(own);
    return values;
  }

  private Map<String, Object> own(String name) {
    Path file = directory.resolve(name + SUFFIX);
    if (name.matches("[\\w.-]+") && Files.isRegularFile(file)) {
      return Json.read(file);
    }
    if (BUILT_IN.contains(name)) {
      return builtIn(name);
    }
    throw new RigException(
        "there is no recipe '%s'; there are %s".formatted(name, String.join(", ", names())));
  }

  private static Map<String, Object> builtIn(String name) {
    try (InputStream in = Recipes.class.getResourceAsStream("recipes/" + name + SUFFIX)) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "recipe " + name);
    } catch (IOException e) {
      throw new RigException("cannot read recipe " + name + ": " + AtomicFile.reason(e), e);
    }
  }
}
