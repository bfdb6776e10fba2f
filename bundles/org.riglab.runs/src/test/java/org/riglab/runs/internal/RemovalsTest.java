package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

public class RemovalsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path home;
  private Store store;
  private Removals removals;

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    store = new Store(new Database(home.resolve("lab/lab.db"), home), Clock.systemUTC());
    removals = store.removals(home);
  }

  @After
  public void close() {
    store.close();
  }

  private long add(State state, Long... after) throws IOException {
    Draft draft =
        new Draft(
            "rig",
            Run.Kind.TRAIN,
            "rig",
            false,
            "",
            Map.of(),
            Map.of(),
            1,
            0,
            List.of(after),
            "cpu",
            0);
    long id = store.queue().add(List.of(draft)).get(0);
    Path run = home.resolve("runs/rig-" + id);
    Files.createDirectories(run.resolve("step-4"));
    Files.createDirectories(run.resolve("step-8"));
    Files.createDirectories(run.resolve("pictures/0"));
    Files.writeString(run.resolve("spec.json"), "{}");
    Files.writeString(run.resolve("checkpoints.json"), "{\"last\":\"step-8\",\"best\":\"step-4\"}");
    for (String step : List.of("step-4", "step-8")) {
      Files.writeString(run.resolve(step).resolve("weights.safetensors"), step);
      Files.writeString(run.resolve(step).resolve("optimizer.safetensors"), "o".repeat(10_000));
    }
    Files.writeString(run.resolve("pictures/0/a.png"), "png");
    store.folder(id, "runs/rig-" + id);
    store.points().add(id, new Run.Progress(8, 8, 0, 0), 1, List.of(new Point("loss", 8, 0.5)));
    store.labels().tag(id, Set.of("t"), Set.of());
    if (state == State.RUNNING) {
      store.claims().claim("cpu", true, Set.of(id), Set.of());
    } else if (state != State.QUEUED) {
      store.claims().end(id, state, "");
    }
    return id;
  }

  private List<Long> ids() {
    return store.list(Lab.Query.ALL).runs().stream().map(Run::id).toList();
  }

  @Test
  public void deletesARunWithItsFilesCurvesAndEvents() throws IOException {
    long first = add(State.DONE);
    long second = add(State.FAILED);
    Lab.Removal removal = removals.delete(List.of(first, first));
    assertEquals(List.of(first), removal.runs().stream().map(Run::id).toList());
    assertTrue("" + removal.bytes(), removal.bytes() > 20_000);
    assertEquals(List.of(second), ids());
    assertFalse(Files.exists(home.resolve("runs/rig-" + first)));
    assertTrue(Files.exists(home.resolve("runs/rig-" + second)));
    for (String table : List.of("point", "tag", "event", "dependency")) {
      assertEquals(
          table,
          0,
          store
              .database()
              .read(c -> Sql.number(c, "select count(*) from " + table + " where run = ?", first))
              .orElseThrow());
    }
    assertTrue(store.events().since(0, 99).toString().contains("run 1 (rig) was deleted"));
    assertEquals("an id is not used again", 3, add(State.DONE));
  }

  @Test
  public void deletesAllOrNothing() throws IOException {
    long done = add(State.DONE);
    long running = add(State.RUNNING);
    RigException e =
        assertThrows(RigException.class, () -> removals.delete(List.of(done, running)));
    assertEquals(RigException.Kind.CONFLICT, e.kind());
    assertEquals("run 2 is running; cancel it first", e.getMessage());
    assertEquals(List.of(running, done), ids());
    assertTrue(Files.exists(home.resolve("runs/rig-" + done + "/step-4/weights.safetensors")));
    assertEquals(
        RigException.Kind.NOT_FOUND,
        assertThrows(RigException.class, () -> removals.delete(List.of(done, 77L))).kind());
    assertTrue(Files.exists(home.resolve("runs/rig-" + done)));
  }

  @Test
  public void keepsWhatAnotherRunWaitsFor() throws IOException {
    long first = add(State.DONE);
    long second = add(State.QUEUED, first);
    assertEquals(
        "run 2 waits for run 1; delete both, or cancel it first",
        assertThrows(RigException.class, () -> removals.delete(List.of(first))).getMessage());
    removals.delete(List.of(first, second));
    assertEquals(List.of(), ids());
  }

  @Test
  public void leavesFilesOutsideOfTheHome() throws IOException {
    long id = add(State.DONE);
    Path elsewhere = folder.newFolder("elsewhere").toPath();
    Path away = Files.createTempDirectory(elsewhere, "run").toAbsolutePath();
    Files.writeString(away.resolve("spec.json"), "{}");
    store.folder(id, away.toString());
    assertEquals(
        RigException.Kind.CONFLICT,
        assertThrows(RigException.class, () -> removals.archive(List.of(id))).kind());
    assertEquals(0, removals.delete(List.of(id)).bytes());
    assertTrue(Files.exists(away.resolve("spec.json")));
  }

  @Test
  public void archivesAndRestores() throws IOException {
    long id = add(State.DONE);
    Lab.Removal removal = removals.archive(List.of(id));
    assertTrue("" + removal.bytes(), removal.bytes() > 15_000);
    Path zip = home.resolve("archive/rig-1.zip");
    Run run = store.run(id);
    assertEquals(new Run.Storage(Run.Files.ARCHIVED, Files.size(zip)), run.storage());
    assertFalse(Files.exists(home.resolve("runs/rig-1")));
    assertEquals(
        List.of("pictures/0/a.png", "spec.json", "step-4/weights.safetensors"),
        RunArchive.files(zip).stream().map(Lab.RunFile::name).sorted().toList());
    assertEquals("its curves stay", 1, store.points().curve(id, "loss", 9).total());
    assertEquals(
        "run 1 has no files in the home to archive: they are archived",
        assertThrows(RigException.class, () -> removals.archive(List.of(id))).getMessage());

    assertEquals(Run.Files.PRESENT, removals.restore(List.of(id)).get(0).storage().files());
    assertEquals("step-4", Files.readString(home.resolve("runs/rig-1/step-4/weights.safetensors")));
    assertFalse(Files.exists(zip));
    assertThrows(RigException.class, () -> removals.restore(List.of(id)));

    removals.archive(List.of(id));
    removals.delete(List.of(id));
    assertFalse(Files.exists(zip));
  }

  @Test
  public void theOldestMakeRoomIfAskedTo() throws IOException {
    for (State state : List.of(State.DONE, State.PAUSED, State.FAILED, State.DONE)) {
      add(state);
    }
    long total = Machine.size(home.resolve("runs"));
    for (boolean asked : new boolean[] {false, true}) {
      Limits limits = new Limits(List.of("cpu"), 1, total - 30_000, asked, 0, 0, 0, 10, 0, 3);
      Watchdog watchdog = new Watchdog(limits, home);
      watchdog.makeRoom(store);
      assertEquals(asked, watchdog.hold().isEmpty());
    }
    assertEquals(
        List.of(Run.Files.ARCHIVED, Run.Files.PRESENT, Run.Files.ARCHIVED, Run.Files.PRESENT),
        List.of(1L, 2L, 3L, 4L).stream().map(id -> store.run(id).storage().files()).toList());
  }

  @Test
  public void archivesOnlyWhatHasEnded() throws IOException {
    long done = add(State.DONE);
    long paused = add(State.PAUSED);
    assertEquals(
        "run 2 is paused; only a run that is done, failed or cancelled can be archived",
        assertThrows(RigException.class, () -> removals.archive(List.of(done, paused)))
            .getMessage());
    assertFalse("nothing is left", Files.exists(home.resolve("archive/rig-1.zip")));
    assertTrue(Files.exists(home.resolve("runs/rig-1/spec.json")));
  }

  @Test
  public void bringsBackWhatAKillLeftHalfDeleted() throws IOException {
    long kept = add(State.DONE);
    long gone = add(State.DONE);
    Path aside = Files.createDirectories(home.resolve("lab/removed"));
    Files.move(home.resolve("runs/rig-1"), aside.resolve("1"));
    removals.delete(List.of(gone));
    assertTrue(Files.exists(home.resolve("runs/rig-" + kept + "/spec.json")));
    Files.createDirectories(aside.resolve("2"));
    removals.recover();
    assertFalse(Files.exists(aside.resolve("2")));
  }
}
