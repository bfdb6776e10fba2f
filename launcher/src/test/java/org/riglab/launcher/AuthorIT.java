package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * What somebody does who has the distribution and Maven, and nothing else of Riglab: writes
 * projects from templates, builds and uses them.
 */
public final class AuthorIT {
  private static final long MINUTES = 8;
  private static final List<String> KINDS =
      List.of("backbone", "dataset", "gate", "head", "loss", "metric", "transform", "unroll");

  /** Made by Maven's archetype; the others by our own command. */
  private static final Set<String> BY_MAVEN = Set.of("java-dataset", "java-gate", "kotlin-metric");

  @ClassRule public static final TemporaryFolder FOLDER = new TemporaryFolder();

  private static Path work;
  private static Path local;

  @BeforeClass
  public static void makeLocalRepository() throws IOException {
    work = FOLDER.getRoot().toPath();
    local = Outcome.localRepository(work.resolve("local"));
  }

  private static List<String> rig(String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ScratchDistribution.built().resolve("bin/rig").toString(),
                "--home",
                work.resolve("home").toString()));
    command.addAll(Arrays.asList(words));
    return command;
  }

  private static String run(String... words) throws Exception {
    return Outcome.of(work, rig(words)).ended(0);
  }

  private static String maven(Path project, String... words) throws Exception {
    return Outcome.maven(project, local, words).ended(0);
  }

  /** As documented, in a folder without a pom. */
  private static void generate(Path folder, String name, String kind, String language)
      throws Exception {
    String repository = ScratchDistribution.built().resolve("repository").toUri().toString();
    Path settings = folder.resolve("settings.xml");
    Files.writeString(
        settings,
        "<settings><profiles><profile><id>riglab</id><repositories><repository>"
            + "<id>archetype</id><url>"
            + repository
            + "</url></repository></repositories></profile></profiles>"
            + "<activeProfiles><activeProfile>riglab</activeProfile></activeProfiles></settings>");
    maven(
        folder,
        "-s",
        settings.toString(),
        "org.apache.maven.plugins:maven-archetype-plugin:"
            + System.getProperty("riglab.archetype.plugin")
            + ":generate",
        "-DarchetypeGroupId=org.riglab",
        "-DarchetypeArtifactId=org.riglab.templates",
        "-DarchetypeVersion=" + System.getProperty("riglab.version"),
        "-DgroupId=example",
        "-DartifactId=" + name,
        "-Dkind=" + kind,
        "-Dlanguage=" + language,
        "-Drepository=" + repository);
  }

  private static void edit(Path file, String old, String now) throws IOException {
    String text = Files.readString(file);
    assertTrue(text, text.contains(old));
    Files.writeString(file, text.replace(old, now));
  }

  /** Reads to a line that starts with a word, and returns all lines up to it. */
  private static String readTo(BufferedReader out, String word) throws IOException {
    StringBuilder read = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      read.append(line).append('\n');
      if (line.strip().startsWith(word)) {
        return read.toString();
      }
    }
    throw new AssertionError("ended after " + read);
  }

  private static double number(String said, String row) {
    Matcher matcher =
        Pattern.compile("^ +" + row + " +(?:[-0-9.]+) +([0-9.]+)$", Pattern.MULTILINE)
            .matcher(said);
    assertTrue(said, matcher.find());
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  public void aStrangersGateIsBuiltTrainedAndChanged() throws Exception {
    run(
        "plugin",
        "new",
        "gate",
        "my-gate",
        "--group",
        "org.stranger",
        "--dependency",
        "com.google.code.gson:gson:" + System.getProperty("riglab.gson"));
    Path project = work.resolve("my-gate");
    String built = maven(project, "package");
    assertTrue(built, built.contains("Running org.stranger.mygate.MyGateTest"));
    assertFalse(built, built.contains("WARN"));
    assertFalse(built, built.contains("SLF4J"));

    String jar = project.resolve("target/my-gate-1.0.0-SNAPSHOT.jar").toString();
    try (ZipFile packed = new ZipFile(jar)) {
      assertNotNull("its library is not packed", packed.getEntry("lib/gson.jar"));
    }
    String used =
        run(
            "exec",
            "plugin install '"
                + jar
                + "'; assemble mine --backbone resnet:layers=1,1,1,1:width=8:output_stride=8"
                + " --gate my-gate --classes 6; train mine --dataset"
                + " shapes:size=32:train=8:val=2 --size 32x32 --batch 2 --epochs 0 --steps 3;"
                + " show mine");
    assertTrue(used, used.contains("installed org.stranger.my-gate 1.0.0."));
    assertTrue(used, used.contains("gate my-gate"));

    Path source = project.resolve("src/main/java/org/stranger/mygate/MyGate.java");
    Process dev =
        new ProcessBuilder(rig("plugin", "dev", "my-gate", "--steps", "2", "--move", "mine"))
            .directory(work.toFile())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = dev.inputReader(StandardCharsets.UTF_8)) {
      String first = readTo(out, "took");
      String flat = first.replaceAll("\\s+", " ");
      assertTrue(first, flat.contains("swap installed org.stranger.my-gate.dev 1.0.0."));
      assertTrue(first, flat.contains("network mine uses the build"));
      double loss = number(first, "loss after 2 steps");

      // another name of the convolution: its weights are new; another range: so is the loss
      edit(source, "addChildBlock(\"conv\"", "addChildBlock(\"map\"");
      edit(source, "x.mul(map.add(map))", "x.mul(map)");
      maven(project, "package", "-DskipTests");
      String second = readTo(out, "took");
      String unfolded = second.replaceAll("\\s+", " ");
      assertTrue(second, unfolded.contains("for 1.0.0."));
      assertTrue(second, unfolded.contains("moved network dev-org.stranger.my-gate, network mine"));
      assertTrue(second, unfolded.contains("6 new (gates.4.map.weight, gates.4.map.bias, "));
      assertTrue(second, unfolded.contains("6 gone (gates.4.conv.bias, gates.4.conv.weight, "));
      assertTrue(second, number(second, "loss after 2 steps") != loss);

      // without the annotation it is no part
      edit(source, "@Component\n", "// @Component\n");
      maven(project, "package", "-DskipTests");
      String third = readTo(out, "failed");
      assertTrue(third, third.contains("provides no part"));
      dev.toHandle().destroy();
      assertTrue("still running", dev.waitFor(MINUTES, TimeUnit.MINUTES));
    }
    // the build is gone, and the network uses the installed version again
    String show = run("exec", "networks; plugin list; show mine");
    assertFalse(show, show.contains("dev-org.stranger.my-gate"));
    assertFalse(show, show.contains("my-gate.dev"));
    assertFalse(show, show.contains("my-gate-dev"));
    assertTrue(show, show.replaceAll("\\s+", " ").contains("gate my-gate"));

    // its constructor is the first in the process to need the engine
    edit(source, "// @Component\n", "@Component\n");
    edit(
        source,
        "  @Override\n  public Block create(",
        """
        /** Asks whether the engine can add. */
        public MyGate() {
          try (ai.djl.ndarray.NDManager manager = ai.djl.ndarray.NDManager.newBaseManager()) {
            manager.create(new float[] {1, 2}).sum().getFloat();
          }
        }

        @Override
        public Block create(\
        """);
    maven(project, "package", "-DskipTests");
    String updated = run("plugin", "update", jar);
    assertTrue(updated, updated.contains("updated org.stranger.my-gate 1.0.0."));
    String well = run("plugin", "doctor", "org.stranger.my-gate");
    assertTrue(well, well.contains("org.stranger.my-gate is healthy"));
    String checked = Outcome.of(work, rig("plugin", "check", jar)).ended(1);
    assertTrue(checked, checked.contains("MyGate calls NDManager.newBaseManager"));
  }

  @Test
  public void everyKindInBothLanguagesPassesItsContract() throws Exception {
    List<String> script = new ArrayList<>();
    List<String> modules = new ArrayList<>();
    Path all = Files.createDirectory(work.resolve("all"));
    for (String kind : KINDS) {
      for (String language : List.of("java", "kotlin")) {
        String module = language + "-" + kind;
        modules.add(module);
        if (BY_MAVEN.contains(module)) {
          generate(all, module, kind, language);
        } else {
          script.add(
              "plugin new %s %s -l %s --dir all/%s".formatted(kind, module, language, module));
        }
      }
    }
    run("exec", String.join("; ", script));
    Files.writeString(
        all.resolve("pom.xml"),
        "<project><modelVersion>4.0.0</modelVersion><groupId>all</groupId>"
            + "<artifactId>all</artifactId><version>1</version><packaging>pom</packaging><modules>"
            + String.join("", modules.stream().map(m -> "<module>" + m + "</module>").toList())
            + "</modules></project>");
    String built = maven(all, "package");
    assertFalse(built, built.contains("WARN"));
    assertEquals(
        built,
        modules.size(),
        Pattern.compile("Tests run: [1-9].*Test\n").matcher(built).results().count());

    List<String> installs =
        modules.stream()
            .map(m -> "plugin install all/" + m + "/target/" + m + "-1.0.0-SNAPSHOT.jar")
            .toList();
    String installed = run("exec", String.join("; ", installs) + "; list");
    for (String module : modules) {
      assertTrue(
          installed, installed.contains("(" + module.split("-")[1] + " " + module + ") sha-256 "));
    }
    String used =
        run(
            "exec",
            "assemble stranger --backbone kotlin-backbone --head kotlin-head --gate kotlin-gate"
                + " --unroll java-unroll --classes 2; train stranger --dataset kotlin-dataset"
                + " --size 32x32 --batch 2 --epochs 0 --steps 2 --val-limit 2; eval stranger"
                + " --metrics kotlin-metric,java-metric --limit 2");
    assertTrue(used, used.contains("mDice"));
  }
}
