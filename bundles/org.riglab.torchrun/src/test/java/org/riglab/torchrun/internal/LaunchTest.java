package org.riglab.torchrun.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class LaunchTest {
  private static final Path FOLDER = Path.of("/home/runs/rig-3/processes");
  private static final Map<String, String> SLURM =
      Map.of("SLURM_JOB_ID", "17", "SLURM_CPUS_ON_NODE", "16");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static Launch launch(int nodes) {
    return new Launch("python3", FOLDER, nodes, 4, nodes == 1 ? "127.0.0.1" : "n1", 4321, 29400);
  }

  @Test
  public void oneMachineNeedsNoMeetingPoint() {
    assertEquals(
        List.of(
            "python3",
            FOLDER + "/steps.py",
            "agent",
            FOLDER.toString(),
            "--standalone",
            "--nnodes=1",
            "--nproc-per-node=4",
            FOLDER + "/steps.py",
            "rank",
            FOLDER.toString(),
            "127.0.0.1",
            "4321"),
        launch(1).command(SLURM));
  }

  @Test
  public void aJobOfSeveralNodesStartsOneTorchrunOnEach() {
    List<String> words = launch(2).command(SLURM);
    assertEquals(
        List.of(
            "srun",
            "--nodes=2",
            "--ntasks=2",
            "--ntasks-per-node=1",
            "--kill-on-bad-exit=1",
            "--export=ALL",
            "--cpus-per-task=16",
            "python3"),
        words.subList(0, 8));
    assertTrue(words.contains("--rdzv-endpoint=n1:29400"));
    assertTrue(words.contains("--rdzv-id=rig-3"));
  }

  @Test
  public void otherMachinesAreToldWhatToExecute() {
    assertFalse(launch(2).slurm(Map.of()));
    assertEquals(launch(2).agent(), launch(2).command(Map.of()));
    String line = launch(2).elsewhere("abc");
    assertTrue(line, line.startsWith("RIGLAB_TOKEN=abc python3 " + FOLDER + "/steps.py agent"));
  }

  @Test
  public void processesShareTheCores() {
    assertEquals(2, launch(1).threads(0, 8));
    assertEquals(1, launch(1).threads(0, 2));
    assertEquals(3, launch(1).threads(3, 2));
  }

  private String program(String script) throws IOException {
    Path file = folder.newFile().toPath();
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertTrue(file.toFile().setExecutable(true));
    return file.toString();
  }

  private static String refused(String python) {
    RigException e = assertThrows(RigException.class, () -> Python.check(python));
    assertEquals(RigException.Kind.UNAVAILABLE, e.kind());
    assertFalse(e.getMessage(), e.getMessage().contains("\n"));
    assertTrue(e.getMessage(), e.getMessage().contains("; set option python, or 'python' of "));
    return e.getMessage();
  }

  @Test
  public void saysWhichPythonIsMissing() throws IOException {
    assertTrue(refused("/no/such/python").contains("cannot execute /no/such/python"));
    assertTrue(refused(program("exit 23")).contains("has no PyTorch"));
    assertTrue(refused(program("echo 1.13.1+cpu")).contains("has PyTorch 1.13.1+cpu"));
    assertTrue(refused(program("echo hello; exit 1")).contains("is no Python: hello"));
    Python.check(program("echo 2.7.1+cu126"));
    Python.check(program("echo 3.0.0"));
  }
}
