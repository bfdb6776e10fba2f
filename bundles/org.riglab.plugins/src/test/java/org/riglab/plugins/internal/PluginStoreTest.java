package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class PluginStoreTest {
  private static final long MOST = 1 << 20;
  private static final Instant NOW = Instant.parse("2024-02-29T12:00:00Z");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path jars;
  private Path home;
  private PluginStore store;

  @Before
  public void open() throws Exception {
    jars = folder.newFolder("jars").toPath();
    home = folder.getRoot().toPath().resolve("home/plugins");
    store = store();
  }

  private PluginStore store() {
    return new PluginStore(home, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private Path jar(String version) throws Exception {
    return Jars.in(jars).header("Bundle-Version", version).write(version + ".jar");
  }

  private String install(String version) throws Exception {
    Path file = jar(version);
    store.install(store.jars().stage(file, file.toString(), MOST));
    return Jars.sha256(file);
  }

  private List<String> versions() {
    return store().stored(Jars.NAME).orElseThrow().versions().stream()
        .map(v -> v.version() + " " + v.sha256())
        .toList();
  }

  private boolean installed() {
    return store().stored(Jars.NAME).orElseThrow().installed();
  }

  private List<String> unfinished() throws Exception {
    try (Stream<Path> files = Files.list(home.resolve("jars"))) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".part")).toList();
    }
  }

  @Test
  public void remembersWhatWasInstalledLastFirst() throws Exception {
    assertEquals(List.of(), store.names());
    String one = install("1.0.0");
    String two = install("2.0.0");
    assertEquals(List.of(Jars.NAME), store.names());
    assertEquals(List.of("2.0.0 " + two, "1.0.0 " + one), versions());
    assertEquals(NOW, store.stored(Jars.NAME).orElseThrow().versions().get(0).since());

    // Back and forth: each digest is there once.
    store.install(store.jars().read(one));
    assertEquals(List.of("1.0.0 " + one, "2.0.0 " + two), versions());
    store.install(store.jars().read(two));
    assertEquals(List.of("2.0.0 " + two, "1.0.0 " + one), versions());
    assertEquals(-1, Files.mismatch(jar("1.0.0"), store.jars().file(one)));

    store.remove(Jars.NAME, false);
    assertFalse(installed());
    assertEquals(2, versions().size());
    assertEquals(2, store.jars().digests().size());
    store.install(store.jars().read(one));
    assertTrue(installed());
    assertEquals(List.of(), unfinished());
  }

  @Test
  public void findsTheOldOrTheNewOneAfterACrash() throws Exception {
    String one = install("1.0.0");
    Path two = jar("2.0.0");

    // Killed while the jar was copied: half of it lies there.
    byte[] bytes = Files.readAllBytes(two);
    Path part = store.jars().unfinished();
    Files.write(part, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    store().tidy();
    assertEquals("another process may be at it", 1, unfinished().size());
    Files.setLastModifiedTime(part, FileTime.from(NOW.minus(Duration.ofHours(2))));
    store().tidy();
    assertEquals(List.of(), unfinished());
    assertEquals(List.of("1.0.0 " + one), versions());

    // Killed between the jar and the record.
    Files.copy(two, store.jars().file(Jars.sha256(two)));
    assertEquals(List.of("1.0.0 " + one), versions());
    assertEquals("1.0.0", store.jars().read(one).version().toString());

    // Killed while the record was written.
    Files.writeString(store.jars().unfinished(), "{\"installed\": tr");
    assertEquals(List.of("1.0.0 " + one), versions());
    install("2.0.0");
    assertEquals(2, versions().size());
  }

  @Test
  public void takesOverWhatWasKeptByName() throws Exception {
    Files.createDirectories(home);
    Path one = jar("1.0.0");
    Path two = jar("2.0.0");
    Path former1 = home.resolve(Jars.NAME + "@" + Jars.sha256(one) + ".jar");
    Path former2 = home.resolve(Jars.NAME + "@" + Jars.sha256(two) + ".jar");
    Files.copy(one, former1);
    Files.setLastModifiedTime(former1, FileTime.from(NOW.minusSeconds(60)));
    Files.copy(two, former2);
    Files.setLastModifiedTime(former2, FileTime.from(NOW.minusSeconds(30)));

    store.tidy();
    List<String> both = List.of("2.0.0 " + Jars.sha256(two), "1.0.0 " + Jars.sha256(one));
    assertEquals(both, versions());
    assertTrue(installed());
    assertFalse(Files.exists(former1) || Files.exists(former2));
    assertEquals(-1, Files.mismatch(two, store.jars().file(Jars.sha256(two))));

    // Killed before the former file went: it changes nothing.
    Files.copy(one, former1);
    store().tidy();
    assertEquals(both, versions());
    assertFalse(Files.exists(former1));
  }

  @Test
  public void saysWhatIsDamaged() throws Exception {
    String one = install("1.0.0");
    Files.writeString(store.jars().file(one), "x", java.nio.file.StandardOpenOption.APPEND);
    String damaged = assertThrows(RigException.class, () -> store.jars().read(one)).getMessage();
    assertTrue(
        damaged, damaged.startsWith(store.jars().file(one) + " is damaged: its SHA-256 is "));
    Files.delete(store.jars().file(one));
    assertEquals(
        store.jars().file(one) + " is gone",
        assertThrows(RigException.class, () -> store.jars().read(one)).getMessage());

    Path record = home.resolve(Jars.NAME + ".json");
    for (String text :
        List.of(
            "",
            "nothing",
            "[]",
            "{\"installed\": true}",
            "{\"installed\": true, \"versions\": [{\"sha256\": \"../../x\"}]}",
            "{\"installed\": true, \"versions\": [null]}",
            "{\"versions\": [{\"sha256\": \""
                + one
                + "\", \"version\": \"1\", \"since\": \"now\"}]}")) {
      Files.writeString(record, text);
      String line =
          assertThrows(text, RigException.class, () -> store.stored(Jars.NAME)).getMessage();
      assertTrue(line, line.startsWith(record + " is not a record of a plugin"));
      assertEquals(line, 1, line.lines().count());
    }
    // The next change begins a new one.
    install("2.0.0");
    assertEquals(1, versions().size());
    assertEquals(List.of(), List.copyOf(store.stored("../" + Jars.NAME).stream().toList()));
  }

  @Test
  public void refusesWhatIsTooLargeOrCannotBeWritten() throws Exception {
    Path file = jar("1.0.0");
    long bytes = Files.size(file);
    assertEquals("1.0.0", store.jars().stage(file, "a.jar", bytes).version().toString());
    Path large =
        Jars.in(jars)
            .entry(
                "x",
                new java.util.Random(0)
                    .ints(1 << 18)
                    .collect(
                        () -> java.nio.ByteBuffer.allocate(1 << 20),
                        java.nio.ByteBuffer::putInt,
                        (a, b) -> {})
                    .array())
            .write("large.jar");
    assertEquals(
        "large.jar is larger than 1 MiB, the maximum for plugins (max.size of configuration"
            + " org.riglab.plugins)",
        assertThrows(RigException.class, () -> store.jars().stage(large, "large.jar", MOST))
            .getMessage());
    assertEquals(1, unfinished().size()); // the staged one, which nobody has discarded

    // A home in which nothing can be written, as on a full disk.
    Path blocked = folder.getRoot().toPath().resolve("blocked");
    Files.writeString(blocked, "");
    PluginStore full = new PluginStore(blocked.resolve("plugins"), Clock.systemUTC());
    String line =
        assertThrows(RigException.class, () -> full.jars().stage(file, "a.jar", MOST)).getMessage();
    assertTrue(line, line.startsWith("cannot write " + blocked.resolve("plugins/jars") + ": "));
    assertEquals(1, line.lines().count());
    assertEquals(
        "there is no file none.jar",
        assertThrows(
                RigException.class,
                () -> store.jars().stage(jars.resolve("none.jar"), "none.jar", MOST))
            .getMessage());
    String directory =
        assertThrows(RigException.class, () -> store.jars().stage(jars, "jars", MOST)).getMessage();
    assertTrue(directory, directory.startsWith("cannot copy jars to " + home));
  }

  @Test
  public void findsKeptJarsByTheirDigest() throws Exception {
    String one = install("1.0.0");
    PluginSources sources =
        new PluginSources(store, List.of(), MOST, new Catalogues(List.of(), new FakeHost()));
    for (String source : List.of("sha256:" + one, "sha256:" + one.substring(0, 16).toUpperCase())) {
      assertEquals(
          new PluginSources.Source(store.jars().file(one), "sha256:" + one, true),
          sources.with(source, s -> s));
    }
    assertEquals(
        "no stored jar has SHA-256 0000000000000000; 'plugin kept' lists the stored jars",
        assertThrows(RigException.class, () -> sources.with("sha256:0000000000000000", s -> s))
            .getMessage());
    for (String source :
        List.of("sha256:123", "sha256:" + one + "0", "sha256:", "sha256:xyz45678")) {
      assertEquals(
          source
              + " is not a digest; expected sha256: and 8 to 64 hexadecimal digits; 'plugin kept'"
              + " lists the stored jars",
          assertThrows(RigException.class, () -> sources.with(source, s -> s)).getMessage());
    }
    Path file = jars.resolve("no.jar");
    assertEquals(
        new PluginSources.Source(file, file.toString(), false),
        sources.with(file.toString(), s -> s));
    // A directory is no bundle; one with the name of a plugin does not hide that of a catalogue.
    String directory = folder.newFolder().toString();
    assertEquals(
        directory
            + " is a directory; expected a bundle (jar), such as that in its directory target",
        assertThrows(RigException.class, () -> sources.with(directory, source -> source))
            .getMessage());
    assertTrue(PluginSources.isPlugin("src"));
    Files.delete(store.jars().file(one));
    Files.writeString(store.jars().file(one), "damaged");
    String line =
        assertThrows(RigException.class, () -> sources.with("sha256:" + one, s -> s)).getMessage();
    assertTrue(line, line.contains(" is damaged: "));
  }
}
