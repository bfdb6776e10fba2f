package org.riglab.baseline;

import aQute.bnd.osgi.Jar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps the signatures of what plugins compile against as the release that later builds are
 * compared with.
 */
final class Release {
  /** The bundles that plugins compile against, besides DJL. */
  static final List<String> BUNDLES =
      List.of("org.riglab.api", "org.riglab.images", "org.riglab.nn", "org.riglab.testkit");

  private Release() {}

  /**
   * @param bundles the folder of the bundles' projects
   * @param name of a bundle
   * @return what has been built of it
   */
  static Jar built(Path bundles, String name) throws Exception {
    Path classes = bundles.resolve(name).resolve("target/classes");
    if (!Files.exists(classes.resolve("META-INF/MANIFEST.MF"))) {
      throw new IllegalArgumentException(classes + ": not built; mvn package makes it");
    }
    return new Jar(classes.toFile());
  }

  /**
   * @param released the folder of the kept signatures
   * @param name of a bundle
   * @return the file that holds them
   */
  static Path kept(Path released, String name) {
    return released.resolve(name + ".jar");
  }

  /**
   * @param args the folder of the bundles' projects, the folder to write to
   */
  public static void main(String[] args) throws Exception {
    for (String name : BUNDLES) {
      try (Jar built = built(Path.of(args[0]), name)) {
        Path file = kept(Path.of(args[1]), name);
        Signatures.write(built, file);
        System.out.printf("%s: %s, %,d bytes%n", file, built.getVersion(), Files.size(file));
      }
    }
  }
}
