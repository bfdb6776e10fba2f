package org.riglab.maven;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.osgi.service.feature.FeatureBundle;
import org.osgi.service.feature.FeatureService;
import org.osgi.service.feature.ID;

/** The bundles that a folder of feature files (OSGi Compendium R8, chapter 159) names. */
final class FeatureBundles {
  private FeatureBundles() {}

  /**
   * Reads all feature files of a folder.
   *
   * @return each bundle's ID by its path in a Maven repository
   * @throws MojoExecutionException naming the file that is wrong, or if there is none
   */
  static Map<String, ID> read(Path folder) throws IOException, MojoExecutionException {
    FeatureService service =
        ServiceLoader.load(FeatureService.class, FeatureBundles.class.getClassLoader())
            .findFirst()
            .orElseThrow(() -> new MojoExecutionException("no Feature Service on the class path"));
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
    if (files.isEmpty()) {
      throw new MojoExecutionException("there is no feature file in " + folder);
    }
    Map<String, ID> bundles = new TreeMap<>();
    for (Path file : files) {
      try (Reader reader = Files.newBufferedReader(file)) {
        for (FeatureBundle bundle : service.readFeature(reader).getBundles()) {
          bundles.put(path(bundle.getID()), bundle.getID());
        }
      } catch (RuntimeException e) {
        throw new MojoExecutionException("feature file " + file + ": " + e.getMessage(), e);
      }
    }
    return bundles;
  }

  private static String path(ID id) {
    String file =
        id.getArtifactId()
            + "-"
            + id.getVersion()
            + id.getClassifier().map(c -> "-" + c).orElse("")
            + "."
            + id.getType().orElse("jar");
    return String.join(
        "/", id.getGroupId().replace('.', '/'), id.getArtifactId(), id.getVersion(), file);
  }
}
