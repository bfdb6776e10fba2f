package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.riglab.api.RigException;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Plugins.Plugin;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

/** A run knows the plugin that it was made with, and is repeated with that one only. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class ProvenanceIT {
  private static final String NAME = "itest.scale";

  @Inject private Plugins plugins;
  @Inject private Lab lab;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-provenance"));
    Path scale = jars.build("scale-1.jar", NAME, "1.0.0", "scale", Map.of());
    jars.version(scale, "scale-2.jar", "2.0.0");
    return new Option[] {Platform.configuration("provenance", jars)};
  }

  private static Path jar(String file) {
    return Path.of(System.getProperty(Platform.PLUGINS), file);
  }

  private static Request request() {
    Map<String, Object> network = new HashMap<>();
    network.put(
        "backbone",
        Map.of("name", "resnet", "layers", List.of(1L, 1L, 1L, 1L), "width", 8L, "block", "basic"));
    network.put("gate", "itest-scale");
    network.put("unroll", "parallel");
    network.put("feedback", List.of(4L, 5L, 6L));
    network.put("iterations", 2L);
    network.put("classes", 6L);
    network.put("seed", 1L);
    Map<String, Object> options = new HashMap<>();
    options.put("dataset", "shapes:size=32:train=16:val=2");
    options.put("steps", "4");
    options.put("batch", "2");
    options.put("size", "32x32");
    options.put("threads", "1");
    options.put("workers", "1");
    options.put("device", "cpu");
    return new Request(
        Run.Kind.TRAIN, "a run", "own", network, options, Map.of(), List.of(), 0, List.of());
  }

  private String refused(long id) {
    return assertThrows(RigException.class, () -> lab.replay(id)).getMessage();
  }

  @Test
  public void replaysWithTheJarItWasMadeWith() {
    Plugin one = plugins.install(jar("scale-1.jar"));
    Run run = lab.await(lab.submit(request()).get(0).id(), r -> {});
    assertEquals(run.error(), Run.State.DONE, run.state());
    assertEquals(NAME + " 1.0.0 " + one.sha256(), run.parts().get("gate itest-scale"));
    assertEquals(List.of(), lab.run(run.id()).warnings());

    // Removed: the run still lists it, and says how to install it again.
    plugins.remove(NAME, true);
    String start = one.sha256().substring(0, 16);
    String gone =
        "plugin itest.scale 1.0.0 (sha256 %s) is not installed; 'plugin install sha256:%s' installs it again"
            .formatted(start, start);
    assertEquals(List.of(gone), lab.run(run.id()).warnings());
    assertEquals(List.of(gone), lab.list(Lab.Query.ALL).runs().get(0).warnings());
    assertEquals(run.metrics(), lab.run(run.id()).metrics());
    assertFalse(lab.curve(run.id(), "loss", 10).points().isEmpty());
    assertEquals("run 1 cannot be repeated: " + gone, refused(run.id()));

    // What a run was made with is not pruned.
    assertEquals(List.of(), plugins.prune(Set.of(one.sha256())));

    // Another version: both digests.
    Plugin two = plugins.install(jar("scale-2.jar"));
    assertEquals(
        "run 1 cannot be repeated: it was made with plugin itest.scale 1.0.0 (sha256 %s), but 2.0.0 is installed (sha256 %s); 'plugin update sha256:%s' installs it again"
            .formatted(start, two.sha256().substring(0, 16), start),
        refused(run.id()));
    assertEquals("1.0.0", plugins.update("sha256:" + start).after().version());
    Run replay = lab.await(lab.replay(run.id()).id(), r -> {});
    assertEquals(replay.error(), Run.State.DONE, replay.state());
    Comparison comparison = lab.compare(run.id(), replay.id());
    assertEquals(Map.of(), comparison.parts());
    assertTrue(comparison.sameData());
    Comparison.Metric loss =
        comparison.metrics().stream()
            .filter(m -> m.name().equals("loss"))
            .findFirst()
            .orElseThrow();
    assertEquals(4, loss.points());
    for (Comparison.Metric metric : comparison.metrics()) {
      assertEquals(metric.name(), 0, metric.largest(), 0);
      assertEquals(metric.name(), 0, metric.unmatched());
    }
  }
}
