package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.data.ClassTable;

/**
 * A gate is updated again and again while a network trains with it, another is evaluated and five
 * others are asked things. {@code itests/bench/swaps.py} does the same to a server, a thousand
 * times.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class SwapsIT {
  private static final int UPDATES = 100;

  /** Until then some tens of MiB are added once, when all of the load has first coincided. */
  private static final int WARM = 60;

  private static final int SESSIONS = 5;
  private static final int ENDLESS = 1_000_000;

  @Inject private BundleContext context;
  @Inject private Registry registry;
  @Inject private Plugins plugins;
  @Inject private Networks networks;
  @Inject private Predictions predictions;
  @Inject private Trainer trainer;
  @Inject private Evaluator evaluator;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile boolean over;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-swaps"));
    Path first = jars.build("swapped-0.jar", "itest.swapped", "1.0.0", "swapped", Map.of());
    for (int i = 1; i <= UPDATES; i++) {
      jars.version(first, "swapped-" + i + ".jar", "1.0." + i);
    }
    return new Option[] {Platform.configuration("swaps", jars)};
  }

  private static Path jar(int version) {
    return Path.of(System.getProperty(Platform.PLUGINS), "swapped-" + version + ".jar");
  }

  private void assemble(String name) {
    Map<String, Object> backbone =
        Map.of("name", "resnet", "layers", List.of(1L, 1L, 1L, 1L), "width", 8L, "block", "basic");
    Map<String, Object> spec = new HashMap<>();
    spec.put("backbone", backbone);
    spec.put("gate", "itest-swapped");
    spec.put("unroll", "parallel");
    spec.put("feedback", List.of(4L, 5L, 6L));
    spec.put("iterations", 2L);
    spec.put("classes", 6L);
    spec.put("seed", 1L);
    networks.assemble(name, networks.spec(spec, "test"), true);
  }

  /** Stops when it is told to; tells when a step has ended. */
  private static final class Steps implements Observer {
    private final BlockingQueue<Long> ends = new LinkedBlockingQueue<>();
    private final long last;
    private volatile boolean stop;
    private volatile long done;

    Steps(long last) {
      this.last = last;
    }

    @Override
    public void step(Step step) {
      done = step.step();
      ends.add(System.nanoTime());
    }

    @Override
    public boolean stop() {
      return stop || done == last;
    }

    /** The end of the first step after a time. */
    long after(long nanos) throws InterruptedException {
      Long end;
      do {
        end = ends.poll(60, TimeUnit.SECONDS);
        assertTrue("no step for a minute", end != null);
      } while (end - nanos < 0);
      return end;
    }
  }

  private Training train(String network, Steps steps) {
    Map<String, String> options =
        Map.of(
            "dataset", "shapes:size=32:train=16:val=2",
            "steps", Integer.toString(ENDLESS),
            "batch", "2",
            "size", "32x32",
            "val-split", "none",
            "threads", "1",
            "workers", "1",
            "lr", "0.01",
            "device", "cpu");
    return trainer.train(trainer.plan(network, options), steps);
  }

  private Void evaluate(AtomicInteger count) {
    while (!over) {
      assertEquals(
          24,
          evaluator
              .evaluate(
                  evaluator.plan(
                      "evaluated",
                      Map.of("dataset", "shapes:size=32:train=2:val=24", "threads", "1")),
                  Observer.NONE)
              .images());
      count.incrementAndGet();
    }
    return null;
  }

  /** What five people ask. */
  private Void ask(int who) {
    String network = "asked" + who;
    assemble(network);
    byte[] rgb = new byte[32 * 32 * 3];
    while (!over) {
      predictions.predict(network, new RgbImage(32, 32, rgb), List.of());
      assertEquals(1, plugins.list().size());
      assertTrue(registry.parts("gate").stream().anyMatch(p -> p.name().equals("itest-swapped")));
      assertTrue(networks.names().contains(network));
      ClassTable classes = networks.get(network).classes();
      assertEquals(6, classes.size());
    }
    return null;
  }

  @Test
  public void aHundredUpdatesUnderLoad() throws Exception {
    plugins.install(jar(0));
    assemble("trained");
    assemble("evaluated");
    Steps steps = new Steps(ENDLESS);
    AtomicInteger evaluations = new AtomicInteger();
    Future<Training> training = threads.submit(() -> train("trained", steps));
    List<Future<Void>> others = new ArrayList<>();
    others.add(threads.submit(() -> evaluate(evaluations)));
    for (int i = 1; i <= SESSIONS; i++) {
      int who = i;
      others.add(threads.submit(() -> ask(who)));
    }
    try {
      steps.after(System.nanoTime());
    } catch (AssertionError e) {
      if (training.isDone()) {
        training.get(); // says why
      }
      throw e;
    }

    ReferenceQueue<ClassLoader> queue = new ReferenceQueue<>();
    Set<WeakReference<ClassLoader>> old = new HashSet<>();
    List<Double> latencies = new ArrayList<>();
    long warm = 0;
    for (int i = 1; i <= UPDATES; i++) {
      old.add(new WeakReference<>(loader(), queue));
      long begin = System.nanoTime();
      plugins.update(jar(i));
      String first = null;
      while (first == null) {
        steps.after(System.nanoTime());
        first = System.getProperty("itests.swapped.first.1.0." + i);
      }
      latencies.add((Long.parseLong(first) - begin) / 1e6);
      if (i == WARM) {
        Heap.collect(queue, old);
        warm = Resident.kibibytes();
      }
    }
    over = true;
    steps.stop = true;
    for (Future<Void> other : others) {
      other.get();
    }
    Training swapped = training.get();
    assertEquals(Training.End.STOPPED, swapped.end());
    assertTrue(evaluations.get() > 0);
    assertEquals(
        List.of(),
        System.getProperties().stringPropertyNames().stream()
            .filter(name -> name.startsWith("itests.swapped.late"))
            .toList());
    Heap.collect(queue, old);
    assertEquals("class loaders that are alive", 0, old.size());
    long grown = Resident.kibibytes() - warm;
    assertTrue(grown + " KiB more than " + warm, grown < warm / 20);

    // Not one step was lost, done twice or done with other weights.
    int done = Math.min(swapped.points().size(), 300);
    assemble("reference");
    Training reference = train("reference", new Steps(done));
    assertEquals(reference.points(), swapped.points().subList(0, done));
    List<Double> sorted = latencies.stream().sorted().toList();
    System.out.printf(
        Locale.ROOT,
        "%d updates in %d steps and %d evaluations: from verify to the first step on the new gate"
            + " %.0f ms in the median, %.0f ms at worst%n",
        UPDATES,
        swapped.points().size(),
        evaluations.get(),
        sorted.get(UPDATES / 2),
        sorted.get(UPDATES - 1));
  }

  private ClassLoader loader() {
    return context
        .getBundle("riglab:plugin:itest.swapped:" + plugins.list().get(0).sha256())
        .adapt(BundleWiring.class)
        .getClassLoader();
  }
}
