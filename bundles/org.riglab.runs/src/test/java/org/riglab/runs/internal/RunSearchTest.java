package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
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

public class RunSearchTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Clock clock = Clock.fixed(Instant.parse("2026-11-30T12:00:00Z"), ZoneOffset.UTC);
  private Store store;

  @Before
  public void open() {
    Path root = folder.getRoot().toPath();
    store = new Store(new Database(root.resolve("lab/lab.db"), root), clock);
    add("tiny", "mul-tanh", 0.1, 0.41, 0.45);
    add("tiny-add", "add", 0.01, 0.5);
    add("big", "mul-tanh", 0.001, 0.3, 0.39);
    add("queued", "mul-sigmoid", 0.1);
    store.labels().tag(1, Set.of("paper", "best"), Set.of());
    store.labels().note(2, "the one with the add gate");
    store.claims().end(3, State.FAILED, "no room on the disk");
  }

  @After
  public void close() {
    store.close();
  }

  private void add(String name, String gate, double lr, double... mIoU) {
    Map<String, Object> network = new LinkedHashMap<>();
    network.put("gate", Map.of("name", gate, "init", "open"));
    network.put("feedback", List.of(4L, 5L));
    network.put("iterations", (long) mIoU.length);
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("lr", lr);
    options.put("dataset", Map.of("name", "shapes", "train", "256"));
    Draft draft =
        new Draft(
            name, Run.Kind.TRAIN, name, false, "", network, options, 1, 0, List.of(), "cpu", 0);
    long id = store.queue().add(List.of(draft)).get(0);
    for (int t = 0; t < mIoU.length; t++) {
      List<Point> points =
          List.of(
              new Point("mIoU.t" + (t + 1), 7, mIoU[t]),
              new Point("loss", 7, 2 * mIoU[t]),
              new Point("lr", 7, lr / 2));
      store.points().add(id, new Run.Progress(7, 7, 0, 0), 90 * id, points);
    }
  }

  private Lab.Page page(String where, String... sort) {
    return store.list(Lab.Query.where(where, List.of(sort), 0, 100));
  }

  private List<Long> ids(String where, String... sort) {
    return page(where, sort).runs().stream().map(Run::id).toList();
  }

  @Test
  public void filtersByFieldsOfSpecNetworkAndMetrics() {
    assertEquals(List.of(3L, 1L), ids("network.gate=mul-tanh"));
    assertEquals(List.of(1L), ids("network.gate=mul-tanh and mIoU>40"));
    assertEquals("in percent, exactly", List.of(1L), ids("mIoU=45"));
    assertEquals("of the last iteration", List.of(3L), ids("mIoU<=39%"));
    assertEquals(List.of(1L), ids("mIoU.t1 > 40 and network.iterations=2"));
    assertEquals("the spec's, not the last step's", List.of(4L, 1L), ids("lr=0.1"));
    assertEquals(List.of(3L, 2L), ids("lr<5e-2"));
    assertEquals(List.of(1L), ids("metric.lr = 0.05 and metric.lr=5e-2 id=1"));
    assertEquals(List.of(4L, 3L, 2L, 1L), ids("dataset=shapes dataset.train=256"));
    assertEquals(List.of(4L, 3L, 1L), ids("network.gate=mul-tanh,mul-sigmoid"));
    assertEquals(List.of(2L), ids("network.gate!=mul-tanh,mul-sigmoid"));
    assertEquals(List.of(4L, 3L, 1L), ids("gate~MUL"));
    assertEquals(List.of(4L, 3L, 2L, 1L), ids("network.feedback='4,5'"));
  }

  @Test
  public void filtersByColumnsTagsAndTimes() {
    assertEquals(List.of(2L, 1L), ids("name~tiny"));
    assertEquals(List.of(4L, 3L), ids("name!~tiny"));
    assertEquals(List.of(3L), ids("state=failed"));
    assertEquals(List.of(3L), ids("state:Failed,done"));
    assertEquals(List.of(1L), ids("tag:paper"));
    assertEquals(List.of(4L, 3L, 2L), ids("tag!=paper"));
    assertEquals(List.of(2L), ids("note~\"ADD gate\""));
    assertEquals(List.of(3L), ids("error~room"));
    assertEquals(List.of(2L, 1L), ids("seconds<=3m id<4 time>=90s"));
    assertEquals(List.of(4L, 3L, 2L, 1L), ids("submitted=2026-11-30T12:00Z"));
    assertEquals(List.of(), ids("submitted<2026-11-29"));
    assertEquals(List.of(4L, 3L, 2L, 1L), ids("age<1m"));
    assertEquals("not ended: no time to compare", List.of(3L), ids("ended>2026-11-01"));
    assertEquals(List.of(4L, 3L, 2L, 1L), ids("files=none"));
  }

  @Test
  public void sortsAndPages() {
    assertEquals(List.of(2L, 1L, 3L, 4L), ids("", "-mIoU"));
    assertEquals(List.of(3L, 1L, 2L, 4L), ids("", "mIoU"));
    assertEquals(List.of(3L, 2L, 1L, 4L), ids("", "lr", "-mIoU"));
    assertEquals(List.of(2L, 4L, 3L, 1L), ids("", "network.gate"));
    assertEquals(
        List.of(3L, 4L, 2L, 1L),
        ids("", "name").subList(0, 0).isEmpty() ? ids("", "-ended") : null);
    Lab.Page page = store.list(Lab.Query.where("name~tiny", List.of("-mIoU"), 1, 1));
    assertEquals(2, page.total());
    assertEquals(1, page.runs().get(0).id());
  }

  @Test
  public void followsWhatChanges() {
    assertEquals(List.of(), ids("mIoU>90"));
    store.points().add(4, new Run.Progress(7, 7, 0, 0), 1, List.of(new Point("mIoU.t1", 7, 0.95)));
    assertEquals(List.of(4L), ids("mIoU>90"));
    store
        .points()
        .add(4, new Run.Progress(8, 8, 0, 0), 1, List.of(new Point("mIoU.t1", 8, Double.NaN)));
    assertEquals("not defined: no value", List.of(), ids("mIoU>0 id=4"));
    assertEquals(List.of(4L), ids("id=4 mIoU!=1"));
    store.describe(1, Map.of("lr", 7.0), Map.of("gate", Map.of("name", "new")), Map.of());
    assertEquals(List.of(1L), ids("network.gate=new lr=7"));
  }

  @Test
  public void refusesWhatItDoesNotKnow() {
    refuses("no run has a field 'mIuO'; there are mIoU, ", "mIuO>4");
    refuses("'mIoU' is compared with much, which is not a number", "mIoU>much");
    refuses("'lr=' has no value", "lr=");
    refuses("'tiny' is not a condition; write FIELD=VALUE", "tiny");
    refuses("'or mIoU>4': conditions are joined by 'and'", "lr=1 or mIoU>4");
    refuses("'(lr=1)': conditions are joined", "(lr=1)");
    refuses("'name' is a text, which has no order", "name<b");
    refuses("tags have no order", "tag>a");
    refuses("which is not a time; write 2026-11-30", "started>yesterday");
    refuses("which is not a duration", "age>3y");
    refuses("which is not a size", "bytes>3x");
    refuses("only =, != and ~ take several values", "lr<1,2");
    refuses("'and' is not a condition", "lr=1 and ");
    RigException e = assertThrows(RigException.class, () -> page("", "-mIuO"));
    assertTrue(e.getMessage(), e.getMessage().startsWith("no run has a field 'mIuO'"));
  }

  private void refuses(String message, String where) {
    RigException e = assertThrows(where, RigException.class, () -> page(where));
    assertEquals(RigException.Kind.INVALID, e.kind());
    assertTrue(e.getMessage(), e.getMessage().contains(message));
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  public void tellsWhichFieldsThereAre() {
    List<String> fields = store.fields();
    assertTrue(fields.containsAll(List.of("id", "tag", "mIoU", "spec.lr", "network.gate.init")));
  }

  @Test
  public void refusesWrongTagsAndNotes() {
    for (String tag : List.of("", "a b", "-a", "a,b", "\u001b[1m", "x".repeat(65))) {
      assertThrows(tag, RigException.class, () -> store.labels().tag(1, Set.of(tag), Set.of()));
    }
    assertThrows(RigException.class, () -> store.labels().note(1, "a\u001b[1m"));
    assertThrows(RigException.class, () -> store.labels().note(1, "x".repeat(10_001)));
    Run run = store.labels().tag(1, Set.of("new"), Set.of("best", "never"));
    assertEquals(List.of("new", "paper"), run.tags());
    assertEquals("two\nlines", store.labels().note(1, " two\nlines\n").note());
  }
}
