package org.riglab.itests;

import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import javax.inject.Inject;
import org.junit.Test;
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
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** Native memory that a plugin never frees is noticed, and its run paused in time; it names it. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class LeakIT {
  private static final long MOST_MIB = 4096;

  @Inject private BundleContext context;
  @Inject private ConfigurationAdmin admin;
  @Inject private Plugins plugins;
  @Inject private Networks networks;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-leak"));
    jars.build("hostile.jar", "itest.hostile", "1.0.0", "hostile", Map.of());
    return new Option[] {Platform.configuration("leak", jars)};
  }

  @Test
  public void aRunThatLeaksIsNamedAndPaused() throws Exception {
    LabServer server =
        new LabServer(context, admin, networks, "max.memory", Map.of("max.memory", MOST_MIB));
    plugins.install(Path.of(System.getProperty(Platform.PLUGINS), "hostile.jar"));
    server.assemble("leaking", Map.of("name", "itest-hostile", "does", "leak"));
    Run run = server.train("leaking", 1_000_000);
    Run paused = server.until(run.id(), r -> r.state() == State.PAUSED);
    assertTrue(
        paused.error(),
        paused
            .error()
            .matches(
                "worker cpu \\(process \\d+\\) uses .*, 4096 MiB allowed; it has grown by .* in"
                    + " \\d+ steps; suspected: gate itest-hostile \\(itest.hostile 1\\.0\\.0\\)"));
    assertTrue(paused.progress().done() > 0);
  }
}
