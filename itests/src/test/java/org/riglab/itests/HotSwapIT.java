package org.riglab.itests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;
import org.riglab.api.RigException;
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Plugins.Plugin;
import org.riglab.api.bench.Plugins.Update;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;

/** Gates are exchanged under networks that train. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HotSwapIT {
  private static final int UPDATES = 50;
  private static final String MODE = "itests.watched.mode";

  /** Updates after which everything that is loaded once has been loaded. */
  private static final int WARM = 15;

  @Inject private BundleContext context;
  @Inject private Registry registry;
  @Inject private Plugins plugins;
  @Inject private Networks networks;
  @Inject private Predictions predictions;
  @Inject private Trainer trainer;
  @Inject private Analyst analyst;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-hotswap"));
    Path scale = jars.build("scale-0.jar", "itest.scale", "1.0.0", "scale", Map.of());
    for (int i = 1; i <= UPDATES; i++) {
      jars.version(scale, "scale-" + i + ".jar", "1.0." + i);
    }
    for (String name : List.of("shape", "nan", "watched")) {
      jars.build(name + ".jar", "itest." + name, "1.0.0", name, Map.of());
    }
    return new Option[] {Platform.configuration("hotswap", jars)};
  }

  @After
  public void removeAll() {
    threads.shutdownNow();
    for (Plugin plugin : plugins.list()) {
      plugins.remove(plugin.name(), true);
    }
    networks.names().forEach(networks::discard);
  }

  private static Path jar(String file) {
    return Path.of(System.getProperty(Platform.PLUGINS), file);
  }

  private Network assemble(String name, String gate) {
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
    return networks.assemble(name, networks.spec(spec, "test"), true);
  }

  private Training train(String network, int steps, LongConsumer afterStep) {
    return train(network, steps, "compiled", afterStep);
  }

  /**
   * Compiled, a gate's own code runs in the first pass only: what it does later, it does eagerly.
   */
  private Training train(String network, int steps, String execution, LongConsumer afterStep) {
    Map<String, String> options = new HashMap<>(options(steps));
    options.put("execution", execution);
    return trainer.train(
        trainer.plan(network, options),
        new Observer() {
          @Override
          public void step(Step step) {
            afterStep.accept(step.step());
          }
        });
  }

  private static Map<String, String> options(int steps) {
    return Map.of(
        "dataset", "shapes:size=32:train=16:val=2",
        "steps", Integer.toString(steps),
        "batch", "2",
        "size", "32x32",
        "eval-every", "1000",
        "threads", "1",
        "workers", "1",
        "lr", "0.01",
        "device", "cpu");
  }

  private static List<Double> losses(Training training) {
    return training.points().stream().map(Training.Point::loss).toList();
  }

  private byte[] answer(String network) {
    byte[] rgb = new byte[32 * 32 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 37);
    }
    return predictions.predict(network, new RgbImage(32, 32, rgb), List.of()).answer();
  }

  private String gateVersion(Network network) {
    return network.parts().stream()
        .filter(p -> p.kind().equals("gate"))
        .map(PartInfo::version)
        .findFirst()
        .orElseThrow();
  }

  @Test
  public void anUpdateInTheMiddleOfATrainingLosesNoStep() throws Exception {
    plugins.install(jar("scale-0.jar"));
    assemble("reference", "itest-scale");
    List<Double> expected = losses(train("reference", 12, step -> {}));

    Network network = assemble("swapped", "itest-scale");
    List<Future<Update>> update = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    Training training =
        train(
            "swapped",
            12,
            step -> {
              steps.add(step);
              if (step == 4) {
                update.add(threads.submit(() -> plugins.update(jar("scale-1.jar"))));
                // The new one is preferred once it is there; the old one retires after that.
                while (!version().equals("1.0.1")) {
                  Thread.onSpinWait();
                }
              } else if (step == 8) {
                get(update.get(0));
              }
            });
    assertEquals(Training.End.FINISHED, training.end());
    assertEquals(LongStream.rangeClosed(1, 12).boxed().toList(), steps);
    assertEquals(expected, losses(training));
    Update done = get(update.get(0));
    assertTrue(done.moved().toString(), done.moved().contains("network swapped"));
    assertEquals("1.0.1", gateVersion(network));
    assertEquals(List.of("1.0.1"), plugins.list().stream().map(Plugin::version).toList());
  }

  private String version() {
    return registry.parts("gate").stream()
        .filter(p -> p.name().equals("itest-scale"))
        .map(PartInfo::version)
        .findFirst()
        .orElse("");
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  public void aBundleThatStopsPausesTheTraining() throws Exception {
    System.clearProperty("itests.watched.ran");
    System.clearProperty("itests.watched.late");
    plugins.install(jar("watched.jar"));
    assemble("reference", "itest-watched");
    List<Double> expected = losses(train("reference", 8, step -> {}));
    Bundle bundle =
        context.getBundle("riglab:plugin:itest.watched:" + plugins.list().get(0).sha256());

    // Between two steps.
    assemble("paused", "itest-watched");
    Training paused =
        train(
            "paused",
            8,
            step -> {
              if (step == 3) {
                get(threads.submit(() -> stop(bundle)));
              }
            });
    assertEquals(Training.End.PAUSED, paused.end());
    assertEquals(3, paused.points().size());
    String gone = assertThrows(RigException.class, () -> answer("paused")).getMessage();
    assertTrue(gone, gone.startsWith("there is no gate 'itest-watched'; there are "));
    bundle.start();
    Training resumed = trainer.resume("paused", Map.of(), Observer.NONE);
    assertEquals(Training.End.FINISHED, resumed.end());
    assertEquals(expected, losses(resumed));

    // In the middle of one: the stop waits for the gate.
    assemble("eager", "itest-watched");
    List<Double> eager = losses(train("eager", 8, "eager", step -> {}));
    assemble("held", "itest-watched");
    List<Future<?>> stop = new ArrayList<>();
    Training held =
        train(
            "held",
            8,
            "eager",
            step -> {
              if (step == 3) {
                System.setProperty(MODE, "hold");
                stop.add(
                    threads.submit(
                        () -> {
                          while (!System.getProperty(MODE).equals("held")) {
                            Thread.onSpinWait();
                          }
                          return stop(bundle);
                        }));
              }
            });
    get(stop.get(0));
    assertEquals(Training.End.PAUSED, held.end());
    assertEquals(eager.subList(0, held.points().size()), losses(held));
    assertNotEquals(0, (int) Integer.getInteger("itests.watched.ran", 0));
    assertEquals(0, (int) Integer.getInteger("itests.watched.late", 0));
    bundle.start();
    assertEquals(eager, losses(trainer.resume("held", Map.of(), Observer.NONE)));
  }

  @Test(timeout = 60_000)
  public void aGateThatStopsItsOwnBundleBlocksNobody() {
    plugins.install(jar("watched.jar"));
    assemble("suicide", "itest-watched");
    Training training =
        train(
            "suicide",
            8,
            "eager",
            step -> {
              if (step == 3) {
                System.setProperty(MODE, "stop");
              }
            });
    assertEquals(Training.End.PAUSED, training.end());
    assertEquals("stopped externally", plugins.list().get(0).state());
  }

  private static Void stop(Bundle bundle) throws Exception {
    bundle.stop();
    return null;
  }

  @Test
  public void hostileGatesAreNamedAndLeaveTheRestAlone() {
    plugins.install(jar("shape.jar"));
    plugins.install(jar("nan.jar"));
    assemble("good", "mul-sigmoid");
    byte[] before = answer("good");

    assemble("shape", "itest-shape");
    String expected = "gate itest-shape (itest.shape 1.0.0) at block ";
    for (String message :
        List.of(
            assertThrows(RigException.class, () -> answer("shape")).getMessage(),
            assertThrows(RigException.class, () -> train("shape", 2, step -> {})).getMessage())) {
      assertTrue(message, message.startsWith(expected));
      assertTrue(message, message.contains("returned shape"));
      assertEquals(1, message.lines().count());
    }
    assemble("nan", "itest-nan");
    String nan = assertThrows(RigException.class, () -> train("nan", 2, step -> {})).getMessage();
    assertTrue(nan, nan.contains("gate itest-nan (itest.nan 1.0.0) at block 4, iteration 2"));
    assertTrue(nan, nan.contains("NaN"));
    assertEquals(1, nan.lines().count());

    assertArrayEquals(before, answer("good"));
    assertEquals(Training.End.FINISHED, train("good", 2, step -> {}).end());
    plugins.remove("itest.shape", true);
    plugins.remove("itest.nan", true);
    assertEquals(List.of("good", "nan", "shape"), networks.names());
    assertArrayEquals(answer("good"), answer("good"));
  }

  @Test
  public void aStoredNetworkKeepsItsPlugin() {
    plugins.install(jar("scale-0.jar"));
    long bundle =
        assemble("stored", "itest-scale").parts().stream()
            .filter(part -> part.kind().equals("gate"))
            .findFirst()
            .orElseThrow()
            .bundleId();
    registry.retire(bundle);
    registry.reinstate(bundle);
    assertEquals("leases of a network that is on file only", List.of(), registry.users(bundle));
    RigException refusal =
        assertThrows(RigException.class, () -> plugins.remove("itest.scale", false));
    assertTrue(refusal.getMessage(), refusal.getMessage().contains("used by network stored"));
    networks.discard("stored");
    plugins.remove("itest.scale", false);
    assertEquals(List.of(), plugins.list());
  }

  @Test
  public void fiftyUpdatesLeaveNothingBehind() throws Exception {
    plugins.install(jar("scale-0.jar"));
    Network network = assemble("updated", "itest-scale");
    ReferenceQueue<ClassLoader> queue = new ReferenceQueue<>();
    Set<WeakReference<ClassLoader>> old = new HashSet<>();
    long warm = 0;
    for (int i = 1; i <= UPDATES; i++) {
      old.add(new WeakReference<>(loader(), queue));
      plugins.update(jar("scale-" + i + ".jar"));
      assertEquals(Training.End.FINISHED, train("updated", 2, step -> {}).end());
      assertEquals("1.0." + i, gateVersion(network));
      assertTrue(analyst.analyse("updated", 2, 32, 32).memory().kept() > 0);
      if (i == WARM) {
        Heap.collect(queue, old);
        warm = Resident.kibibytes();
      }
    }
    Heap.collect(queue, old);
    assertEquals("class loaders that are alive", 0, old.size());
    long grown = Resident.kibibytes() - warm;
    assertTrue(grown + " KiB more than " + warm, grown < warm / 20);
  }

  private ClassLoader loader() {
    Plugin plugin = plugins.list().get(0);
    return context
        .getBundle("riglab:plugin:itest.scale:" + plugin.sha256())
        .adapt(BundleWiring.class)
        .getClassLoader();
  }
}
