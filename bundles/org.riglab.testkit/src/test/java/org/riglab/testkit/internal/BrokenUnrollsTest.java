package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;

/** What gates do not have: each check finds the unroll strategy that breaks it, and says so. */
public class BrokenUnrollsTest {
  /** The plain one; breaks as subclasses say. */
  private static class Good implements Unroll {
    @Override
    public int applications(UnrollSpec spec, int block, Options options) {
      return Partners.PARALLEL.applications(spec, block, options);
    }

    @Override
    public NDList forward(Pass pass, NDArray image, Options options) {
      return Partners.PARALLEL.forward(pass, image, options);
    }
  }

  private static Check.Outcome run(Check<Subject<Unroll>> check, Unroll unroll) {
    return check.run(new Subject<>(Unroll.KIND, "test", unroll, Map.of(), Tools.onClassPath()));
  }

  private static void fails(Check<Subject<Unroll>> check, Unroll unroll, String part) {
    Check.Outcome good = run(check, new Good());
    assertEquals(good.sentence(), Verdict.PASSED, good.verdict());
    Check.Outcome outcome = run(check, unroll);
    assertEquals(check.name() + ": " + outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    assertEquals(outcome.sentence(), 1, outcome.sentence().lines().count());
  }

  @Test
  public void predictions() {
    fails(
        UnrollChecks.LOGITS,
        new Good() {
          @Override
          public NDList forward(Pass pass, NDArray image, Options options) {
            NDList all = super.forward(pass, image, options);
            return all.size() > 2 ? all.subNDList(1) : all;
          }
        },
        "u=3, feedback [2, 3] gives 2 predictions; expected one per iteration");
    fails(
        UnrollChecks.LOGITS,
        new Good() {
          @Override
          public NDList forward(Pass pass, NDArray image, Options options) {
            NDList all = super.forward(pass, image, options);
            return new NDList(all.stream().map(a -> a.repeat(2, 4)).toList());
          }
        },
        "gives a prediction (2, 4, 36, 12); expected logits at the network's stride");
  }

  @Test
  public void runs() {
    fails(
        UnrollChecks.RUNS,
        new Good() {
          @Override
          public int applications(UnrollSpec spec, int block, Options options) {
            return 1;
          }
        },
        "u=2, feedback [2, 3]: block 1 runs 2 times, but applications says 1");
    fails(
        UnrollChecks.RUNS,
        new Good() {
          @Override
          public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
            return List.of(new GateShape(2, 3, List.of(7)));
          }
        },
        "gates plans 3 input channels at block 2; expected the block's, 6");
    fails(
        UnrollChecks.RUNS,
        new Good() {
          @Override
          public NDList forward(Pass pass, NDArray image, Options options) {
            NDList logits = new NDList();
            for (int t = 1; t <= pass.spec().iterations(); t++) {
              NDList x = new NDList(image);
              for (int k = 1; k <= pass.blocks(); k++) {
                x = pass.block(k, t, x);
              }
              logits.add(x.head());
            }
            return logits;
          }
        },
        "u=2, feedback [2, 3]: the gate planned at block 2 is never called");
    fails(
        UnrollChecks.RUNS,
        new Good() {
          @Override
          public NDList forward(Pass pass, NDArray image, Options options) {
            NDList x = new NDList(image);
            for (int k = 1; k <= pass.blocks(); k++) {
              x = pass.block(k, pass.spec().iterations() + 1, x);
            }
            return x;
          }
        },
        "block 1 runs in iteration 2; expected 1 to 1");
    fails(
        UnrollChecks.RUNS,
        new Good() {
          @Override
          public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
            return spec.feedback().stream()
                .map(k -> new GateShape(k, stages.get(k - 1).inputChannels(), List.of(9)))
                .toList();
          }
        },
        "gate 2 is fed [7] channels, but gates plans [9]");
  }

  @Test
  public void notFeedForward() {
    fails(
        UnrollChecks.ONE,
        new Good() {
          @Override
          public NDList forward(Pass pass, NDArray image, Options options) {
            return super.forward(pass, image.add(image), options);
          }
        },
        "with u=1 the prediction differs from that of all blocks in a row");
    fails(
        UnrollChecks.ONE,
        new Good() {
          @Override
          public int inputChannels(UnrollSpec spec, int classes, Options options) {
            return 1;
          }
        },
        "inputChannels says 1; expected 3");
  }

  @Test
  public void moreWeights() {
    fails(
        UnrollChecks.SHARED,
        new Good() {
          @Override
          public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
            return spec.iterations() == 1 ? List.of() : super.gates(spec, stages, options);
          }
        },
        "iterations must share their weights");
  }

  @Test
  public void lostFeedback() {
    fails(
        UnrollChecks.GRADIENT,
        new Good() {
          @Override
          public NDList forward(Pass pass, NDArray image, Options options) {
            return new NDList(super.forward(pass, image, options).head());
          }
        },
        "no gradient reaches gates.2.conv0.weight");
  }
}
