package org.riglab.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which libtorch the process loads. DJL, JNA and libtorch take it from system properties that have
 * to be there before the first of their classes; nothing is loaded here.
 *
 * <p>No library path is needed: each CUDA build finds its libraries through its own run path, which
 * is its folder, or that of the packages beside it in a Python environment.
 */
final class NativeEngine {
  /** Configuration of the engine: {@code rig gpu setup} writes it, a feature may have one. */
  private static final String PID = "org.riglab.engine";

  /** Tells the bundles why the engine that is configured is not used. */
  private static final String PROBLEM = "riglab.engine.problem";

  private static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";
  private static final String CACHE = "ENGINE_CACHE_DIR";

  private final Path distribution;
  private final Path home;
  private final Function<String, String> environment;

  NativeEngine(Path distribution, Path home, Function<String, String> environment) {
    this.distribution = distribution;
    this.home = home;
    this.environment = environment;
  }

  /**
   * Sets the system properties.
   *
   * @param configurations properties by PID
   * @return why the engine that is configured cannot be used; empty if it can, or none is
   * @throws StartException if the configuration is not sound
   */
  Optional<String> apply(Map<String, Map<String, Object>> configurations) throws StartException {
    // The CPU's libraries, and DJL's own; without this, they go to ~/.djl.ai.
    if (Stream.of(CACHE, "DJL_CACHE_DIR").allMatch(name -> environment.apply(name) == null)) {
      System.setProperty(CACHE, home.resolve("cache/engine").toString());
    }
    Map<String, Object> engine = configurations.getOrDefault(PID, Map.of());
    // What the environment says, DJL takes before any property.
    if (environment.apply(LIBRARY_PATH) != null || !text(engine, "build").equals("cuda")) {
      return Optional.empty();
    }
    Path libraries = folder(engine, "libraries");
    Path cudart = folder(engine, "cudart");
    for (Path file :
        new Path[] {libraries.resolve("libtorch_cuda.so"), cudart.resolve("libcudart.so.12")}) {
      if (!Files.isReadable(file)) {
        String problem = "the CUDA engine has no " + file;
        System.setProperty(PROBLEM, problem);
        return Optional.of(problem);
      }
    }
    System.setProperty(LIBRARY_PATH, libraries.toString());
    System.setProperty("PYTORCH_VERSION", required(engine, "version"));
    System.setProperty("PYTORCH_FLAVOR", required(engine, "flavor"));
    System.setProperty("PYTORCH_LIBRARY_EXCLUSION", joined(engine, "excluded"));
    System.setProperty("riglab.engine.architectures", joined(engine, "architectures"));
    System.setProperty("jna.library.path", cudart.toString());
    return Optional.empty();
  }

  private Path folder(Map<String, Object> engine, String name) throws StartException {
    return distribution.resolve(required(engine, name)).normalize();
  }

  private static String required(Map<String, Object> engine, String name) throws StartException {
    String value = text(engine, name);
    if (value.isEmpty()) {
      throw new StartException(
          "configuration %s has no '%s'; 'rig gpu setup' writes a new one".formatted(PID, name));
    }
    return value;
  }

  private static String text(Map<String, Object> engine, String name) {
    return engine.get(name) instanceof String text ? text : "";
  }

  /** Configuration files have arrays, features have lists. */
  private static String joined(Map<String, Object> engine, String name) {
    Object value = engine.get(name);
    Stream<?> values =
        value instanceof Object[] array
            ? Stream.of(array)
            : value instanceof Collection<?> list ? list.stream() : Stream.empty();
    return values.map(Object::toString).collect(Collectors.joining(","));
  }
}
