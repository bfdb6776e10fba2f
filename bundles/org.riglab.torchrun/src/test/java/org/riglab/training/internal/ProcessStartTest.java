package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.training.StepEngine;

/** A training whose processes do not start. */
public class ProcessStartTest {
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
      lab.assemble(
          """
          {"classes": 6, "iterations": 2, "feedback": [4, 6], "unroll": "parallel",
           "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "width": 8, "output_stride": 8}}\
          """);
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
}
