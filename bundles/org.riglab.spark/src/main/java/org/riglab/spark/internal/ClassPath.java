package org.riglab.spark.internal;

import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.osgi.framework.Bundle;

/** The jars of the distribution that a job needs in processes of Spark. */
final class ClassPath {
  private static final String REFERENCE = "reference:";
  private static final String NATIVES = "org.riglab.djl.native.";

  private static final Set<String> NAMES =
      Set.of(
          "org.riglab.api",
          "org.riglab.base",
          "org.riglab.djl",
          "org.riglab.images",
          "org.riglab.networks",
          "org.riglab.nn",
          "org.riglab.parts",
          "org.riglab.report",
          "org.riglab.spark",
          "org.riglab.tensors",
          "com.google.gson",
          "com.sun.jna");

  private ClassPath() {}

  /**
   * @param bundles of the framework
   * @return the jars of those that a job needs; they are read where they are
   */
  static List<Path> of(Bundle[] bundles) {
    return Arrays.stream(bundles)
        .filter(
            bundle ->
                NAMES.contains(bundle.getSymbolicName())
                    || bundle.getSymbolicName().startsWith(NATIVES))
        .sorted(Comparator.comparing(Bundle::getSymbolicName))
        .map(Bundle::getLocation)
        .map(location -> location.replaceFirst("^" + REFERENCE, ""))
        .map(location -> Path.of(URI.create(location)))
        .toList();
  }
}
