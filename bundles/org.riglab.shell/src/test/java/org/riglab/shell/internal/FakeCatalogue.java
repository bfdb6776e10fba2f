package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.riglab.api.bench.Catalogue;

/** One plugin, of which a newer version is there. */
final class FakeCatalogue implements Catalogue {
  private static final Offer OFFER =
      new Offer(
          "com.example.gate",
          "2.0.0",
          "a gate",
          List.of("gate example: scales"),
          List.of("gate example: limit=2.0 (double)"),
          "Apache-2.0",
          "ab".repeat(32),
          1234,
          "file:/catalogue/com.example.gate-2.0.0.jar",
          false,
          List.of("org.riglab.api [2.0.0,3.0.0)"),
          List.of("package org.nobody, which no bundle exports"));

  private static final Offer LIBRARY =
      new Offer(
          "com.example.library",
          "1.2.0",
          "",
          List.of(),
          List.of(),
          "MIT",
          "cd".repeat(32),
          99,
          "file:/catalogue/com.example.library-1.2.0.jar",
          false,
          List.of(),
          List.of());

  @Override
  public Optional<Plan> plan(String source) {
    return source.startsWith("com.example.gate")
        ? Optional.of(new Plan(OFFER, List.of(LIBRARY)))
        : Optional.empty();
  }

  @Override
  public boolean isLibrary(Path jar) {
    return jar.toString().endsWith("library.jar");
  }

  @Override
  public List<Offer> search(String word) {
    return List.of(OFFER);
  }

  @Override
  public List<Offer> versions(String plugin) {
    return List.of(OFFER);
  }

  @Override
  public List<Offer> outdated() {
    return List.of(OFFER);
  }

  @Override
  public Offer publish(Path jar, Path folder) {
    return OFFER;
  }
}
