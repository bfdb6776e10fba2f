package org.riglab.launcher;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.riglab.launcher.probe.Probe;

/**
 * A distribution made from the built one: the same launcher, framework and console, without the
 * bench and its natives, and with the commands of {@link Probe}.
 */
final class ScratchDistribution {
  private static final List<String> KEPT = List.of("api", "base", "djl", "console", "ssh");

  private final Path root;

  private ScratchDistribution(Path root) {
    this.root = root;
  }

  /** The distribution that the build has made. */
  static Path built() {
    return Path.of(System.getProperty("riglab.distribution"));
  }

  static ScratchDistribution make(Path root) throws IOException, StartException {
    Path built = built();
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(root.resolve("features"));
    Files.copy(
        built.resolve("bin/rig"), root.resolve("bin/rig"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String linked : List.of("lib", "config")) {
      Files.createSymbolicLink(root.resolve(linked), built.resolve(linked));
    }
    ScratchDistribution distribution = new ScratchDistribution(root);
    try (Stream<Path> features = Files.list(built.resolve("features"))) {
      for (Path feature : features.toList()) {
        distribution.feature(feature);
      }
    }
    distribution.probe("", Map.of());
    distribution.seal();
    return distribution;
  }

  Path root() {
    return root;
  }

  Path bundle(String path) {
    return root.resolve("repository").resolve(path);
  }

  Path probe() {
    return bundle("org/riglab/probe/1.0.0/probe-1.0.0.jar");
  }

  /** Lists the digests of what is there now. */
  void seal() throws IOException {
    Path repository = root.resolve("repository");
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(repository)) {
      for (Path jar : files.filter(f -> f.toString().endsWith(".jar")).toList()) {
        lines.add(Digests.sha256(jar) + "  " + repository.relativize(jar));
      }
    }
    Files.write(repository.resolve(Digests.LIST), lines);
  }

  /** Copies a feature and the bundles it keeps. */
  private void feature(Path feature) throws IOException, StartException {
    JsonObject original;
    try (Reader in = Files.newBufferedReader(feature);
        Reader plain = org.apache.felix.cm.json.io.Configurations.jsonCommentAwareReader(in);
        JsonReader reader = Json.createReader(plain)) {
      original = reader.readObject();
    }
    JsonArrayBuilder bundles = Json.createArrayBuilder();
    for (JsonValue bundle : original.getJsonArray("bundles")) {
      String id = bundle.asJsonObject().getString("id");
      if (!id.startsWith("org.riglab:")
          || KEPT.stream().anyMatch(k -> id.startsWith("org.riglab:org.riglab." + k + ":"))) {
        bundles.add(bundle);
      }
    }
    String name = feature.getFileName().toString();
    if (name.equals("shell.json")) {
      bundles.add(
          Json.createObjectBuilder()
              .add("id", "org.riglab:probe:1.0.0")
              .add("bundleStartLevel", 6));
    }
    Files.writeString(
        root.resolve("features").resolve(name),
        Json.createObjectBuilder(original).add("bundles", bundles).build().toString());
    for (Features.Artifact artifact :
        Features.read(root.resolve("features"), List.of(name.replace(".json", ""))).bundles()) {
      Path link = bundle(artifact.path());
      if (!link.equals(probe())) {
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, built().resolve("repository").resolve(artifact.path()));
      }
    }
  }

  /**
   * Writes the probe's bundle.
   *
   * @param imports packages to import beside those it needs
   * @param entries files to add; a declarative services component, if there is any
   */
  void probe(String imports, Map<String, String> entries) throws IOException {
    Manifest manifest = manifest("probe", entries);
    Attributes headers = manifest.getMainAttributes();
    headers.putValue("Bundle-Activator", Probe.class.getName());
    headers.putValue(
        "Import-Package",
        "org.osgi.framework,org.apache.felix.service.command,org.riglab.api" + imports);
    write(probe(), manifest, List.of(Probe.class, Probe.Sum.class), entries);
  }

  /**
   * Writes a bundle that no feature names and that the probe installs, if it finds it.
   *
   * @param home the home it is written to
   * @param components descriptions of its components by their names in the jar
   */
  static void plugin(Path home, Map<String, String> components) throws IOException {
    write(
        home.resolve("plugin.jar"),
        manifest("plugin", components),
        List.of(Probe.Faulty.class),
        components);
  }

  private static Manifest manifest(String name, Map<String, String> components) {
    Manifest manifest = new Manifest();
    Attributes headers = manifest.getMainAttributes();
    headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.putValue("Bundle-ManifestVersion", "2");
    headers.putValue("Bundle-SymbolicName", name);
    headers.putValue("Bundle-Version", "1.0.0");
    if (!components.isEmpty()) {
      headers.putValue("Service-Component", String.join(",", components.keySet()));
    }
    return manifest;
  }

  private static void write(
      Path file, Manifest manifest, List<Class<?>> classes, Map<String, String> entries)
      throws IOException {
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Class<?> type : classes) {
        String path = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new JarEntry(path));
        try (InputStream in = Probe.class.getClassLoader().getResourceAsStream(path)) {
          in.transferTo(jar);
        }
      }
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        jar.putNextEntry(new JarEntry(entry.getKey()));
        jar.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
  }
}
