package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;

/** A thousand steps and a thousand images leave the resident set where it was after fifty. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class MemoryIT {
  private static final int WARM = 50;
  private static final int ALL = 1000;

  @Inject private Networks networks;
  @Inject private Trainer trainer;
  @Inject private Evaluator evaluator;

  @Configuration
  public static Option[] configuration() throws Exception {
    return new Option[] {
      Platform.configuration("memory", new PluginJars(Path.of("target/plugins-memory")))
    };
  }

  @Test
  public void residentSetIsFlat() {
    Map<String, Object> spec =
        Map.of(
            "backbone",
            Map.of("name", "resnet", "layers", List.of(1L, 1L, 1L, 1L), "width", 8L),
            "classes",
            6L);
    networks.assemble("rig", networks.spec(spec, "test"), true);
    Watch watch = new Watch();
    Training training =
        trainer.train(
            trainer.plan(
                "rig",
                Map.of(
                    "dataset", "shapes:size=48:train=64:val=2",
                    "steps", Integer.toString(ALL),
                    "batch", "2",
                    "size", "48x48",
                    "val-split", "none",
                    "threads", "1",
                    "device", "cpu")),
            watch);
    assertEquals(Training.End.FINISHED, training.end());
    watch.assertFlat("training");

    watch = new Watch();
    Evaluation evaluation =
        evaluator.evaluate(
            evaluator.plan(
                "rig",
                Map.of(
                    "dataset", "shapes:size=48:train=64:val=" + ALL,
                    "threads", "1",
                    "device", "cpu")),
            watch);
    assertEquals(ALL, evaluation.images());
    watch.assertFlat("evaluation");
  }

  /** Reads the resident set when it is warm, and at the end. */
  private static final class Watch implements Observer {
    private long warm;
    private long last;

    @Override
    public void step(Step step) {
      at(step.step());
    }

    @Override
    public void image(int done, int total) {
      at(done);
    }

    private void at(long done) {
      if (warm == 0 && done >= WARM) {
        warm = Resident.kibibytes();
      }
      if (done == ALL) {
        last = Resident.kibibytes();
      }
    }

    void assertFlat(String what) {
      assertTrue(
          "%s: %d KiB after %d, %d KiB after %d".formatted(what, warm, WARM, last, ALL),
          warm > 0 && last > 0 && last < warm * 1.05);
    }
  }
}
