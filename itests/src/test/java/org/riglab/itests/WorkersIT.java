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
import java.util.Map;
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
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** Two workers on one machine give every run the numbers that it has alone. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class WorkersIT {
  private static final int STEPS = 30;

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

    Run left = train("left");
    Run right = train("right");
    int assembled = 0;
    boolean both = false;
    while (!server.lab().run(left.id()).state().ended()
        || !server.lab().run(right.id()).state().ended()) {
      // Draws from the random generator of the server's own process meanwhile.
      server.assemble("other", "mul-sigmoid");
      assembled++;
      both |=
          server.lab().run(left.id()).state() == State.RUNNING
              && server.lab().run(right.id()).state() == State.RUNNING;
    }
    done(left);
    done(right);
    assertTrue("no network was assembled meanwhile", assembled > 0);
    assertTrue("the runs were not executed at once", both);

    byte[] alone = values("alone");
    assertFalse(Arrays.equals(values("untrained"), alone));
    assertArrayEquals(alone, values("left"));
    assertArrayEquals(alone, values("right"));
  }
}
