package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

/** The files of the store are damaged, emptied or gone. */
public class StoreLossTest {
  private static final Lab.Query ALL = new Lab.Query(Set.of(), Set.of(), "", 0, 0, 1000);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private FakeBench bench;
  private Path home;
  private LabService lab;

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    bench = new FakeBench(home);
    bench.networks.add("rig");
    lab = lab();
  }

  private LabService lab() {
    return bench.lab(new Limits(List.of("cpu"), 1, 0, false, 0, 0, 0, 0, 0, 3), null);
  }

  @After
  public void close() {
    lab.close();
  }

  private void submitThree() {
    lab.submit(Request.of(Run.Kind.TRAIN, "rig", Map.of("lr", "0.5")));
    lab.submit(Request.of(Run.Kind.TRAIN, "rig", Map.of("seed", 7L)));
    lab.submit(
        new Request(
            Run.Kind.TRAIN,
            "mine",
            "rig",
            Map.of(),
            Map.of(),
            Map.of(),
            List.of(),
            5,
            List.of(2L)));
    lab.pause(1);
  }

  private static List<Object> facts(Run run) {
    return List.of(
        run.id(),
        run.name(),
        run.kind(),
        run.state(),
        run.network(),
        run.spec(),
        run.seed(),
        run.priority(),
        run.after(),
        run.device());
  }

  private List<Object> runs() {
    return lab.list(ALL).runs().stream().map(StoreLossTest::facts).collect(Collectors.toList());
  }

  private List<String> health(Health.Status status) {
    return lab.health().checks().stream()
        .filter(check -> check.status() == status)
        .map(check -> check.name() + ": " + check.text())
        .toList();
  }

  private void restored() {
    List<Object> before = runs();
    assertEquals(3, before.size());
    assertTrue(
        "" + health(Health.Status.WARN),
        health(Health.Status.WARN).stream()
            .anyMatch(
                line ->
                    line.startsWith("store: lab.db is not the previous database of this home")));
    assertTrue(lab.events(0, 10).stream().anyMatch(e -> e.text().contains("3 unfinished runs")));
    lab.close();
    lab = lab();
    assertEquals("once", before, runs());
  }

  @Test
  public void acceptedRunsOutliveTheirDatabase() throws Exception {
    submitThree();
    List<Object> before = runs();
    lab.close();
    for (String name : List.of("lab.db", "lab.db-wal", "lab.db-shm")) {
      Files.deleteIfExists(home.resolve("lab").resolve(name));
    }
    lab = lab();
    assertEquals(before, runs());
    restored();
  }

  @Test
  public void anEmptiedDatabaseIsNoticed() throws Exception {
    submitThree();
    lab.close();
    Files.write(home.resolve("lab/lab.db"), new byte[0]);
    Files.deleteIfExists(home.resolve("lab/lab.db-wal"));
    lab = lab();
    restored();
  }

  @Test
  public void aHealthyStoreSaysNothing() {
    submitThree();
    lab.close();
    lab = lab();
    assertEquals(3, runs().size());
    assertEquals(
        List.of(),
        health(Health.Status.WARN).stream().filter(line -> line.startsWith("store")).toList());
    assertTrue(lab.store().damage().isEmpty());
  }

  @Test
  public void flippedBytesAreNoticed() throws Exception {
    submitThree();
    lab.close();
    Path file = home.resolve("lab/lab.db");
    List<Long> pages = new ArrayList<>(); // not of the schema, which is read at each start
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        ResultSet roots =
            connection
                .createStatement()
                .executeQuery(
                    "select rootpage from sqlite_master where name in ('run', 'event')")) {
      while (roots.next()) {
        pages.add((roots.getLong(1) - 1) * 4096);
      }
    }
    assertEquals(2, pages.size());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long page : pages) {
        channel.write(ByteBuffer.wrap(new byte[] {0x55, 0x55, 0x55, 0x55}), page + 1);
      }
    }
    try (Store store = new Store(new Database(file, home.resolve("cache")), Clock.systemUTC())) {
      assertTrue(store.damage().isPresent());
    }
  }

  @Test
  public void oneDamagedFolderHidesNoOther() throws Exception {
    for (String name : List.of("a-1", "b-1", "c-1", "d-1")) {
      Path run = Files.createDirectories(home.resolve("runs").resolve(name));
      Files.writeString(run.resolve("spec.json"), "{\"network\": \"rig\", \"steps\": 2}");
      Files.writeString(run.resolve("steps.jsonl"), "{\"step\": 1, \"loss\": 0.5}\n");
    }
    Files.writeString(home.resolve("runs/a-1/spec.json"), "{\"network\": ");
    Files.writeString(home.resolve("runs/b-1/steps.jsonl"), "{\"step\": 1, \"lo\n{}\n");
    List<String> found =
        lab.list(ALL).runs().stream().map(Run::folder).sorted().collect(Collectors.toList());
    assertTrue("" + found, found.containsAll(List.of("runs/c-1", "runs/d-1")));
    List<String> told = health(Health.Status.WARN);
    for (String name : List.of("folder: runs/a-1: ", "folder: runs/b-1: ")) {
      assertTrue(name + told, told.stream().anyMatch(line -> line.startsWith(name)));
    }
  }
}
