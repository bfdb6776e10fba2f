package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class PluginJarTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Jars jar() {
    return Jars.in(folder.getRoot().toPath());
  }

  private static String refused(Path jar) {
    String line = assertThrows(RigException.class, () -> Jars.read(jar)).getMessage();
    assertEquals(line, 1, line.lines().count());
    return line;
  }

  @Test
  public void readsAPlugin() throws Exception {
    PluginJar jar = Jars.read(jar().write("a.jar"));
    assertEquals("com.example.gate 1.0.0", jar.title());
    assertEquals("riglab:plugin:com.example.gate:" + jar.sha256(), jar.location());
    assertEquals(Set.of("gate example"), DeclaredParts.of(jar));
    assertEquals(Set.of(Set.of()), jar.contents().signers().keySet());
  }

  @Test
  public void knowsPartsBeforeTheyRun() throws Exception {
    Path jar =
        jar()
            .header("Service-Component", "OSGI-INF/g*.xml, OSGI-INF/more.xml")
            .entry(
                "OSGI-INF/more.xml",
                """
                <components>
                  <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="a">
                    <service>
                      <provide interface="java.lang.Runnable"/>
                      <provide interface="org.riglab.api.metric.Metric"/>
                    </service>
                    <property name="other" value="x"/>
                    <property name="riglab.name" type="String">one
                two
                </property>
                  </scr:component>
                  <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="b">
                    <property name="riglab.name" value="nothing"/>
                    <service><provide interface="java.lang.Runnable"/></service>
                  </scr:component>
                </components>
                """
                    .getBytes(StandardCharsets.UTF_8))
            .write("a.jar");
    assertEquals(Set.of("gate example", "metric one\ntwo"), DeclaredParts.of(Jars.read(jar)));
    // No entity is resolved, wherever it points.
    Path evil =
        jar()
            .entry(
                "OSGI-INF/gate.xml",
                "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><a>&e;</a>"
                    .getBytes(StandardCharsets.UTF_8))
            .write("evil.jar");
    PluginJar read = Jars.read(evil);
    String line = assertThrows(RigException.class, () -> DeclaredParts.of(read)).getMessage();
    assertTrue(
        line, line.startsWith("plugin com.example.gate 1.0.0 has no readable OSGI-INF/gate.xml"));
  }

  @Test
  public void refusesNamesThatLeadElsewhere() throws Exception {
    for (String name :
        List.of(
            "../../etc/passwd", "..", ".", "a/b", "a\\b", "a b", "a\u001b[2J", "x".repeat(129))) {
      String line = refused(jar().header("Bundle-SymbolicName", name).write("a.jar"));
      assertTrue(line, line.startsWith("a.jar has the symbolic name '"));
      assertTrue(line, line.chars().noneMatch(c -> c < ' '));
    }
    for (String entry : List.of("../a.class", "/a", "a/../../b", "a\\b")) {
      assertEquals(
          "a.jar has an entry whose name points outside of it",
          refused(jar().entry(entry, new byte[0]).write("a.jar")));
    }
  }

  @Test
  public void refusesAnotherJavasClasses() throws Exception {
    int here = Runtime.version().feature();
    assertEquals(
        "a.jar requires Java %d (com.example.Gate), and this is Java %d; compile it with <maven.compiler.release>17"
            .formatted(here + 1, here),
        refused(
            jar()
                .entry("com/example/Gate.class", Jars.classFile(44 + here + 1, 0))
                .write("a.jar")));
    assertEquals(
        "a.jar requires Java %d with preview features (com.example.Gate), and this is Java %d; compile it with <maven.compiler.release>17"
            .formatted(here, here),
        refused(
            jar()
                .entry("com/example/Gate.class", Jars.classFile(44 + here, 0xFFFF))
                .write("a.jar")));
    assertEquals(
        "a.jar is damaged: com/example/Gate.class is not a class",
        refused(jar().entry("com/example/Gate.class", new byte[9]).write("a.jar")));
    // A multi-release jar may have classes for later ones.
    Jars.read(
        jar()
            .entry("META-INF/versions/99/com/example/Gate.class", Jars.classFile(99, 0))
            .write("b.jar"));
  }

  @Test
  public void refusesBombsAndWhatIsNoJar() throws Exception {
    assertEquals(
        "a.jar unpacks to more than a hundred times its size, which no plugin requires",
        refused(jar().entry("zeros", new byte[64 << 20]).write("a.jar")));
    // What shrinks as classes and text do is no bomb.
    Jars.read(jar().entry("zeros", new byte[8 << 20]).write("b.jar"));
    Path cut = jar().write("c.jar");
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertTrue(refused(cut), refused(cut).startsWith("c.jar is not a jar: "));
    Files.writeString(cut, "text");
    assertTrue(refused(cut), refused(cut).startsWith("c.jar is not a jar: "));
  }

  @Test
  public void refusesACopyOfTheApi() throws Exception {
    assertEquals(
        "a.jar contains classes of org.riglab.api, so its parts would not implement Riglab's"
            + " interfaces; use scope provided for that dependency",
        refused(
            jar()
                .entry("org/riglab/api/network/Gate.class", Jars.classFile(61, 0))
                .write("a.jar")));
  }

  @Test
  public void splitsHeaders() {
    assertEquals(
        List.of("a;version=\"1,0\"", "b"), Distribution.clauses("a;version=\"1,0\", b", ','));
    assertEquals(List.of("a", "version=\"1;0\""), Distribution.clauses("a;version=\"1;0\"", ';'));
  }

  @Test
  public void findsWhoInTheDistributionExportsAPackage() throws Exception {
    Path root = folder.getRoot().toPath();
    Path jars = Files.createDirectories(root.resolve("repository/org/example/tool/2.0"));
    Files.createDirectories(root.resolve("features"));
    Files.writeString(
        root.resolve("features/server.json"),
        "{\"bundles\": [{\"id\": \"org.example:tool:2.0\"}]}");
    Jars.in(jars)
        .header("Bundle-SymbolicName", "org.example.tool;singleton:=true")
        .header("Bundle-Version", "2.0.0")
        .header(
            "Export-Package",
            "org.example.other;uses:=\"a,b\",org.example.tool;uses:=\"c\";version=\"2.1.0\"")
        .write("tool-2.0.jar");
    Distribution distribution = new Distribution(root);
    assertEquals(
        "org.example.tool 2.0.0 of the distribution (feature server) has it in version 2.1.0, but"
            + " does not run in this process",
        distribution.exporter("org.example.tool").orElseThrow());
    assertTrue(distribution.exporter("org.example").isEmpty());
    assertTrue(distribution.exporter("uses").isEmpty());
  }
}
