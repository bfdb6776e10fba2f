package org.riglab.launcher;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Executes every command of the README, the quick start and the tutorials, document by document,
 * each in a home and a directory of its own. Commands stand in blocks that are marked {@code
 * console}: lines that begin with {@code $ } are given to bash, consecutive lines that begin with
 * {@code rig> } to one shell. Blocks marked with a language, behind which a sentence or a comment
 * names the file, are saved first.
 */
public final class DocumentationIT {
  private static final Pattern BLOCK = Pattern.compile("(?s)```(\\w+)\\n(.*?)```");
  private static final Path DOCUMENTS =
      Path.of(System.getProperty("riglab.examples")).resolve("..").normalize();

  /** Other ports: another server may have the default ones. */
  private static final String PORTS =
      "mkdir -p home/config; echo '{\":configurator:resource-version\": 1,"
          + " \"org.apache.felix.http\": {\"org.osgi.service.http.port\": \"0\"},"
          + " \"org.riglab.ssh\": {\"port\": 0}}' > home/config/ports.json";

  private static final String END = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static String read(String document) throws Exception {
    return Files.readString(DOCUMENTS.resolve(document));
  }

  private static String maven(Path local) {
    return "mvn() { command mvn -B -ntp -o -Daether.offline.protocols=file -Dmaven.repo.local='"
        + local
        + "' -Driglab.repository='"
        + ScratchDistribution.built().resolve("repository").toUri()
        + "' \"$@\"; }";
  }

  /** The commands of a document as lines of a bash script. */
  private static List<String> script(String text) {
    List<String> lines = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text);
    while (blocks.find()) {
      if (!blocks.group(1).equals("console")) {
        continue;
      }
      List<String> shell = new ArrayList<>();
      for (String line : blocks.group(2).lines().toList()) {
        if (line.startsWith("rig> ")) {
          shell.add(line.substring("rig> ".length()));
        } else {
          flush(shell, lines);
          if (line.startsWith("$ ")) {
            lines.add(line.substring(2));
          }
        }
      }
      flush(shell, lines);
    }
    return lines;
  }

  private static void flush(List<String> shell, List<String> lines) {
    if (!shell.isEmpty()) {
      lines.add("rig exec - << 'END'");
      shell.stream().filter(line -> !line.equals("exit")).forEach(lines::add);
      lines.add("END");
      shell.clear();
    }
  }

  /**
   * Runs a document's commands; a command that fails ends the script.
   *
   * @param document below the root of the project
   * @param before lines in front of them
   */
  private void execute(String document, String... before) throws Exception {
    List<String> commands = script(read(document));
    assertFalse(document + " has no commands", commands.isEmpty());
    Path place = folder.getRoot().toPath();
    Path bin = Files.createDirectories(place.resolve("launcher"));
    Path rig = bin.resolve("rig");
    Files.writeString(
        rig,
        "#!/bin/bash\nexec '%s' --home '%s' \"$@\"\n"
            .formatted(ScratchDistribution.built().resolve("bin/rig"), place.resolve("home")));
    Files.setPosixFilePermissions(rig, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> script =
        new ArrayList<>(
            List.of("set -e -m", "export PATH='" + bin + "':$PATH", "export HOME='" + place + "'"));
    script.addAll(List.of(before));
    script.add("set -v");
    script.addAll(commands);
    Path file = place.resolve("script.sh");
    Files.write(file, script);
    Outcome.of(place, List.of("bash", file.toString())).ended(0);
  }

  @Test(timeout = 900_000)
  public void quickStart() throws Exception {
    execute("docs/quick-start.md");
  }

  @Test(timeout = 900_000)
  public void firstTraining() throws Exception {
    Path camvid = DOCUMENTS.resolve("../shared/data/CamVid").normalize();
    assumeTrue("CamVid is not in " + camvid, Files.isDirectory(camvid));
    execute(
        "docs/tutorials/first-training.md",
        // Few images: the commands are tested, not the data.
        "mkdir CamVid",
        "for s in train val test; do mkdir CamVid/$s CamVid/${s}annot;"
            + " for f in $(ls '"
            + camvid
            + "'/$s | head -4); do ln -s '"
            + camvid
            + "'/$s/$f CamVid/$s/; ln -s '"
            + camvid
            + "'/${s}annot/$f CamVid/${s}annot/; done; done");
  }

  @Test(timeout = 900_000)
  public void ownData() throws Exception {
    String text = read("docs/tutorials/own-data.md");
    Path place = folder.getRoot().toPath();
    Matcher blocks = BLOCK.matcher(text);
    while (blocks.find()) {
      if (blocks.group(1).equals("java")) {
        Files.writeString(place.resolve("Draw.java"), blocks.group(2));
      } else if (blocks.group(1).equals("json")) {
        Files.createDirectories(place.resolve("toys"));
        Files.writeString(place.resolve("toys/classes.json"), blocks.group(2));
      }
    }
    assertTrue(Files.exists(place.resolve("toys/classes.json")));
    execute("docs/tutorials/own-data.md");
  }

  @Test(timeout = 900_000)
  public void ownGate() throws Exception {
    Path local = Outcome.localRepository(folder.getRoot().toPath().resolve("m2"));
    execute("docs/tutorials/own-gate.md", maven(local));
  }

  @Test(timeout = 900_000)
  public void labServer() throws Exception {
    execute("docs/tutorials/lab-server.md", PORTS, END);
  }

  @Test(timeout = 900_000)
  public void readme() throws Exception {
    Path local = Outcome.localRepository(folder.getRoot().toPath().resolve("m2"));
    execute(
        "README.md",
        "cp -r '" + DOCUMENTS.resolve("examples") + "' examples",
        maven(local),
        PORTS,
        END);
  }
}
