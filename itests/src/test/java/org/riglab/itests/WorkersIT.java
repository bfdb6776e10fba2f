package org.riglab.itests;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import javax.inject.Inject;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Weights;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** Two workers on one machine give every run the numbers that it has alone. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class WorkersIT {
  /** Enough that a training lasts for seconds, in which other things happen. */
  private static final int STEPS = 100;

  private static final int MAX_PAIRS = 10;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Inject private BundleContext context;
  @Inject private ConfigurationAdmin admin;
  @Inject private Plugins plugins;
  @Inject private Networks networks;
  @Inject private Weights weights;

  private LabServer server;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-workers"));
    jars.build("dropping.jar", "itest.dropping", "1.0.0", "dropping", Map.of());
    Path other = jars.build("other-1.jar", "itest.nan", "1.0.0", "nan", Map.of());
    jars.version(other, "other-2.jar", "1.1.0");
    return new Option[] {Platform.configuration("workers", jars)};
  }

  /** The values of a network's tensors, without the header that names its run. */
  private byte[] values(String network) throws IOException {
    Path file = folder.getRoot().toPath().resolve(network + ".safetensors");
    weights.write(network, Weights.SAFETENSORS, file);
    byte[] all = Files.readAllBytes(file);
    long header = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(all, Long.BYTES + Math.toIntExact(header), all.length);
  }

  private Run train(String network) {
    server.assemble(network, "itest-dropping");
    return server.train(network, STEPS);
  }

  private Run done(Run run) throws InterruptedException {
    Run ended = server.ended(run);
    assertEquals(ended.error(), State.DONE, ended.state());
    return ended;
  }

  @Test
  public void twoRunsAtOnceHaveTheBitsOfOneAlone() throws Exception {
    server =
        new LabServer(
            context,
            admin,
            networks,
            "step.minutes",
            Map.of("step.minutes", 2.0, "devices", new String[] {"cpu", "cpu"}));
    plugins.install(Path.of(System.getProperty(Platform.PLUGINS), "dropping.jar"));
    server.assemble("untrained", "itest-dropping");
    done(train("alone"));

    byte[] alone = values("alone");
    assertFalse(Arrays.equals(values("untrained"), alone));
    // The second worker executes its first run slowly, maybe after the other run has ended.
    boolean both = false;
    for (int pair = 0; pair < MAX_PAIRS && !both; pair++) {
      both = executedAtOnce("left" + pair, "right" + pair);
      assertArrayEquals(alone, values("left" + pair));
      assertArrayEquals(alone, values("right" + pair));
    }
    assertTrue("no two runs were executed at once", both);
    otherPluginsComeAndGo(alone);
  }

  /** Trains two networks while the server's own process draws from its random generator. */
  private boolean executedAtOnce(String first, String second) throws Exception {
    Run left = train(first);
    Run right = train(second);
    do {
      server.assemble("other", "mul-sigmoid");
    } while (!server.lab().run(left.id()).state().ended()
        || !server.lab().run(right.id()).state().ended());
    Run.Times one = done(left).times();
    Run.Times other = done(right).times();
    return one.started().orElseThrow().isBefore(other.ended().orElseThrow())
        && other.started().orElseThrow().isBefore(one.ended().orElseThrow());
  }

  /** A training does not notice that plugins which it does not use are changed. */
  private void otherPluginsComeAndGo(byte[] alone) throws Exception {
    Run run = train("beside");
    server.until(run.id(), r -> r.progress().done() > 0);
    int changes = 0;
    while (!server.lab().run(run.id()).state().ended()) {
      plugins.install(jar("other-1.jar"));
      plugins.update(jar("other-2.jar"));
      plugins.remove("itest.nan", false);
      changes++;
    }
    done(run);
    assertTrue("no plugin was changed meanwhile", changes > 0);
    assertArrayEquals(alone, values("beside"));
    Run undisturbed =
        server.lab().list(Lab.Query.of(State.DONE)).runs().stream()
            .filter(r -> r.network().equals("alone"))
            .findFirst()
            .orElseThrow();
    assertEquals(events(undisturbed), events(run));
    Curve loss = server.lab().curve(run.id(), "loss", 2 * STEPS);
    assertEquals(
        LongStream.rangeClosed(1, STEPS).boxed().toList(),
        loss.points().stream().map(Curve.Bucket::step).toList());
    assertEquals(server.lab().curve(undisturbed.id(), "loss", 2 * STEPS).points(), loss.points());
  }

  /** Neither paused nor restarted: it has the events of any run. */
  private List<Event.Type> events(Run run) {
    return server.lab().eventsOf(run.id(), 100).stream().map(Event::type).toList();
  }

  private static Path jar(String name) {
    return Path.of(System.getProperty(Platform.PLUGINS), name);
  }
}
