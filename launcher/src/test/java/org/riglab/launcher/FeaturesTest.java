package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class FeaturesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path write(String name, String text) throws IOException {
    Path file = folder.getRoot().toPath().resolve(name);
    Files.writeString(file, text);
    return file;
  }

  private Features read(String... names) throws StartException {
    return Features.read(folder.getRoot().toPath(), List.of(names));
  }

  @Test
  public void readsBundlesConfigurationsAndProperties() throws Exception {
    write(
        "one.json",
        """
        {"feature-resource-version": "1.0", "id": "g:one:1",
         "bundles": [{"id": "org.x:a:1.2", "bundleStartLevel": 3},
                     // comments are allowed
                     {"id": "org.x:b:jar:linux:2"}],
         "configurations": {"pid": {"port:Integer": 80}, "many~first": {"on": true}},
         "extensions": {"framework-launching-properties":
           {"kind": "mandatory", "json": {"key": "value", "number": 7}}}}
        """);
    write(
        "two.json",
        """
        {"feature-resource-version": "1.0", "id": "g:two:1",
         "bundles": [{"id": "org.x:a:1.2"}, {"id": "org.x:c:3"}]}
        """);
    Features features = read("one", "two");
    assertEquals(
        List.of(
            new Features.Artifact("org.x:a:1.2", "org/x/a/1.2/a-1.2.jar", 3, "one"),
            new Features.Artifact("org.x:b:jar:linux:2", "org/x/b/2/b-2-linux.jar", 1, "one"),
            new Features.Artifact("org.x:c:3", "org/x/c/3/c-3.jar", 1, "two")),
        features.bundles());
    assertEquals(Map.of("port", 80), features.configurations().get("pid"));
    assertEquals(Map.of("on", true), features.configurations().get("many~first"));
    assertEquals(Map.of("key", "value", "number", "7"), features.framework());
  }

  @Test
  public void namesTheFileThatIsWrong() throws Exception {
    Path missing = folder.getRoot().toPath().resolve("none.json");
    assertEquals(
        "feature none is missing: no file " + missing,
        assertThrows(StartException.class, () -> read("none")).getMessage());
    Path wrong = write("wrong.json", "{\"id\": \"g:wrong:1\", ");
    String message = assertThrows(StartException.class, () -> read("wrong")).getMessage();
    assertTrue(message, message.startsWith("feature file " + wrong + ": "));
    write(
        "level.json",
        "{\"id\": \"g:l:1\", \"bundles\": [{\"id\": \"a:b:1\", " + "\"bundleStartLevel\": 0}]}");
    message = assertThrows(StartException.class, () -> read("level")).getMessage();
    assertTrue(message, message.contains("bundleStartLevel of a:b:1 is 0"));
  }

  @Test
  public void readsTheConfigurationOfAHomeOfVersion01() throws Exception {
    write(
        "lab.json",
        "{\":configurator:resource-version\": 1, \"org.riglab.lab\": {\"pictures:Integer\": 2},"
            + "\"org.riglab.lab.inbox\": {}, \"org.riglab.lab.plugins\": {\"trust\": \"off\"},"
            + "\"org.riglab.ssh\": {\"port:Integer\": 8122}}");
    Map<String, Map<String, Object>> configurations = new LinkedHashMap<>();
    Configurations.read(folder.getRoot().toPath(), configurations);
    assertEquals(
        Map.of(
            "org.riglab.runs", Map.of("pictures", 2),
            "org.riglab.plugins.inbox", Map.of(),
            "org.riglab.plugins", Map.of("trust", "off"),
            "org.riglab.ssh", Map.of("port", 8122)),
        configurations);
  }

  @Test
  public void laterConfigurationsReplaceEarlierOnes() throws Exception {
    write("a.json", "{\"pid\": {\"x:Integer\": 1, \"y\": \"kept out\"}, \"other\": {\"z\": true}}");
    write("b.json", "{\"pid\": {\"x:Integer\": 2}}");
    write("notes.txt", "not read");
    Map<String, Map<String, Object>> configurations = new LinkedHashMap<>();
    Configurations.read(folder.getRoot().toPath(), configurations);
    assertEquals(Map.of("pid", Map.of("x", 2), "other", Map.of("z", true)), configurations);
    Path wrong = write("c.json", "[");
    String message =
        assertThrows(
                StartException.class,
                () -> Configurations.read(folder.getRoot().toPath(), new LinkedHashMap<>()))
            .getMessage();
    assertTrue(message, message.startsWith("configuration file " + wrong + ": "));
  }
}
