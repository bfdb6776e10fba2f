package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
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
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Plugins.Check;
import org.riglab.api.bench.Plugins.Diagnosis;
import org.riglab.api.bench.Plugins.Kept;
import org.riglab.api.bench.Plugins.Plugin;
import org.riglab.api.bench.Plugins.Update;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.Gate;

/** Plugins come, change and go, and say clearly why they cannot. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class PluginsIT {
  private static final String NAME = "itest.scale";

  @Inject private BundleContext context;
  @Inject private Registry registry;
  @Inject private Plugins plugins;

  @Configuration
  public static Option[] configuration() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins"));
    Path scale = jars.build("scale-1.jar", NAME, "1.0.0", "scale", Map.of());
    jars.version(scale, "scale-2.jar", "2.0.0");
    jars.version(scale, "scale-3.jar", "3.0.0");
    jars.build("scale-1-other.jar", NAME, "1.0.0", "scale", Map.of("Other", "content"));
    jars.build("scale-4-without.jar", NAME, "4.0.0", "shape", Map.of());
    jars.build("scale-5-throwing.jar", NAME, "5.0.0", "throwing", Map.of());
    jars.build("throwing.jar", "itest.throwing", "1.0.0", "throwing", Map.of());
    jars.build(
        "clinging.jar",
        "itest.clinging",
        "1.0.0",
        "clinging",
        Map.of("Bundle-Activator", "org.riglab.itests.plugins.clinging.ClingingGate$Activator"));
    jars.build("waiting.jar", "itest.waiting", "1.0.0", "waiting", Map.of());
    jars.build("nothing.jar", "itest.nothing", "1.0.0", "", Map.of());
    jars.build(
        "exporting.jar",
        "itest.exporting",
        "1.0.0",
        "",
        Map.of(
            "-exportcontents",
            "org.riglab.itests.plugins.scale",
            "-includepackage",
            "org.riglab.itests.plugins.scale"));
    jars.build(
        "importing.jar",
        "itest.importing",
        "1.0.0",
        "scale",
        Map.of(
            "Import-Package", "org.nobody;version=\"[2,3)\", org.riglab.nn;version=\"[7,8)\", *"));
    jars.build("rival-0.jar", "itest.rival", "0.5.0", "shape", Map.of());
    jars.build("rival-1.jar", "itest.rival", "1.0.0", "scale", Map.of());
    jars.build("rival-2.jar", "itest.rival", "2.0.0", "scale", Map.of());
    jars.build("rival-3.jar", "itest.rival", "3.0.0", "scale", Map.of());
    jars.build("impostor.jar", "org.riglab.gates", "9.0.0", "scale", Map.of());
    return new Option[] {Platform.configuration("plugins", jars)};
  }

  @After
  public void removeAll() {
    for (Plugin plugin : plugins.list()) {
      plugins.remove(plugin.name(), true);
    }
    plugins.prune(Set.of());
    assertEquals(List.of(), plugins.kept());
  }

  private static Path jar(String file) {
    return Path.of(System.getProperty(Platform.PLUGINS), file);
  }

  private Path store() {
    return Path.of(context.getProperty("riglab.home"), "plugins");
  }

  private List<String> unfinished() throws Exception {
    try (Stream<Path> files = Files.list(store().resolve("jars"))) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".part")).toList();
    }
  }

  private List<String> bundles() {
    return Arrays.stream(context.getBundles())
        .filter(b -> b.getSymbolicName().startsWith("itest."))
        .map(b -> b.getSymbolicName() + " " + b.getVersion() + " " + b.getState())
        .toList();
  }

  private PartInfo scale() {
    return registry.parts("gate").stream()
        .filter(p -> p.name().equals("itest-scale"))
        .findFirst()
        .orElseThrow();
  }

  private String refused(String file) {
    return assertThrows(RigException.class, () -> plugins.install(jar(file))).getMessage();
  }

  @Test
  public void installsAndRemoves() throws Exception {
    Plugin plugin = plugins.install(jar("scale-1.jar"));
    assertEquals(
        List.of(NAME, "1.0.0", "active", List.of("gate itest-scale"), List.of()),
        List.of(plugin.name(), plugin.version(), plugin.state(), plugin.parts(), plugin.users()));
    assertEquals(List.of(plugin), plugins.list());
    assertEquals(plugin.sha256(), scale().sha256());
    assertEquals("multiplies by a number", scale().about());
    assertEquals("factor", scale().options().get(0).name());
    Path kept = store().resolve("jars/" + plugin.sha256() + ".jar");
    assertEquals(-1, Files.mismatch(jar("scale-1.jar"), kept));
    assertEquals(List.of(), unfinished());

    plugins.remove(NAME, false);
    assertEquals(List.of(), plugins.list());
    assertEquals(List.of(), bundles());
    assertTrue(Files.exists(kept));
    assertEquals(
        "there is no plugin 'itest.scale' installed; none is available",
        assertThrows(RigException.class, () -> plugins.remove(NAME, false)).getMessage());
  }

  @Test
  public void refusesWhatIsNoPlugin() throws Exception {
    Path text = Files.writeString(Files.createTempFile("plugin", ".jar"), "no jar");
    String noJar = assertThrows(RigException.class, () -> plugins.install(text)).getMessage();
    assertTrue(noJar, noJar.startsWith(text + " is not a jar: "));
    assertEquals("there is no file " + jar("none.jar"), refused("none.jar"));
    assertTrue(refused("nothing.jar"), refused("nothing.jar").contains(" provides no part: "));
    assertTrue(refused("exporting.jar"), refused("exporting.jar").contains(" exports packages; "));
    assertEquals("org.riglab.gates is a bundle of Riglab, not a plugin", refused("impostor.jar"));
    assertEquals(
        "plugin itest.importing 1.0.0 needs package org.nobody [2.0.0,3.0.0), which no bundle"
            + " exports; a plugin must contain the libraries that Riglab does not have; and package"
            + " org.riglab.nn [7.0.0,8.0.0), but org.riglab.nn has it in version VERSION",
        refused("importing.jar").replaceFirst("[0-9]+\\.[0-9]+\\.[0-9]+$", "VERSION"));
    assertEquals(
        "plugin itest.waiting 1.0.0 does not start: component"
            + " org.riglab.itests.plugins.waiting.WaitingGate waits for service"
            + " java.util.function.Supplier",
        refused("waiting.jar"));
    String throwing = refused("throwing.jar");
    assertTrue(
        throwing,
        throwing.startsWith("gate itest-throwing of itest.throwing 1.0.0 does not start: ")
            && throwing.endsWith("no licence for this gate"));
    assertEquals(1, throwing.lines().count());
    assertEquals(List.of(), plugins.list());
    assertEquals(List.of(), bundles());
    assertEquals(List.of(), plugins.kept());
    assertEquals(List.of(), unfinished());
  }

  @Test
  public void refusesTheSameVersionTwice() {
    plugins.install(jar("scale-1.jar"));
    assertEquals(
        "plugin itest.scale 1.0.0 is already installed; use update", refused("scale-1-other.jar"));
    assertEquals(
        "plugin itest.scale 1.0.0 is already installed with other content; change the version of"
            + " the new one",
        assertThrows(RigException.class, () -> plugins.update(jar("scale-1-other.jar")))
            .getMessage());
    assertEquals(
        "plugin itest.scale 1.0.0 is already installed with the same content",
        assertThrows(RigException.class, () -> plugins.update(jar("scale-1.jar"))).getMessage());
    assertEquals(List.of("itest.scale 1.0.0 " + Bundle.ACTIVE), bundles());
  }

  @Test
  public void updatesBesideTheOldOne() throws Exception {
    plugins.install(jar("scale-1.jar"));
    Lease<Gate> old = registry.lease(Gate.class, "itest-scale", "network a");
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<Update> update = threads.submit(() -> plugins.update(jar("scale-2.jar")));
      while (!old.retiring()) {
        Thread.onSpinWait();
      }
      assertFalse(old.revoked());
      assertEquals("1.0.0", old.part().version());
      assertFalse(update.isDone());
      old.service();
      try (Lease<Gate> young = registry.lease(Gate.class, "itest-scale", "network a")) {
        assertEquals("2.0.0", young.part().version());
        assertFalse(young.retiring());
        old.close();
        Update done = update.get();
        assertEquals("1.0.0", done.before().version());
        assertEquals("2.0.0", done.after().version());
        assertEquals(List.of("network a"), done.moved());
        assertEquals(List.of("network a"), done.after().users());
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(List.of("itest.scale 2.0.0 " + Bundle.ACTIVE), bundles());
    assertEquals(
        "lease on gate itest-scale of itest.scale 1.0.0 is closed",
        assertThrows(RigException.class, old::service).getMessage());
    Update back = plugins.update(jar("scale-1.jar"));
    assertEquals(List.of("1.0.0", "1.0.0"), List.of(back.after().version(), scale().version()));
  }

  @Test
  public void keepsTheOldOneWhenTheNewOneFails() {
    plugins.install(jar("scale-1.jar"));
    try (Lease<Gate> lease = registry.lease(Gate.class, "itest-scale", "network a")) {
      assertEquals(
          "plugin itest.scale 4.0.0 no longer has gate itest-scale, and 1.0.0 is used by network a",
          assertThrows(RigException.class, () -> plugins.update(jar("scale-4-without.jar")))
              .getMessage());
      assertThrows(RigException.class, () -> plugins.update(jar("scale-5-throwing.jar")));
      assertFalse(lease.retiring());
      lease.service();
    }
    assertEquals(List.of("itest.scale 1.0.0 " + Bundle.ACTIVE), bundles());
    assertEquals("1.0.0", plugins.list().get(0).version());
  }

  @Test
  public void removesWhatIsUsedOnlyByForce() {
    plugins.install(jar("scale-1.jar"));
    Lease<Gate> lease = registry.lease(Gate.class, "itest-scale", "network a");
    assertEquals(
        "plugin itest.scale is used by network a; swap their parts first, or use --force",
        assertThrows(RigException.class, () -> plugins.remove(NAME, false)).getMessage());
    assertFalse(lease.retiring());
    plugins.remove(NAME, true);
    assertTrue(lease.revoked());
    assertEquals(
        "gate itest-scale of itest.scale 1.0.0 has gone",
        assertThrows(RigException.class, lease::service).getMessage());
    lease.close();
    assertTrue(lease.revoked());
    String none =
        assertThrows(
                RigException.class, () -> registry.lease(Gate.class, "itest-scale", "network a"))
            .getMessage();
    assertTrue(none, none.startsWith("there is no gate 'itest-scale'; there are "));
  }

  @Test
  public void removesWhatThrowsWhenItStops() {
    plugins.install(jar("clinging.jar"));
    registry.lease(Gate.class, "itest-clinging", "network a").close();
    plugins.remove("itest.clinging", false);
    assertEquals(List.of(), bundles());
  }

  @Test
  public void revokesLeasesOfABundleThatJustStops() throws Exception {
    plugins.install(jar("scale-1.jar"));
    CountDownLatch stopped = new CountDownLatch(1);
    try (Lease<Gate> lease = registry.lease(Gate.class, "itest-scale", "network a")) {
      Bundle bundle = context.getBundle(lease.part().bundleId());
      Thread thread =
          new Thread(
              () -> {
                try {
                  bundle.stop();
                  stopped.countDown();
                } catch (org.osgi.framework.BundleException e) {
                  throw new IllegalStateException(e);
                }
              });
      thread.start();
      stopped.await();
      assertTrue(lease.revoked());
      assertEquals("stopped externally", plugins.list().get(0).state());
      bundle.start();
    }
    assertEquals("active", plugins.list().get(0).state());
    registry.lease(Gate.class, "itest-scale", "network a").close();
  }

  @Test
  public void prefersTheNewestVersion() throws Exception {
    plugins.install(jar("scale-2.jar"));
    // Two bundles with one name, as somebody may have who bypasses the plugin manager.
    for (String file : List.of("scale-1.jar", "scale-3.jar")) {
      try (var bytes = Files.newInputStream(jar(file))) {
        Bundle other = context.installBundle("stray:" + file, bytes);
        other.start();
      }
    }
    try (Lease<Gate> lease = registry.lease(Gate.class, "itest-scale", "network a")) {
      assertEquals("3.0.0", lease.part().version());
      assertEquals("3.0.0", scale().version());
      registry.retire(lease.part().bundleId());
      assertTrue(lease.retiring());
      assertEquals("2.0.0", scale().version());
      registry.reinstate(lease.part().bundleId());
      assertEquals("3.0.0", scale().version());
    } finally {
      context.getBundle("stray:scale-1.jar").uninstall();
      context.getBundle("stray:scale-3.jar").uninstall();
    }
    assertEquals("2.0.0", scale().version());
  }

  @Test
  public void rollsBackAndForth() throws Exception {
    plugins.install(jar("scale-1.jar"));
    assertEquals(
        "plugin itest.scale has no earlier version",
        assertThrows(RigException.class, () -> plugins.rollback(NAME)).getMessage());
    plugins.update(jar("scale-2.jar"));
    plugins.update(jar("scale-3.jar"));

    Update back = plugins.rollback(NAME);
    assertEquals(
        List.of("3.0.0", "2.0.0"), List.of(back.before().version(), back.after().version()));
    assertEquals("2.0.0", scale().version());
    assertEquals("3.0.0", plugins.rollback(NAME).after().version());
    assertEquals(List.of("itest.scale 3.0.0 " + Bundle.ACTIVE), bundles());
    assertEquals(List.of("3.0.0", "2.0.0", "1.0.0"), versions());

    String one = digest("1.0.0");
    assertEquals("1.0.0", plugins.update("sha256:" + one).after().version());
    assertEquals(List.of("1.0.0", "3.0.0", "2.0.0"), versions());
    // The installed one and the one before it stay, and what somebody names.
    assertEquals(List.of(), plugins.prune(Set.of(digest("2.0.0"))));
    List<Kept> gone = plugins.prune(Set.of());
    assertEquals(List.of("2.0.0"), gone.stream().map(Kept::version).toList());
    assertEquals(List.of("1.0.0", "3.0.0"), versions());

    plugins.remove(NAME, false);
    assertEquals(List.of(false, false), plugins.kept().stream().map(Kept::installed).toList());
    assertEquals("1.0.0", plugins.install("sha256:" + one.substring(0, 12), false).version());
    // What a rollback would go to has gone behind everybody's back: nothing changes.
    Files.delete(store().resolve("jars/" + digest("3.0.0") + ".jar"));
    String lost = assertThrows(RigException.class, () -> plugins.rollback(NAME)).getMessage();
    assertTrue(lost, lost.endsWith(".jar is gone"));
    assertEquals("1.0.0", scale().version());
  }

  private List<String> versions() {
    return plugins.kept().stream().map(Kept::version).toList();
  }

  private String digest(String version) {
    return plugins.kept().stream()
        .filter(k -> k.version().equals(version))
        .findFirst()
        .orElseThrow()
        .sha256();
  }

  @Test
  public void refusesNamesThatAreTaken() {
    plugins.install(jar("scale-1.jar"));
    assertEquals(
        "plugin itest.rival 1.0.0 has a part with a name that is in use: gate itest-scale of"
            + " itest.scale 1.0.0; give it another name, or install with --replace",
        refused("rival-1.jar"));
    String rival1 = jar("rival-1.jar").toString();
    assertEquals(
        "plugin itest.rival 1.0.0 cannot replace gate itest-scale of itest.scale 1.0.0: of two"
            + " plugins with the same part the newest version is used",
        assertThrows(RigException.class, () -> plugins.install(rival1, true)).getMessage());
    assertEquals("itest.scale", scale().bundle());
    plugins.install(jar("rival-2.jar").toString(), true);
    assertEquals("itest.rival", scale().bundle());

    Diagnosis shadowed = plugins.doctor(NAME);
    assertFalse(shadowed.healthy());
    assertEquals(
        List.of("gate itest-scale is shadowed by itest.rival 2.0.0, whose version is higher"),
        wrong(shadowed));
    // who stands in goes on doing so: an update needs no leave of its own
    assertEquals("3.0.0", plugins.update(jar("rival-3.jar")).after().version());
    assertEquals("3.0.0", scale().version());
    plugins.remove("itest.rival", false);
    assertEquals("itest.scale", scale().bundle());
    assertTrue(plugins.doctor(NAME).healthy());

    plugins.install(jar("rival-0.jar"));
    assertEquals(
        "plugin itest.rival 1.0.0 has a part with a name that is in use: gate itest-scale of"
            + " itest.scale 1.0.0; give it another name, or remove itest.rival and install with"
            + " --replace",
        assertThrows(RigException.class, () -> plugins.update(jar("rival-1.jar"))).getMessage());
    assertEquals("itest.scale", scale().bundle());
    assertEquals(
        List.of("itest.rival 0.5.0 active", "itest.scale 1.0.0 active"),
        plugins.list().stream().map(p -> p.name() + " " + p.version() + " " + p.state()).toList());
  }

  private static List<String> wrong(Diagnosis diagnosis) {
    return diagnosis.checks().stream().filter(c -> !c.ok()).map(Check::text).toList();
  }

  @Test
  public void examines() throws Exception {
    assertEquals(
        "there is no plugin 'itest.scale' installed; none is available",
        assertThrows(RigException.class, () -> plugins.doctor(NAME)).getMessage());
    Plugin plugin = plugins.install(jar("scale-1.jar"));
    Diagnosis well = plugins.doctor(NAME);
    assertEquals(List.of(), wrong(well));
    assertEquals(
        List.of("file", "trust", "bundle", "imports", "components", "part", "users", "memory"),
        well.checks().stream().map(Check::name).toList());
    assertEquals(List.of(plugin.sha256()), well.versions().stream().map(Kept::sha256).toList());

    context.getBundle("riglab:plugin:itest.scale:" + plugin.sha256()).stop();
    assertEquals(
        List.of("stopped externally", "gate itest-scale no longer exists"),
        wrong(plugins.doctor(NAME)));
    plugins.remove(NAME, false);
    assertEquals(
        List.of(
            "it was removed; 'plugin install sha256:%s' installs 1.0.0 again"
                .formatted(plugin.sha256().substring(0, 16))),
        wrong(plugins.doctor(NAME)));
    assertEquals(1, plugins.prune(Set.of()).size());
  }

  /** What happens when a record changes; the watching itself is the lab's own test. */
  private void follow() throws Exception {
    Object manager =
        context.getService(context.getServiceReference("org.riglab.plugins.internal.Deliveries"));
    manager.getClass().getMethod("follow").invoke(manager);
  }

  @Test
  public void followsOtherProcesses() throws Exception {
    plugins.install(jar("scale-1.jar"));
    Path record = store().resolve(NAME + ".json");
    String one = Files.readString(record);
    plugins.update(jar("scale-2.jar"));
    String two = Files.readString(record);

    Files.writeString(record, one);
    follow();
    assertEquals(List.of("itest.scale 1.0.0 " + Bundle.ACTIVE), bundles());
    assertEquals("1.0.0", scale().version());
    follow();
    assertEquals(List.of("itest.scale 1.0.0 " + Bundle.ACTIVE), bundles());

    Files.writeString(record, one.replace("true", "false"));
    try (Lease<Gate> lease = registry.lease(Gate.class, "itest-scale", "network a")) {
      follow();
      assertFalse("somebody here uses it", lease.retiring());
      lease.service();
    }
    follow();
    assertEquals(List.of(), bundles());
    assertEquals(List.of(), plugins.list());

    Files.writeString(record, two);
    follow();
    assertEquals(List.of("itest.scale 2.0.0 " + Bundle.ACTIVE), bundles());
    Files.writeString(record, "{");
    follow();
    assertEquals(List.of("itest.scale 2.0.0 " + Bundle.ACTIVE), bundles());

    Files.writeString(
        record, two.replace("true", "false").replaceFirst("(\"forced\": *)false", "$1true"));
    try (Lease<Gate> lease = registry.lease(Gate.class, "itest-scale", "network a")) {
      follow();
      assertTrue("removed by force", lease.revoked());
    }
    assertEquals(List.of(), bundles());
    Files.writeString(record, two);
    follow();
  }
}
