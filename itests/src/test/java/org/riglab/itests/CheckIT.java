package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.author.PluginChecks.Check;
import org.riglab.api.author.PluginChecks.Report;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.RgbImage;

/** A plugin is held against the contracts beside everything, and leaves nothing. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class CheckIT {
  @Inject private BundleContext context;
  @Inject private Registry registry;
  @Inject private Plugins plugins;
  @Inject private Networks networks;
  @Inject private Predictions predictions;
  @Inject private PluginChecks checks;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/checked"));
    jars.build("scale.jar", "itest.scale", "1.0.0", "scale", Map.of());
    jars.build("shape.jar", "itest.shape", "1.0.0", "shape", Map.of());
    jars.build("pinning.jar", "itest.pinning", "1.0.0", "pinning", Map.of());
    jars.version(Path.of("target/checked/pinning.jar"), "pinning-2.jar", "1.0.1");
    jars.build("spinning.jar", "itest.spinning", "1.0.0", "spinning", Map.of());
    jars.build("nothing.jar", "itest.nothing", "1.0.0", "", Map.of());
    return new Option[] {
      Platform.configuration("check", jars),
      // as the distribution's features say: a jar visits beside an installed one of its version
      frameworkProperty("org.osgi.framework.bsnversion").value("multiple")
    };
  }

  private static Path jar(String file) {
    return Path.of(System.getProperty(Platform.PLUGINS), file);
  }

  private Report check(String file) {
    List<Check> told = new ArrayList<>();
    Report report = checks.check(jar(file), Optional.empty(), told::add);
    assertEquals(report.checks(), told);
    return report;
  }

  private static List<String> failed(Report report) {
    return report.checks().stream()
        .filter(check -> check.verdict() == Verdict.FAILED)
        .map(check -> check.part() + " " + check.name() + ": " + check.sentence())
        .toList();
  }

  private List<String> bundles() {
    return Arrays.stream(context.getBundles())
        .filter(b -> b.getSymbolicName().startsWith("itest."))
        .map(b -> b.getLocation())
        .toList();
  }

  private long files() throws Exception {
    Path home = Path.of(context.getProperty("riglab.home"), "plugins");
    try (Stream<Path> files = Files.walk(home)) {
      return files.filter(file -> file.toString().contains(".staged")).count();
    }
  }

  @Test
  public void leavesNothing() throws Exception {
    Report report = check("scale.jar");
    assertEquals(List.of(), failed(report));
    assertTrue(report.passed());
    Check last = report.checks().get(report.checks().size() - 1);
    assertEquals("plugin itest.scale classesGoAfterUse", last.part() + " " + last.name());
    assertEquals(List.of(), bundles());
    assertEquals(List.of(), plugins.list());
    assertEquals(0, files());
  }

  /** A thread local goes with its thread: the check keeps its threads, as a shell does. */
  @Test
  public void findsWhatAThreadLocalPins() throws Exception {
    List<String> failed = failed(check("pinning.jar"));
    assertEquals(failed.toString(), 1, failed.size());
    assertTrue(
        failed.get(0),
        failed
            .get(0)
            .startsWith(
                "plugin itest.pinning classesGoAfterUse: its classes stay in memory after it was"
                    + " removed: "));
  }

  /** On this thread, which lives on, a network runs the gate; then another version takes over. */
  @Test
  public void theDoctorFindsWhatAThreadLocalPins() {
    plugins.install(jar("pinning.jar"));
    try {
      Map<String, Object> spec =
          Map.of(
              "backbone",
              Map.of("name", "resnet", "layers", List.of(1L, 1L, 1L, 1L), "width", 8L),
              "gate",
              "itest-pinning",
              "unroll",
              "parallel",
              "feedback",
              List.of(4L, 5L, 6L),
              "iterations",
              2L,
              "classes",
              6L);
      networks.assemble("pinned", networks.spec(spec, "test"), true);
      predictions.predict("pinned", new RgbImage(32, 32, new byte[3 * 32 * 32]), List.of());
      plugins.update(jar("pinning-2.jar"));
      assertEquals(
          List.of(
              "memory: this process still holds the classes of 1.0.0: a thread, a thread local or a"
                  + " listener refers to them"),
          plugins.doctor("itest.pinning").checks().stream()
              .filter(check -> !check.ok())
              .map(check -> check.name() + ": " + check.text())
              .toList());
    } finally {
      networks.discard("pinned");
      plugins.remove("itest.pinning", true);
    }
  }

  @Test
  public void leavesTheInstalledOneOfTheSameName() {
    plugins.install(jar("scale.jar"));
    try {
      List<String> before = bundles();
      assertTrue(check("scale.jar").passed());
      assertEquals(before, bundles());
      assertEquals("active", plugins.list().get(0).state());
      long parts =
          registry.parts("gate").stream().filter(p -> p.name().equals("itest-scale")).count();
      assertEquals(1, parts);
    } finally {
      plugins.remove("itest.scale", true);
    }
  }

  @Test
  public void saysWhatIsWrong() {
    Report report = check("shape.jar");
    assertFalse(report.passed());
    String first = failed(report).get(0);
    assertTrue(first, first.contains(" resultHasTheShapeOfItsInput: for x (2, 6, 33, 47)"));
    assertEquals(List.of(), bundles());
  }

  @Test
  public void aPartThatLoopsIsLeftToItself() {
    List<Check> told = new ArrayList<>();
    Report report;
    try {
      report =
          checks.check(jar("spinning.jar"), Optional.empty(), Duration.ofSeconds(5), told::add);
    } finally {
      System.setProperty("itests.spinning.over", "true");
    }
    assertEquals(report.checks(), told);
    List<String> failed = failed(report);
    assertEquals(report.checks().toString(), 1, report.checks().size());
    assertTrue(
        failed.get(0),
        failed
            .get(0)
            .startsWith(
                "gate itest-spinning resultHasTheShapeOfItsInput: no return after 5 s: it is in"
                    + " SpinningGate.spin (SpinningGate.java:"));
    assertEquals(List.of(), bundles());
    // the next one is none the worse for it
    assertEquals(List.of(), failed(check("scale.jar")));
  }

  @Test
  public void saysWhatInstallSays() {
    String refused =
        assertThrows(
                RigException.class,
                () -> checks.check(jar("nothing.jar"), Optional.empty(), check -> {}))
            .getMessage();
    assertEquals(
        assertThrows(RigException.class, () -> plugins.install(jar("nothing.jar"))).getMessage(),
        refused);
    assertEquals(List.of(), bundles());
  }
}
