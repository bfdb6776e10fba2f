package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.riglab.api.RigException;
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.RgbImage;

/** A server is updated for weeks: what has gone must leave the heap, down to the last object. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class RetainedIT {
  /** Updates after which everything that is loaded once has been loaded. */
  private static final int WARM = 20;

  private static final int UPDATES = 60;

  @Inject private Plugins plugins;
  @Inject private Networks networks;
  @Inject private Predictions predictions;
  @Inject private Analyst analyst;
  @Inject private LogReaderService log;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-retained"));
    Path first = jars.build("scale-0.jar", "itest.scale", "1.0.0", "scale", Map.of());
    for (int i = 1; i <= WARM + UPDATES; i++) {
      jars.version(first, "scale-" + i + ".jar", "1.0." + i);
    }
    jars.build("throwing.jar", "itest.throwing", "1.0.0", "throwing", Map.of());
    return new Option[] {Platform.configuration("retained", jars)};
  }

  private static Path jar(String name) {
    return Path.of(System.getProperty(Platform.PLUGINS), name + ".jar");
  }

  private void update(int from, int to) {
    byte[] rgb = new byte[32 * 32 * 3];
    for (int i = from; i <= to; i++) {
      plugins.update(jar("scale-" + i));
      predictions.predict("updated", new RgbImage(32, 32, rgb), List.of());
      assertTrue(analyst.analyse("updated", 2, 32, 32).memory().kept() > 0);
      if (i % 10 == 0) {
        // as in a server: weak maps let go of what was collected when they are used again
        System.gc();
      }
    }
  }

  @Test
  public void noObjectOfAnOldVersionIsRetained() {
    plugins.install(jar("scale-0"));
    Map<String, Object> backbone =
        Map.of("name", "resnet", "layers", List.of(1L, 1L, 1L, 1L), "width", 8L, "block", "basic");
    Map<String, Object> spec =
        Map.of(
            "backbone",
            backbone,
            "gate",
            "itest-scale",
            "unroll",
            "parallel",
            "feedback",
            List.of(4L, 5L, 6L),
            "iterations",
            2L,
            "classes",
            6L);
    networks.assemble("updated", networks.spec(spec, "test"), true);
    update(1, WARM);
    String warm = Heap.histogram();
    update(WARM + 1, WARM + UPDATES);
    Map<String, Long> grown = Heap.grown(warm, Heap.histogram());
    grown.values().removeIf(more -> more < UPDATES / 2);
    assertEquals("instances more after " + UPDATES + " updates", Map.of(), grown);
  }

  @Test
  public void whatScrSaysOfAPluginIsLogged() throws Exception {
    BlockingQueue<LogEntry> errors = new LinkedBlockingQueue<>();
    LogListener listener =
        entry -> {
          if (entry.getLogLevel() == LogLevel.ERROR) {
            errors.add(entry);
          }
        };
    log.addLogListener(listener);
    try {
      assertThrows(RigException.class, () -> plugins.install(jar("throwing")));
      LogEntry error = errors.poll(1, TimeUnit.MINUTES);
      assertTrue("nothing is logged", error != null);
      assertEquals("org.riglab.itests.plugins.throwing.ThrowingGate", error.getLoggerName());
      assertTrue(
          error.getMessage(), error.getMessage().startsWith("bundle itest.throwing:1.0.0 ("));
      assertEquals("no licence for this gate", cause(error.getException()).getMessage());
      assertEquals("org.riglab.plugins", error.getBundle().getSymbolicName());
    } finally {
      log.removeLogListener(listener);
    }
  }

  private static Throwable cause(Throwable thrown) {
    return thrown.getCause() == null ? thrown : cause(thrown.getCause());
  }
}
