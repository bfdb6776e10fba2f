package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class MavenRepositoryTest {
  /** Of "abc", from FIPS 180-2, appendix A.1. */
  private static final String ABC = "a9993e364706816aba3e25717850c26c9cd0d89d";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private void source(String file, String content) throws Exception {
    Path path = folder.getRoot().toPath().resolve("source").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "<project>" + content + "</project>");
  }

  private Path jar(String path) throws Exception {
    Path jar = folder.getRoot().toPath().resolve("distribution").resolve(path);
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, "abc");
    return jar;
  }

  private static String dependency(String group, String artifact, String more) {
    return "<dependency><groupId>"
        + group
        + "</groupId><artifactId>"
        + artifact
        + "</artifactId>"
        + more
        + "</dependency>";
  }

  @Test
  public void pomsSayWhatAClassPathNeeds() throws Exception {
    source(
        "pom.xml",
        "<version>7.1</version><properties><gson.version>2</gson.version></properties>"
            + "<dependencyManagement><dependencies>"
            + dependency("com.gson", "gson", "<version>${gson.version}</version>")
            + dependency("junit", "junit", "<version>4</version><scope>test</scope>")
            + dependency("embedded", "inside", "<version>1</version>")
            + "</dependencies></dependencyManagement>");
    source(
        "bundles/pom.xml",
        "<dependencies>"
            + dependency("org.osgi", "osgi.core", "<version>8</version><scope>provided</scope>")
            + dependency("junit", "junit", "")
            + "</dependencies>");
    source(
        "bundles/org.riglab.kit/pom.xml",
        "<name>A &amp; B</name><description>does</description><dependencies>"
            + dependency("com.gson", "gson", "<scope>provided</scope>")
            + dependency("embedded", "inside", "<scope>provided</scope>")
            + dependency("junit", "junit", "<scope>compile</scope>")
            + dependency(
                "org.riglab",
                "org.riglab.djl.native.linux-x86_64",
                "<version>${project.version}</version><scope>runtime</scope>")
            + dependency("org.riglab", "org.riglab.other", "<version>7.1</version>")
            + dependency("org.riglab", "no", "<version>7.1</version><scope>test</scope>")
            + "</dependencies>");
    source("bundles/org.riglab.djl.native.linux-x86_64/pom.xml", "<name>N</name>");
    Path kit = jar("repository/org/riglab/org.riglab.kit/7.1/org.riglab.kit-7.1.jar");
    jar("repository/com/gson/gson/2/gson-2.jar");
    String natives = "org.riglab.djl.native.linux-x86_64";
    jar("repository/org/riglab/" + natives + "/7.1/" + natives + "-7.1.jar");
    Files.createDirectories(folder.getRoot().toPath().resolve("distribution/lib"));
    MavenRepository.main(
        new String[] {
          folder.getRoot().toPath().resolve("distribution").toString(),
          folder.getRoot().toPath().resolve("source").toString()
        });

    String pom = Files.readString(kit.resolveSibling("org.riglab.kit-7.1.pom"));
    assertTrue(pom, pom.contains("<version>7.1</version>\n  <name>A &amp; B</name>"));
    assertEquals(
        pom,
        """
            <dependency><groupId>com.gson</groupId><artifactId>gson</artifactId><version>2</version><exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>
            <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4</version></dependency>
            <dependency><groupId>org.riglab</groupId><artifactId>org.riglab.other</artifactId><version>7.1</version></dependency>
            <dependency><groupId>org.osgi</groupId><artifactId>osgi.core</artifactId><version>8</version></dependency>
        """
            .indent(0),
        pom.substring(pom.indexOf("    <dependency>"), pom.indexOf("  </dependencies>\n")));
    assertTrue(
        pom,
        pom.contains(
            "<profile><id>linux-x86_64</id><activation><os><name>linux</name><arch>amd64</arch></os></activation><dependencies><dependency><groupId>org.riglab</groupId><artifactId>org.riglab.djl.native.linux-x86_64</artifactId><version>7.1</version></dependency></dependencies></profile>"));
    assertFalse("not in this distribution", pom.contains("osx-aarch64"));
    assertEquals(ABC, Files.readString(kit.resolveSibling("org.riglab.kit-7.1.jar.sha1")));
    assertEquals(
        Digests.digest("SHA-1", kit.resolveSibling("org.riglab.kit-7.1.pom")),
        Files.readString(kit.resolveSibling("org.riglab.kit-7.1.pom.sha1")));
    Path catalog =
        folder.getRoot().toPath().resolve("distribution/repository/archetype-catalog.xml");
    assertTrue(
        Files.readString(catalog)
            .contains("<artifactId>org.riglab.templates</artifactId><version>7.1</version>"));
    assertTrue(Files.exists(catalog.resolveSibling("archetype-catalog.xml.sha1")));
    assertFalse(
        "another's pom is on Central",
        Files.exists(
            folder
                .getRoot()
                .toPath()
                .resolve("distribution/repository/com/gson/gson/2/gson-2.pom")));
  }
}
