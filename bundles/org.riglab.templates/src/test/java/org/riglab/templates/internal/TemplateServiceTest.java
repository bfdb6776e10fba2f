package org.riglab.templates.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.author.Templates;
import org.riglab.api.author.Templates.Request;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;

public class TemplateServiceTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path root;
  private Templates templates;

  @Before
  public void create() {
    root = folder.getRoot().toPath();
    PartInfo taken =
        new PartInfo("gate", "mul-tanh", "", List.of(), "org.riglab.gates", "1.0", "", 7);
    Registry registry =
        (Registry)
            Proxy.newProxyInstance(
                Registry.class.getClassLoader(),
                new Class<?>[] {Registry.class},
                (self, method, arguments) ->
                    arguments[0].equals("gate") ? List.of(taken) : List.of());
    templates = new TemplateService(registry, root.resolve("rig lab/repository"));
  }

  private static Request request(String kind, String name) {
    return new Request(kind, name, "java", Optional.empty(), Optional.empty());
  }

  private String refused(Request request, Path directory) throws IOException {
    RigException refused =
        assertThrows(RigException.class, () -> templates.write(request, directory));
    return refused.getMessage();
  }

  private static List<String> tree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  public void everyKindInEveryLanguageLeavesNoGap() throws IOException {
    for (String kind : templates.kinds()) {
      for (String language : templates.languages()) {
        String name = "a-" + kind + "-2";
        Path directory = root.resolve(language + "/" + name);
        Templates.Project project =
            templates.write(
                new Request(kind, name, language, Optional.of("org.ex-am"), Optional.empty()),
                directory);
        String ending = language.equals("java") ? "java" : "kt";
        String word = Character.toUpperCase(kind.charAt(0)) + kind.substring(1);
        String type = "A" + word + "2" + word;
        String place = language + "/org/ex_am/a" + kind + "2/" + type;
        assertEquals(
            List.of(
                ".gitignore",
                "README.md",
                "pom.xml",
                "src/main/" + place + "." + ending,
                "src/test/" + place + "Test." + ending),
            tree(directory));
        assertEquals(tree(directory), project.files().stream().map(Path::toString).toList());
        for (Path file : project.files()) {
          String text = Files.readString(directory.resolve(file));
          assertFalse(file + ": " + text, text.contains("__"));
        }
        String part = Files.readString(directory.resolve(project.part()));
        assertTrue(part, part.startsWith("package org.ex_am.a" + kind + "2"));
        assertTrue(part, part.contains("@Part(name = \"" + name + "\", about = \""));
        String pom = Files.readString(directory.resolve("pom.xml"));
        assertTrue(pom, pom.contains("<groupId>org.ex-am</groupId>"));
        assertTrue(
            pom, pom.contains(">" + root.toUri() + "rig%20lab/repository</riglab.repository>"));
      }
    }
  }

  @Test
  public void packsLibrariesAndNamesBundlesByTheirGroup() throws IOException {
    for (String language : templates.languages()) {
      Path directory = root.resolve("with-" + language);
      templates.write(
          new Request(
              "gate",
              "my-gate",
              language,
              Optional.of("org.lab"),
              Optional.empty(),
              List.of("org.apache.commons:commons-math3:3.6.1", "a.b:c:1")),
          directory);
      String pom = Files.readString(directory.resolve("pom.xml"));
      assertTrue(
          pom,
          pom.contains("Bundle-SymbolicName: ${project.groupId}.${project.artifactId}\n")
              && pom.contains(
                  "-includeresource: lib/commons-math3.jar=commons-math3-3.6.1.jar;lib:=true,"
                      + " lib/c.jar=c-1.jar;lib:=true\n")
              && pom.contains("Import-Package: org.riglab.*, ai.djl.*, *;resolution:=optional\n")
              && pom.contains(
                  "<groupId>a.b</groupId><artifactId>c</artifactId><version>1</version></dependency>"));
    }
    Path plain = root.resolve("plain");
    templates.write(request("gate", "my-gate"), plain);
    String pom = Files.readString(plain.resolve("pom.xml"));
    assertFalse(pom, pom.contains("-includeresource") || pom.contains("Packed into"));
    assertEquals(
        "'commons-math3' is no Maven coordinate: write group:artifact:version",
        refused(
            new Request(
                "gate",
                "other",
                "java",
                Optional.empty(),
                Optional.empty(),
                List.of("commons-math3")),
            root.resolve("none")));
  }

  @Test
  public void classesEndInTheirKind() throws IOException {
    for (String[] names :
        new String[][] {
          {"my-gate", "MyGate"},
          {"gate", "GateGate"},
          {"channel", "ChannelGate"},
          {"x2-y", "X2YGate"},
          {"block", "BlockGate"}
        }) {
      Templates.Project project =
          templates.write(request("gate", names[0]), root.resolve(names[0]));
      assertEquals(names[1] + ".java", project.part().getFileName().toString());
    }
  }

  @Test
  public void whatCannotBeIsRefusedInWords() throws IOException {
    Path there = root.resolve("project");
    assertEquals(
        "there is no template for a 'gaet'; expected backbone, dataset, gate, head, loss, metric,"
            + " transform, unroll",
        refused(request("gaet", "x"), there));
    for (String name :
        List.of("", "My-gate", "my_gate", "2d", "a--b", "a-", "../x", "a".repeat(61), "é")) {
      assertTrue(
          refused(request("gate", name), there).startsWith("'" + name + "' is no name for a part"));
    }
    assertEquals(
        "there is no template in 'scala'; expected java, kotlin",
        refused(new Request("gate", "x", "scala", Optional.empty(), Optional.empty()), there));
    assertEquals(
        "'example.switch' is no name of a Java package; give another, as org.example.parts",
        refused(request("gate", "switch"), there));
    assertEquals(
        "'a b' is no Maven group: write words with dots between them, as org.example",
        refused(new Request("gate", "x", "java", Optional.of("a b"), Optional.empty()), there));
    assertEquals(
        "there is a gate 'mul-tanh' already, of org.riglab.gates 1.0; choose another name",
        refused(request("gate", "mul-tanh"), there));
    assertEquals(List.of(), tree(root));
    templates.write(request("metric", "mul-tanh"), there);
  }

  @Test
  public void onlyAnEmptyFolderIsFilled() throws IOException {
    Path full = folder.newFolder("full").toPath();
    Files.writeString(full.resolve("thesis.tex"), "years of work");
    assertEquals(
        full + " is not empty; a project needs a folder of its own",
        refused(request("gate", "x"), full));
    assertEquals(List.of("thesis.tex"), tree(full));

    Path file = folder.newFile("file").toPath();
    assertEquals(
        file + " is a file; a project needs a folder", refused(request("gate", "x"), file));
    assertTrue(
        refused(request("gate", "x"), file.resolve("below"))
            .startsWith("cannot write " + file.resolve("below") + ": "));

    Path empty = folder.newFolder("empty").toPath();
    templates.write(request("gate", "x"), empty);
    templates.write(request("gate", "x"), root.resolve("new/and/deep"));
    assertEquals(tree(empty), tree(root.resolve("new/and/deep")));
    try (Stream<Path> entries = Files.list(empty)) {
      assertEquals(
          List.of(".gitignore", "README.md", "pom.xml", "src"),
          entries.map(e -> e.getFileName().toString()).sorted().toList());
    }
  }
}
