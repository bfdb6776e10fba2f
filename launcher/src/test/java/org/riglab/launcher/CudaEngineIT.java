package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * The CUDA build of libtorch on the CPU, from set-up to evaluation. Runs where the environment
 * variable {@code RIGLAB_TEST_CUDA} is {@code maven}, which fetches 3 GB, or names a Python
 * interpreter with torch; see docs/gpu.md.
 */
public class CudaEngineIT {
  private static final Path CASES =
      Path.of(System.getProperty("riglab.shared", "../../shared"), "parity", "cases");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final String source = System.getenv().getOrDefault("RIGLAB_TEST_CUDA", "");
  private Path home;

  @Before
  public void chosen() {
    assumeTrue("RIGLAB_TEST_CUDA names no source of a CUDA build", !source.isEmpty());
    home = folder.getRoot().toPath().resolve("home");
  }

  private String rig(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ScratchDistribution.built().resolve("bin/rig").toString(),
                "--home",
                home.toString()));
    command.addAll(List.of(words));
    return Outcome.of(folder.getRoot().toPath(), command).ended(0);
  }

  private void setUp() throws Exception {
    String directory = System.getenv("RIGLAB_TEST_CUDA_DIR");
    if (!source.equals("maven")) {
      rig("gpu", "setup", "--python", source);
    } else if (directory != null) {
      rig("gpu", "setup", "--engine-dir", directory);
    } else {
      rig("gpu", "setup");
    }
  }

  @Test
  public void aCudaBuildDoesOnTheCpuWhatTheOtherDoes() throws Exception {
    setUp();
    String facts = rig("gpu", "--json");
    assertTrue(facts, facts.contains("\"build\": \"cuda\""));
    assertTrue(facts, facts.contains("\"version\": \"2.7.1\""));

    String test = rig("gpu", "test", "cpu");
    assertEquals(test, 8, test.lines().filter(line -> line.endsWith(" ok")).count());
    // The folder is that of the set-up: what was tested is not the engine for the CPU.
    assertTrue(test, test.contains(source.equals("maven") ? "libtorch-2.7.1-cu128" : "links-"));

    rig(
        "assemble",
        "net",
        "--backbone",
        "resnet:layers=1,1,1,1:width=8:output_stride=8",
        "--feedback",
        "6..4",
        "--iterations",
        "2",
        "--classes",
        "6");
    rig(
        "train",
        "net",
        "--dataset",
        "shapes",
        "--steps",
        "4",
        "--batch",
        "2",
        "--size",
        "64x64",
        "--val-limit",
        "4");
    String scores = rig("eval", "net", "--dataset", "shapes", "--limit", "4");
    assertTrue(scores, scores.contains("mIoU"));

    if (Files.isDirectory(CASES)) {
      rig("parity", CASES.toAbsolutePath().toString());
    }

    rig("gpu", "setup", "--cpu");
    String cpu = rig("gpu", "--json");
    assertTrue(cpu, cpu.contains("\"build\": \"cpu\""));
  }
}
