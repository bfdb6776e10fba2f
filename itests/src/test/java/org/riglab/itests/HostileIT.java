package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Plugins.Plugin;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** What hostile plugins do costs their own runs, which name them; another run trains on. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HostileIT {
  private static final String OVER = "itests.hostile.over";
  private static final String GATE = "gate itest-hostile (itest.hostile 1.0.0)";
  private static final int ENDLESS = 1_000_000;

  private static LabServer server;

  @Inject private BundleContext context;
  @Inject private ConfigurationAdmin admin;
  @Inject private Plugins plugins;
  @Inject private Networks networks;

  private Run good;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-hostile"));
    for (String name : List.of("hostile", "failing", "throwing")) {
      jars.build(name + ".jar", "itest." + name, "1.0.0", name, Map.of());
    }
    jars.version(Path.of("target/plugins-hostile/hostile.jar"), "hostile-2.jar", "1.0.1");
    return new Option[] {Platform.configuration("hostile", jars)};
  }

  @Before
  public void start() throws Exception {
    System.clearProperty(OVER);
    if (server == null) {
      server =
          new LabServer(
              context,
              admin,
              networks,
              "step.minutes",
              Map.of("step.minutes", 0.05, "devices", new String[] {"cpu", "cpu"}));
    }
    server.assemble("good", "mul-sigmoid");
    good = server.train("good", ENDLESS);
    server.until(good.id(), run -> run.progress().done() > 0);
    plugins.install(jar("hostile.jar"));
  }

  @After
  public void theOtherRunGoesOn() throws Exception {
    long done = server.lab().run(good.id()).progress().done();
    server.until(good.id(), run -> run.progress().done() > done);
    server.lab().cancel(good.id());
    assertEquals(State.CANCELLED, server.ended(good).state());
    System.setProperty(OVER, "true");
    for (Plugin plugin : plugins.list()) {
      plugins.remove(plugin.name(), true);
    }
    assertEquals(List.of("cpu", "cpu"), devices());
  }

  private static List<String> devices() {
    return server.lab().health().workers().stream().map(Health.Worker::device).toList();
  }

  private static Path jar(String file) {
    return Path.of(System.getProperty(Platform.PLUGINS), file);
  }

  private static Run run(String does) throws InterruptedException {
    server.assemble("hostile", Map.of("name", "itest-hostile", "does", does));
    return server.ended(server.train("hostile", 4));
  }

  private static void fails(String does, String error) throws InterruptedException {
    Run run = run(does);
    assertEquals(does, State.FAILED, run.state());
    assertTrue(does + ": " + run.error(), run.error().matches(error));
  }

  @Test
  public void whateverItThrowsNamesIt() throws Exception {
    String at = "\\Q" + GATE + "\\E at block 4, iteration 2 ";
    fails("exception", at + "failed: IllegalStateException: no gate today");
    fails("checked", at + "failed: IOException: no such weight");
    fails("assertion", at + "failed: AssertionError: x is null");
    fails("linkage", at + "failed: NoClassDefFoundError: org/example/Missing");
    fails("overflow", at + "failed: StackOverflowError");
    fails("shape", at + "returned shape .*; right would be its input's shape .*");
    fails("nan", "the loss of step 1 is NaN: " + at + "returned NaN or infinity; .*");
    assertEquals(State.DONE, run("nothing").state());
  }

  @Test
  public void theProcessDoesNotEnd() throws Exception {
    String at = "\\Q" + GATE + "\\E at block 4, iteration 2 failed: SecurityException: ";
    String cannot = "a plugin cannot end the process: it called ";
    fails("exit", at + cannot + "System.exit");
    fails("runtime-exit", at + cannot + "Runtime.exit");
    fails("halt", at + cannot + "Runtime.halt");
  }

  @Test
  public void moreMemoryThanThereIsNamesIt() throws Exception {
    String at = "\\Q" + GATE + "\\E at block 4, iteration 2 failed: ";
    String less = "; a smaller batch or crop needs less.*";
    fails("heap", at + "OutOfMemoryError: .*" + less);
    fails("native", at + ".*" + "allocate.*" + less);
  }

  @Test
  public void aWaitWithoutEndIsInterrupted() throws Exception {
    fails("sleep", "no step for \\d+ s: \\Q" + GATE + "\\E is in HostileGate.sleep \\(.*\\)");
    assertEquals(List.of("active"), plugins.list().stream().map(Plugin::state).toList());
    assertEquals(State.DONE, run("nothing").state());
  }

  @Test
  public void anEndlessLoopIsAbandoned() throws Exception {
    String in = "HostileGate\\.spin \\(HostileGate.java:\\d+\\)";
    fails(
        "loop",
        "no step for \\d+ s: \\Q"
            + GATE
            + "\\E is in "
            + in
            + "; it does not answer an interrupt: its thread was abandoned and the plugin is out of"
            + " order");
    String state = plugins.list().get(0).state();
    assertTrue(state, state.matches("out of order: in run \\d+ it made no step and hung in " + in));
    String refused =
        assertThrows(
                RigException.class,
                () -> server.assemble("next", Map.of("name", "itest-hostile", "does", "nothing")))
            .getMessage();
    assertTrue(
        refused,
        refused.startsWith("gate itest-hostile of itest.hostile 1.0.0 is out of order: in run "));
    assertTrue(refused, refused.endsWith("; update or remove the plugin"));

    // Its network and its device are free again, and another version works.
    server.assemble("hostile", "mul-sigmoid");
    assertEquals(State.DONE, server.ended(server.train("hostile", 2)).state());
    plugins.update(jar("hostile-2.jar"));
    assertEquals(State.DONE, run("nothing").state());
  }

  @Test
  public void aThreadLeftBehindIsNamed() throws Exception {
    Run run = run("thread");
    assertEquals(State.DONE, run.state());
    String line = "thread 'hostile-thread' was left behind; " + GATE + " is in HostileGate.sleep";
    server.until(
        run.id(),
        r ->
            server.lab().eventsOf(r.id(), 100).stream()
                .anyMatch(e -> e.type() == Event.Type.WARNING && e.text().startsWith(line)));
    assertTrue(
        server.lab().health().checks().toString(),
        server.lab().health().checks().stream()
            .anyMatch(check -> check.name().equals("threads") && check.text().startsWith(line)));
  }

  @Test
  public void aPluginThatDoesNotStartSaysWhy() {
    for (String name : List.of("failing", "throwing")) {
      String said =
          assertThrows(RigException.class, () -> plugins.install(jar(name + ".jar"))).getMessage();
      assertTrue(said, said.contains("gate itest-" + name + " of itest." + name + " 1.0.0"));
      assertTrue(said, said.contains(name.equals("failing") ? "Missing" : "no licence"));
      assertEquals(1, said.lines().count());
    }
    assertEquals(List.of("itest.hostile"), plugins.list().stream().map(Plugin::name).toList());
  }
}
