package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Training;

public class PluginDevTest {
  private static final String COMPONENT =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="example.MyGate">
        <property name="riglab.name" type="String" value="my-gate"/>
        <property name="riglab.about" type="String" value="about my-gate"/>
        <implementation class="example.MyGate"/>
      </scr:component>
      """;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
  private final Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();

  /** What was done with plugins, and the version in the manifest of the jar it was done with. */
  private final List<String> calls = new ArrayList<>();

  private final List<String> parts = new ArrayList<>(List.of("gate my-gate"));
  private final List<String> moving = new ArrayList<>();
  private String xml = "";
  private Verdict verdict = Verdict.PASSED;
  private Plugins.Plugin installed;

  /** A version that users of the home have. */
  private Plugins.Plugin other;

  private Fakes.FakeBench bench;
  private Path target;
  private PluginDev dev;

  @Before
  public void create() throws IOException {
    bench = new Fakes.FakeBench(folder.newFolder("home").toPath());
    Path project = folder.newFolder("my-gate").toPath();
    target = project.resolve("target");
    dev = dev(project, 30);
  }

  private PluginDev dev(Path project, int steps) {
    Plugins plugins =
        (Plugins)
            Proxy.newProxyInstance(
                Plugins.class.getClassLoader(),
                new Class<?>[] {Plugins.class},
                (self, method, arguments) ->
                    switch (method.getName()) {
                      case "list" -> Stream.of(other, installed).filter(Objects::nonNull).toList();
                      case "remove" -> calls.add("remove " + arguments[0] + " " + arguments[1]);
                      case "install" -> install((Path) arguments[0]);
                      case "update" -> {
                        Plugins.Plugin old = installed;
                        yield new Plugins.Update(
                            old,
                            install((Path) arguments[0]),
                            List.copyOf(bench.networks.keySet()),
                            7);
                      }
                      default -> throw new AssertionError(method);
                    });
    PluginChecks checks =
        (jar, data, limit, ended) ->
            new PluginChecks.Report(
                "my-gate",
                "1",
                "",
                List.of(
                    new PluginChecks.Check("gate my-gate", "shapes", Verdict.PASSED, "", 1),
                    new PluginChecks.Check("gate my-gate", "gradient", verdict, "none at a", 1)));
    return new PluginDev(
        plugins,
        Optional.of(checks),
        new PluginTrial(
            bench,
            trainer,
            evaluator,
            new PluginTrial.Settings(Optional.empty(), Optional.empty(), steps)),
        new DevNetworks(bench, moving),
        project,
        new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), false),
        Clock.fixed(Instant.parse("2026-11-22T21:30:05.123Z"), ZoneOffset.UTC));
  }

  private Plugins.Plugin install(Path jar) throws IOException {
    try (JarFile read = new JarFile(jar.toFile())) {
      Attributes headers = read.getManifest().getMainAttributes();
      String version = headers.getValue("Bundle-Version");
      calls.add((installed == null ? "install " : "update ") + version);
      JarEntry component = read.getJarEntry("OSGI-INF/gate.xml");
      xml =
          component == null
              ? ""
              : new String(read.getInputStream(component).readAllBytes(), StandardCharsets.UTF_8);
      installed =
          new Plugins.Plugin(
              headers.getValue("Bundle-SymbolicName").split(";")[0],
              version,
              new BuiltJar(jar, 0, FileTime.fromMillis(0), "").sha256(),
              "active",
              List.copyOf(parts),
              List.of());
      return installed;
    }
  }

  /** Writes a bundle; content makes it another one. */
  private Path jar(String name, String version, String content) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Bundle-SymbolicName", "my-gate;singleton:=true");
    manifest.getMainAttributes().putValue("Bundle-Version", version);
    Path jar = Files.createDirectories(target).resolve(name);
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      out.putNextEntry(new JarEntry("META-INF/ME.SF"));
      out.putNextEntry(new JarEntry("OSGI-INF/gate.xml"));
      out.write(COMPONENT.getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new JarEntry("content"));
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return jar;
  }

  private String build() throws InterruptedException {
    bytes.reset();
    dev.look();
    assertTrue("not seen", dev.look());
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  public void aBuildIsCheckedSwappedInAndTried() throws Exception {
    assertFalse(dev.look());
    assertFalse(dev.look());
    jar("my-gate-1.jar", "1.0.0.a", "first");
    evaluator.answers.add(0.25);
    assertEquals(
        """
        build 1, 21:30:05: my-gate-1.jar
          check   2 passed, 0 failed, 0 to note; 0.0 s
          swap    installed my-gate.dev 1.0.0.a (gate my-gate)
                               before     now
          loss after 30 steps       -  0.3750
          mIoU after 30 steps       -  0.2500
          took    0.0 s

        """,
        build());
    assertEquals(List.of("install 1.0.0.a"), calls);
    assertEquals("my-gate", bench.networks.get("dev-my-gate").gate().name());
    assertFalse("nothing new", dev.look());

    jar("my-gate-1.jar", "1.0.0.b", "second");
    evaluator.answers.addAll(List.of(0.24, 0.5));
    String second = build();
    assertTrue(
        second,
        second.contains(
            "  swap    my-gate.dev 1.0.0.b (gate my-gate) for 1.0.0.a in 7 ms; moved"
                + " dev-my-gate\n"));
    assertTrue(
        second,
        second.contains(
            """
              weights 1 kept, 14 new (gates.0.conv.weight, gates.1.conv.weight, gates.2.conv.weight,
                      gates.3.conv.weight, gates.4.conv.weight, gates.5.conv.weight, ...), 0 gone
            """));
    assertTrue(second, second.contains("mIoU of the weights kept  0.2500  0.2400\n"));
    assertTrue(second, second.contains("mIoU after 30 steps       0.2500  0.5000\n"));
  }

  @Test
  public void theSameVersionWithOtherContentIsSwappedInUnderAnother() throws Exception {
    jar("my-gate.jar", "1.0.0", "first");
    build();
    jar("my-gate.jar", "1.0.0", "second");
    build();
    assertEquals(List.of("install 1.0.0", "update 1.0.0.dev20261122213005123"), calls);

    // touched, but the same: there is nothing to swap
    Path same = jar("my-gate.jar", "1.0.0.q", "third");
    build();
    Files.setLastModifiedTime(same, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
    String again = build();
    assertTrue(
        again, again.contains("not needed: my-gate.dev 1.0.0.q (gate my-gate) is installed"));
    assertEquals(3, calls.size());
  }

  @Test
  public void aCopyDiffersInItsNamesOnly() throws Exception {
    Path jar = jar("my-gate.jar", "1.2.3.q", "same");
    Path copy = folder.getRoot().toPath().resolve("copy.jar");
    BuiltJar.newest(target)
        .orElseThrow()
        .copy(copy, new BuiltJar.Renaming("mine", "dev1", Set.of("my-gate"), "-dev"));
    assertNotEquals(Files.size(jar), 0);
    try (JarFile read = new JarFile(copy.toFile())) {
      Attributes headers = read.getManifest().getMainAttributes();
      assertEquals("1.2.3.q-dev1", headers.getValue("Bundle-Version"));
      assertEquals("mine;singleton:=true", headers.getValue("Bundle-SymbolicName"));
      assertEquals(
          List.of("META-INF/MANIFEST.MF", "OSGI-INF/gate.xml", "content"),
          read.stream().map(JarEntry::getName).sorted().toList());
      assertEquals(
          "same",
          new String(
              read.getInputStream(read.getEntry("content")).readAllBytes(),
              StandardCharsets.UTF_8));
    }
  }

  @Test
  public void usersOfAnInstalledVersionStayOnIt() throws Exception {
    other =
        new Plugins.Plugin(
            "my-gate", "0.9.0", "a1", "active", List.of("gate my-gate"), List.of("network rig"));
    NetworkSpec rig =
        new Specs.Changes(
                Optional.empty(),
                Optional.empty(),
                Optional.of("my-gate:kernel=3"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())
            .applied(Specs.standard(6, 0), bench);
    bench.networks.put("rig", rig);
    bench.networks.put("moving", rig);
    moving.add("moving");
    dev = dev(target.getParent(), 30);
    parts.set(0, "gate my-gate-dev");
    jar("my-gate.jar", "1.0.0", "first");
    String said = build();
    assertTrue(said, said.contains("  swap    installed my-gate.dev 1.0.0 (gate my-gate-dev)\n"));
    assertTrue(said, said.contains("  swap    network moving uses the build\n"));
    assertTrue(xml, xml.contains("name=\"riglab.name\" type=\"String\" value=\"my-gate-dev\""));
    assertTrue("other properties stay", xml.contains("value=\"about my-gate\""));
    assertEquals(rig, bench.networks.get("rig"));
    assertEquals(
        new PartSpec("my-gate-dev", Map.of("kernel", "3")), bench.networks.get("moving").gate());
    assertEquals("my-gate-dev", bench.networks.get("dev-my-gate").gate().name());

    dev.close();
    assertEquals(List.of("install 1.0.0", "remove my-gate.dev false"), calls);
    assertTrue(bench.calls.contains("discard dev-my-gate"));
    assertEquals(rig, bench.networks.get("moving"));
  }

  @Test
  public void aNetworkToMoveMustExist() {
    moving.add("none");
    assertThrows(RigException.class, () -> dev(target.getParent(), 30));
  }

  @Test
  public void aBuildThatFailsACheckStaysOut() throws Exception {
    verdict = Verdict.FAILED;
    jar("my-gate.jar", "1.0.0", "bad");
    String said = build();
    assertTrue(said, said.contains("  check   1 passed, 1 failed, 0 to note; 0.0 s\n"));
    assertTrue(said, said.contains("  failed  gate my-gate, gradient: none at a\n"));
    assertTrue(said, said.contains("  swap    no: the previous build, if any, stays active\n"));
    assertEquals(List.of(), calls);

    verdict = Verdict.NOTE;
    jar("my-gate.jar", "1.0.0", "good enough");
    assertTrue(build().contains("  note    gate my-gate, gradient: none at a\n"));
    assertEquals(List.of("install 1.0.0"), calls);
  }

  @Test
  public void halfAJarIsWaitedFor() throws Exception {
    Path jar = jar("my-gate.jar", "1.0.0", "whole");
    byte[] all = Files.readAllBytes(jar);
    Files.write(jar, Arrays.copyOf(all, all.length / 2));
    assertFalse(dev.look());
    assertFalse(dev.look());
    assertFalse(dev.look());
    Files.write(jar, all);
    assertFalse("just written", dev.look());
    assertTrue(dev.look());
    assertEquals(List.of("install 1.0.0"), calls);
  }

  @Test
  public void companionsAreNoPlugins() throws Exception {
    for (String name :
        List.of("a-sources.jar", "a-javadoc.jar", "a-tests.jar", "original-a.jar", "a.zip")) {
      jar(name, "1.0.0", name);
    }
    assertEquals(Optional.empty(), BuiltJar.newest(target));
    Path old = jar("a-1.jar", "1.0.0", "old");
    Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    Path young = jar("a-2.jar", "2.0.0", "young");
    assertEquals(young, BuiltJar.newest(target).orElseThrow().file());
  }

  @Test
  public void whatDoesNotWorkIsSaidAndWatchedOn() throws Exception {
    jar("my-gate.jar", "one", "malformed version");
    String said = build();
    assertTrue(said, said.contains("my-gate.jar has a malformed version: "));
    jar("my-gate.jar", "1.0.0", "well");
    assertTrue(build().contains("installed my-gate.dev 1.0.0"));

    trainer.end = Training.End.STOPPED;
    jar("my-gate.jar", "1.0.1", "stopped meanwhile");
    dev.look();
    assertThrows(InterruptedException.class, dev::look);

    Path nowhere = target.resolve("no/such");
    String refused = assertThrows(RigException.class, () -> dev(nowhere, 1)).getMessage();
    assertEquals(
        "there is no folder " + nowhere + "; 'plugin new KIND NAME' creates a project", refused);
  }

  @Test
  public void eachKindIsTriedInItsOwnWay() throws Exception {
    parts.set(0, "metric dice");
    jar("my-gate.jar", "1.0.0", "metric");
    build();
    String planned = evaluator.planned.get(0);
    assertTrue(planned, planned.contains("metrics=confusion,dice"));

    parts.set(0, "unroll mine");
    jar("my-gate.jar", "1.0.1", "unroll");
    build();
    assertEquals("mine", bench.networks.get("dev-my-gate").unroll().name());

    parts.set(0, "backbone mine");
    jar("my-gate.jar", "1.0.2", "backbone");
    build();
    assertEquals("mine", bench.networks.get("dev-my-gate").backbone().name());

    parts.set(0, "dataset mine");
    jar("my-gate.jar", "1.0.3", "data set");
    String counted = build();
    assertTrue(counted, counted.contains("-     367\n"));
    assertTrue(counted, counted.contains("-  0.1000\n"));
  }
}
