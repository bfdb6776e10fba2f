package org.riglab.itests;

import static org.junit.Assert.assertTrue;

import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;
import org.riglab.api.bench.Networks;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

/** A lab that works on its queue, as in a server. */
final class LabServer {
  private static final long SECONDS = 120;

  private final Networks networks;
  private final Lab lab;

  /**
   * @param key of a setting that differs from its default
   * @param settings of the lab
   */
  LabServer(
      BundleContext context,
      ConfigurationAdmin admin,
      Networks networks,
      String key,
      Map<String, ?> settings)
      throws Exception {
    this.networks = networks;
    admin.getConfiguration("org.riglab.runs", "?").update(new Hashtable<>(settings));
    var tracker =
        new ServiceTracker<Lab, Lab>(
            context,
            context.createFilter(
                "(&(objectClass=%s)(%s=%s))"
                    .formatted(Lab.class.getName(), key, settings.get(key))),
            null);
    tracker.open();
    lab = tracker.waitForService(TimeUnit.SECONDS.toMillis(SECONDS));
    Dictionary<String, Object> none = new Hashtable<>();
    admin.getConfiguration("org.riglab.runs.server", "?").update(none);
  }

  Lab lab() {
    return lab;
  }

  /** A small network. */
  void assemble(String name, Object gate) {
    Map<String, Object> backbone =
        Map.of("name", "resnet", "layers", List.of(1L, 1L, 1L, 1L), "width", 8L, "block", "basic");
    Map<String, Object> spec = new HashMap<>();
    spec.put("backbone", backbone);
    spec.put("gate", gate);
    spec.put("unroll", "parallel");
    spec.put("feedback", List.of(4L, 5L, 6L));
    spec.put("iterations", 2L);
    spec.put("classes", 6L);
    spec.put("seed", 1L);
    networks.assemble(name, networks.spec(spec, "test"), true);
  }

  /** Eager, so that a gate's own code runs in every step. */
  Run train(String network, int steps) {
    Map<String, Object> options = new HashMap<>();
    options.put("dataset", "shapes:size=32:train=16:val=2");
    options.put("steps", steps);
    options.put("batch", 2);
    options.put("size", "32x32");
    options.put("val-split", "none");
    options.put("threads", 1);
    options.put("workers", 1);
    options.put("lr", 0.01);
    options.put("execution", "eager");
    return lab.submit(Request.of(Run.Kind.TRAIN, network, options)).get(0);
  }

  /** Waits until something holds of a run; looks again after every event and point. */
  Run until(long id, Predicate<Run> holds) throws InterruptedException {
    BlockingQueue<Object> news = new LinkedBlockingQueue<>();
    try (Lab.Registration listening =
        lab.listen(
            new LabListener() {
              @Override
              public void event(Event event) {
                news.add(event);
              }

              @Override
              public void points(long run, Run.Progress progress, List<Point> points) {
                news.add(progress);
              }
            })) {
      assertTrue(listening != null);
      while (!holds.test(lab.run(id))) {
        Object next = news.poll(SECONDS, TimeUnit.SECONDS);
        assertTrue("run " + id + " is " + lab.run(id), next != null);
      }
    }
    return lab.run(id);
  }

  Run ended(Run run) throws InterruptedException {
    return until(run.id(), r -> r.state().ended());
  }
}
