package org.riglab.engine.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import eu.maveniverse.maven.mima.context.ContextOverrides;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.engine.EngineSetup;
import org.riglab.base.Sha256;
import org.riglab.engine.maven.MavenFile;

public class MavenFilesServiceTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<String> told = new ArrayList<>();
  private Path root;
  private MavenFilesService service;

  @Before
  public void open() throws IOException {
    root = folder.getRoot().toPath().toRealPath();
    Path settings = root.resolve("settings.xml");
    Files.writeString(
        settings,
        "<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors></settings>"
            .formatted(root.resolve("repository").toUri()));
    ContextOverrides overrides =
        ContextOverrides.create()
            .withUserSettings(true)
            .withUserSettingsXmlOverride(settings)
            .withGlobalSettingsXmlOverride(root.resolve("none.xml"))
            .withLocalRepositoryOverride(root.resolve("local"))
            .build();
    service =
        new MavenFilesService(
            new Download(overrides, Duration.ofMillis(1), Duration.ofSeconds(60), "a hint"));
  }

  private MavenFile file(String repository, String name) throws IOException {
    byte[] bytes = ("jar " + name).getBytes(StandardCharsets.UTF_8);
    Path jar = root.resolve(repository + "/org/example/" + name + "/1/" + name + "-1.jar");
    Files.createDirectories(jar.getParent());
    Files.write(jar, bytes);
    return new MavenFile("org.example", name, "1", "", bytes.length, Sha256.of(bytes));
  }

  private void fetch(MavenFile... files) {
    service.fetch(
        List.of(files),
        root.resolve("to"),
        new EngineSetup.Watcher() {
          @Override
          public void message(String line) {
            told.add(line);
          }

          @Override
          public void progress(String task, long done, long total) {
            told.add(done + " of " + total);
          }
        });
  }

  private Set<String> files() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(root.resolve("to"))) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  @Test
  public void takesFilesFromRepositoriesAndTheLocalOne() throws IOException {
    MavenFile one = file("repository", "one");
    MavenFile two = file("local", "two");
    fetch(one, two);
    assertEquals(Set.of("one-1.jar", "two-1.jar"), files());
    assertTrue(told.contains("14 of 14"));
    // What is there is not fetched again
    Files.delete(root.resolve("repository/org/example/one/1/one-1.jar"));
    fetch(one, two);
    assertTrue(Files.exists(root.resolve("local/org/example/two/1/two-1.jar")));
  }

  @Test
  public void aWrongDigestAndAMissingFileAreRefused() throws IOException {
    MavenFile one = file("repository", "one");
    MavenFile wrong = new MavenFile("org.example", "one", "1", "", one.bytes(), "00");
    RigException e = assertThrows(RigException.class, () -> fetch(wrong));
    assertEquals(RigException.Kind.INVALID, e.kind());
    assertTrue(e.getMessage(), e.getMessage().contains("has SHA-256 " + one.sha256()));
    assertFalse(Files.exists(root.resolve("to/one-1.jar")));
    MavenFile missing = new MavenFile("org.example", "none", "1", "", 1, "00");
    e = assertThrows(RigException.class, () -> fetch(missing));
    assertEquals(RigException.Kind.UNAVAILABLE, e.kind());
    assertTrue(e.getMessage(), e.getMessage().endsWith("and a hint"));
    fetch(one); // as nothing wrong was left
    assertEquals(Set.of("one-1.jar"), files());
  }
}
