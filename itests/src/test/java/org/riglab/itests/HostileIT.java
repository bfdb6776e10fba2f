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

/**
 * What hostile plugins do costs their own runs, which name them, or at worst their worker, which is
 * replaced; another run trains on, and the server stays.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HostileIT {
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
    if (server == null) {
      server =
          new LabServer(
              context,
              admin,
              networks,
              "step.minutes",
              Map.of(
                  "step.minutes", 0.25, "crash.limit", 2, "devices", new String[] {"cpu", "cpu"}));
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
    fails("shape", at + "returned shape .*; expected its input's shape .*");
    fails("nan", "the loss of step 1 is NaN: " + at + "returned NaN or infinity; .*");
    assertEquals(State.DONE, run("nothing").state());
  }

  /** What its run says that has cost two workers. */
  private static String deaths(String how) {
    return "2 processes in a row died while it ran, the last after step 0: worker cpu(-2)?"
        + " \\(process \\d+\\) "
        + how;
  }

  @Test
  public void aWorkerThatEndsIsReplaced() throws Exception {
    String exited = "ended with status 71: System.exit was called; \\Q" + GATE + "\\E is in ";
    fails("exit", deaths(exited + "HostileGate.gate \\(HostileGate.java:\\d+\\)"));
    fails("runtime-exit", deaths(exited + "HostileGate.gate \\(HostileGate.java:\\d+\\)"));
    fails("halt", deaths("ended with status 7; suspected: \\Q" + GATE + "\\E"));
    fails(
        "crash",
        deaths(
            "was ended by signal 6: SIGSEGV; \\Q" + GATE + "\\E was in HostileGate.crash \\(.*"));
    assertEquals(State.DONE, run("nothing").state());
  }

  @Test
  public void moreMemoryThanThereIsNamesIt() throws Exception {
    String at = "\\Q" + GATE + "\\E at block 4, iteration 2 failed: ";
    String less = "; use a smaller batch or crop.*";
    fails("heap", at + "OutOfMemoryError: .*" + less);
    fails("native", at + ".*" + "allocate.*" + less);
  }

  @Test
  public void aWorkerThatMakesNoStepIsReplaced() throws Exception {
    for (String does : List.of("sleep", "spin")) {
      fails(
          does.equals("spin") ? "loop" : does,
          deaths(
              "was ended by signal 9: no step for \\d+ s: \\Q"
                  + GATE
                  + "\\E is in HostileGate\\."
                  + does
                  + " \\(HostileGate.java:\\d+\\)"));
    }
    assertEquals(List.of("active"), plugins.list().stream().map(Plugin::state).toList());

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
    // The thread went with its worker.
    server.until(
        run.id(),
        r ->
            server.lab().health().checks().stream()
                .filter(check -> check.name().startsWith("worker "))
                .allMatch(check -> check.status() == Health.Status.OK));
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("hostile-thread")));
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
