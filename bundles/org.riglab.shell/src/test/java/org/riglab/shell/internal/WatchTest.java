package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.junit.Test;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;

public final class WatchTest {
  private final List<String> asked = new ArrayList<>();
  private final List<LabListener> listeners = new ArrayList<>();
  private Run.State state = Run.State.RUNNING;
  private String name = "rig";
  private Map<String, Double> metrics = Map.of("loss", 0.25, "mIoU.t2", 0.5, "IoU.car", 0.125);
  private List<Curve.Bucket> points = List.of();

  private final Lab lab =
      (Lab)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Lab.class},
              (proxy, method, arguments) -> {
                asked.add(method.getName());
                return switch (method.getName()) {
                  case "run" -> run();
                  case "metrics" -> List.of("lr", "loss", "mIoU.t2");
                  case "curve" -> new Curve(7, (String) arguments[1], points.size(), points);
                  case "eventsOf" -> List.of(event(1, "begun\u001b[2J\n"));
                  case "listen" -> {
                    listeners.add((LabListener) arguments[0]);
                    yield (Lab.Registration) listeners::clear;
                  }
                  default -> throw new AssertionError(method);
                };
              });

  private Run run() {
    return new Run(
        7,
        name,
        Run.Kind.TRAIN,
        state,
        "rig",
        Map.of(),
        Map.of(),
        0,
        0,
        List.of(),
        "cpu",
        0,
        0,
        Map.of(),
        Map.of(),
        new Run.Progress(30, 60, 12.5, 90),
        metrics,
        "",
        List.of("no step for 5 min"),
        new Run.Times(Instant.EPOCH, Optional.empty(), Optional.empty(), 61),
        "runs/7");
  }

  private static Event event(long sequence, String text) {
    return new Event(sequence, Instant.EPOCH, 7, Event.Type.MESSAGE, text);
  }

  @Test
  public void aRunAsItStands() {
    points =
        List.of(
            new Curve.Bucket(10, 1, 1, 1),
            new Curve.Bucket(20, 0.5, 0.5, 0.5),
            new Curve.Bucket(30, 0, 0, 0));
    Watch watch = new Watch(lab, 7, Optional.empty());
    assertEquals(
        List.of(
            "run 7 rig: running",
            "[###############...............] 30/60 12.5 img/s 1m30s left",
            "loss 0.2500 mIoU.t2 0.5000",
            "! no step for 5 min",
            "loss",
            "    1.0000 \u2588",
            "           \u2588\u2585",
            "    0.0000 \u2588\u2588\u2581",
            "           step 10 to 30",
            "  begun?[2J?"),
        watch.lines(80, 12));
    assertEquals(
        "run 7 rig: running 30/60 12.5 img/s 1m30s left loss 0.2500 mIoU.t2 0.5000", watch.line());
    assertFalse(watch.ended());
  }

  @Test
  public void itFitsTheTerminal() {
    name = "long".repeat(100);
    Watch watch = new Watch(lab, 7, Optional.of("lr"));
    for (int rows : List.of(1, 2, 5, 24, 100)) {
      for (int columns : List.of(1, 20, 40, 200)) {
        List<String> lines = watch.lines(columns, rows);
        assertTrue(lines.size() <= Math.max(1, rows - 1));
        lines.forEach(l -> assertTrue(l, l.length() < Math.max(21, columns)));
      }
    }
  }

  @Test
  public void pointsComeWithoutAsking() throws Exception {
    Watch watch = new Watch(lab, 7, Optional.empty());
    asked.clear();
    for (int step = 1; step <= 2000; step++) {
      watch.points(
          7,
          new Run.Progress(step, 4000, 1, 1),
          List.of(
              new LabListener.Point("loss", step, 2000 - step),
              new LabListener.Point("lr", step, 1e9)));
      watch.points(8, new Run.Progress(1, 1, 1, 1), List.of(new LabListener.Point("loss", 1, -5)));
    }
    watch.await(0);
    List<String> lines = watch.lines(80, 40);
    assertTrue(lines.toString(), lines.get(1).contains("] 2000/4000 "));
    // 2000 points in no more than 400 places: eight to one.
    assertTrue(lines.toString(), lines.contains("           step 1 to 2000"));
    assertTrue(lines.toString(), lines.get(5).startsWith(" 1995.5000 \u2588"));
    assertTrue(lines.toString(), lines.get(14).startsWith("    3.5000 \u2588"));
    assertEquals(List.of(), asked);
    watch.refresh(true);
    assertEquals(List.of("run"), asked);
    watch.missed();
    watch.refresh(false);
    assertEquals(List.of("run", "run", "curve"), asked);
  }

  @Test
  public void withoutATerminalItIsLines() throws Exception {
    state = Run.State.DONE;
    try (Shell shell = new Shell(Path.of("."), new WatchCommand(lab))) {
      assertEquals(
          "run 7 rig: done 30/60 1m01s loss 0.2500 mIoU.t2 0.5000\n".repeat(2),
          shell.run("watch 7"));
    }
    assertEquals(List.of(), listeners);
  }

  @Test
  public void atATerminalItIsDrawnInPlace() throws Exception {
    state = Run.State.DONE;
    try (Shell shell = new Shell(Path.of("."), new WatchCommand(lab))) {
      shell.session().put("riglab.interactive", true);
      shell.session().put("riglab.columns", (IntSupplier) () -> 30);
      shell.session().put("riglab.rows", (IntSupplier) () -> 4);
      assertEquals(
          "run 7 rig: done\u001b[K\n[###############............\u2026\u001b[K\n"
              + "loss 0.2500 mIoU.t2 0.5000\u001b[K\n\u001b[J",
          shell.run("watch 7"));
    }
  }
}
