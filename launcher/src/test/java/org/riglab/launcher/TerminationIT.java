package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Signals that end a command while it computes in native code. */
public final class TerminationIT {
  private static final int SIGTERM_STATUS = 143;
  private static final int SIGINT_STATUS = 130;

  /** Processor time between the loading of the engine and the signal. */
  private static final Duration COMPUTED = Duration.ofSeconds(2);

  private static final long POLL_MILLIS = 50;

  /** Of its own threads; the engine's come with the first convolution. */
  private static final String COMPUTES = "libtorch_cpu";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private void endsAtOnce(String signal, int status, String... words) throws Exception {
    assumeTrue("the libraries of a process are read from /proc", Files.exists(Path.of("/proc/1")));
    Path said = folder.newFile().toPath();
    Path here = folder.newFolder().toPath();
    List<String> command =
        Stream.concat(
                Stream.of(
                    "env",
                    "--default-signal=INT", // a background job's children may ignore Ctrl-C
                    ScratchDistribution.built().resolve("bin/rig").toString(),
                    "--home",
                    folder.getRoot().toPath().resolve("home").toString()),
                Stream.of(words))
            .toList();
    Process process =
        new ProcessBuilder(command)
            .directory(here.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      while (process.isAlive() && !loaded(process)) {
        Thread.sleep(POLL_MILLIS);
      }
      // Some processes are in the compiler then, some in a pass.
      Duration loaded = used(process);
      while (process.isAlive() && used(process).minus(loaded).compareTo(COMPUTED) < 0) {
        Thread.sleep(POLL_MILLIS);
      }
      assertTrue(Files.readString(said), process.isAlive());
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      assertTrue("still running", process.waitFor(3, TimeUnit.MINUTES));
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(said);
    assertEquals(text, status, process.exitValue());
    assertFalse(text, text.contains("giving up"));
    try (Stream<Path> left = Files.list(here)) {
      assertEquals("a report of a crash, for example", List.of(), left.toList());
    }
  }

  /** Processor time; as much as it has to be if it has ended, which the caller sees. */
  private static Duration used(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ofDays(1));
  }

  private static boolean loaded(Process process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/maps")).contains(COMPUTES);
    } catch (IOException e) {
      return false; // it has ended, which the caller sees
    }
  }

  @Test
  public void aBenchmark() throws Exception {
    Path spec = folder.newFile("spec.json").toPath();
    Files.writeString(
        spec,
        """
        {"classes": 6, "backbone": "resnet:layers=1,1,1,1:width=8:output_stride=8"}
        """);
    String[] bench = {"bench", "--spec", spec.toString(), "--size", "64x64", "--passes", "1000000"};
    endsAtOnce("TERM", SIGTERM_STATUS, bench);
    endsAtOnce("INT", SIGINT_STATUS, bench);
  }

  @Test
  public void anEvaluation() throws Exception {
    endsAtOnce(
        "TERM",
        SIGTERM_STATUS,
        "exec",
        "assemble tiny --backbone resnet:layers=1,1,1,1:width=8:output_stride=8 --classes 6;"
            + " eval tiny --split test"
            + " --dataset shapes:size=32,32:train=1:val=1:test=1000000");
  }
}
