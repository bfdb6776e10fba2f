package org.riglab.launcher;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.service.feature.Feature;
import org.osgi.service.feature.FeatureBundle;
import org.osgi.service.feature.FeatureConfiguration;
import org.osgi.service.feature.FeatureExtension;
import org.osgi.service.feature.FeatureService;
import org.osgi.service.feature.ID;

/**
 * What a set of feature files (OSGi Compendium R8, chapters 159 and 160) asks for, in the order of
 * the files.
 *
 * @param bundles each artifact once
 * @param configurations properties by PID, {@code factory~name} for factory configurations
 * @param framework framework launching properties
 */
public record Features(
    List<Artifact> bundles,
    Map<String, Map<String, Object>> configurations,
    Map<String, String> framework) {
  private static final String LAUNCHING_PROPERTIES = "framework-launching-properties";
  private static final String START_LEVEL = "bundleStartLevel";

  /**
   * A bundle of a feature.
   *
   * @param id {@code group:artifact:version}
   * @param path in a Maven repository layout
   * @param startLevel 1 or more
   * @param feature the feature's name, for messages
   */
  public record Artifact(String id, String path, int startLevel, String feature) {}

  /**
   * @return the names of the features that have bundles
   */
  Set<String> names() {
    return bundles.stream().map(Artifact::feature).collect(Collectors.toSet());
  }

  /**
   * Reads features.
   *
   * @param directory where the feature files are
   * @param names file names without {@code .json}
   * @throws StartException naming the file, if one is missing or wrong
   */
  public static Features read(Path directory, List<String> names) throws StartException {
    FeatureService service =
        ServiceLoader.load(FeatureService.class, Features.class.getClassLoader())
            .findFirst()
            .orElseThrow(() -> new StartException("no Feature Service on the class path"));
    Map<String, Artifact> bundles = new LinkedHashMap<>();
    Map<String, Map<String, Object>> configurations = new LinkedHashMap<>();
    Map<String, String> framework = new LinkedHashMap<>();
    for (String name : names) {
      Path file = directory.resolve(name + ".json");
      if (!Files.isRegularFile(file)) {
        throw new StartException("feature " + name + " is missing: no file " + file);
      }
      try (Reader reader = Files.newBufferedReader(file)) {
        Feature feature = service.readFeature(reader);
        for (FeatureBundle bundle : feature.getBundles()) {
          Artifact artifact = artifact(bundle, name);
          bundles.putIfAbsent(artifact.id(), artifact);
        }
        for (FeatureConfiguration configuration : feature.getConfigurations().values()) {
          configurations.put(configuration.getPid(), configuration.getValues());
        }
        FeatureExtension extension = feature.getExtensions().get(LAUNCHING_PROPERTIES);
        if (extension != null) {
          framework.putAll(strings(extension.getJSON()));
        }
      } catch (IOException | RuntimeException e) {
        throw new StartException("feature file " + file + ": " + e.getMessage(), e);
      }
    }
    return new Features(new ArrayList<>(bundles.values()), configurations, framework);
  }

  private static Artifact artifact(FeatureBundle bundle, String feature) {
    ID id = bundle.getID();
    String file =
        id.getArtifactId()
            + "-"
            + id.getVersion()
            + id.getClassifier().map(c -> "-" + c).orElse("")
            + "."
            + id.getType().orElse("jar");
    String path =
        String.join(
            "/", id.getGroupId().replace('.', '/'), id.getArtifactId(), id.getVersion(), file);
    Object level = bundle.getMetadata().getOrDefault(START_LEVEL, 1L);
    if (!(level instanceof Number number) || number.intValue() < 1) {
      throw new IllegalArgumentException(
          START_LEVEL + " of " + id + " is " + level + ", not a number of 1 or more");
    }
    return new Artifact(id.toString(), path, number.intValue(), feature);
  }

  private static Map<String, String> strings(String json) {
    Map<String, String> values = new LinkedHashMap<>();
    try (JsonReader reader = Json.createReader(new StringReader(json))) {
      JsonObject object = reader.readObject();
      for (Map.Entry<String, JsonValue> entry : object.entrySet()) {
        JsonValue value = entry.getValue();
        values.put(
            entry.getKey(),
            value instanceof JsonString string ? string.getString() : value.toString());
      }
    }
    return values;
  }
}
