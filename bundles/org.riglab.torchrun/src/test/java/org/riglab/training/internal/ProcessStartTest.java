package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.torchrun.internal.Engines;
import org.riglab.training.StepEngine;

/** A training whose processes do not start. */
public class ProcessStartTest {
  private static final String NETWORK =
      """
      {"classes": 6, "iterations": 2, "feedback": [4, 6], "unroll": "parallel",
       "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "width": 8, "output_stride": 8}}\
      """;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** Is stopped while it starts. */
  private static final class Interrupted implements StepEngine {
    @Override
    public String name() {
      return "torchrun";
    }

    @Override
    public void check(TrainSpec spec) {
      // fits
    }

    @Override
    public Processes start(Job job, State state) {
      Thread.currentThread().interrupt();
      throw new LostException("stopped while the processes started");
    }
  }

  @Test
  public void aStopMeanwhileIsNoFailure() throws IOException {
    List<String> messages = new ArrayList<>();
    Observer observer =
        new Observer() {
          @Override
          public void message(String line) {
            messages.add(line);
          }
        };
    try (Lab lab = new Lab(folder.getRoot().toPath().resolve("home"), new Interrupted())) {
      lab.assemble(NETWORK);
      Map<String, Object> options =
          Map.of("dataset", "shapes:size=48,48:train=4:val=4", "size", "48x48", "batch", 4);
      Training training = lab.train(observer, options, "engine", "torchrun", "per_node", 2);
      assertEquals(Training.End.STOPPED, training.end());
      assertEquals(List.of(), training.points());
      assertTrue(
          messages.toString(), messages.contains("step 1: stopped while the processes started"));
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }

  /** A torchrun that leaves a file when it starts, and then does something. */
  private Training stopped(String then, BooleanSupplier stop) throws IOException {
    Path program = folder.newFile("python").toPath();
    Files.writeString(
        program,
        """
        #!/bin/sh
        [ "$1" = -c ] && echo 2.7.1 && exit
        touch '%s'
        %s
        """
            .formatted(started(), then));
    assertTrue(program.toFile().setExecutable(true));
    Observer observer =
        new Observer() {
          @Override
          public boolean stop() {
            return stop.getAsBoolean();
          }
        };
    try (Lab lab =
        new Lab(folder.getRoot().toPath().resolve("home"), Engines.of(program.toString()))) {
      lab.assemble(NETWORK);
      Map<String, Object> options =
          Map.of("dataset", "shapes:size=48,48:train=4:val=4", "size", "48x48", "batch", 4);
      return lab.train(observer, options, "engine", "torchrun", "per_node", 2);
    }
  }

  private Path started() {
    return folder.getRoot().toPath().resolve("started");
  }

  @Test
  public void aStopIsNoticedWhileTorchrunStarts() throws IOException {
    Training training = stopped("exec sleep 600", () -> Files.exists(started()));
    assertEquals(Training.End.STOPPED, training.end());
    assertEquals(List.of(), training.points());
  }

  /** SLURM signals both at once. */
  @Test
  public void torchrunMayBeStoppedBeforeTheTraining() throws IOException {
    long[] seen = {0};
    Training training =
        stopped(
            "exit 143",
            () -> {
              if (seen[0] == 0 && Files.exists(started())) {
                seen[0] = System.nanoTime();
              }
              return seen[0] > 0 && System.nanoTime() - seen[0] > 1_000_000_000;
            });
    assertEquals(Training.End.STOPPED, training.end());
  }

  @Test
  public void torchrunThatEndsByItselfIsAFailure() {
    RigException e = assertThrows(RigException.class, () -> stopped("exit 143", () -> false));
    assertTrue(e.getMessage(), e.getMessage().startsWith("torchrun: torchrun ended with status "));
  }
}
