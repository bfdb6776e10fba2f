package org.riglab.graph.internal.rewrite;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.junit.Test;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Sizes;

public class DeadCodeTest {
  @Test
  public void leavesOutWhatNobodyReads() {
    Sizes sizes =
        new DeadCode()
            .apply(
                Traces.record(
                    (x, weights) -> {
                      weights.convolution("unused", x.mul(2));
                      weights.batchNorm("frozen", x, false).add(1);
                      NDArray kept = x.add(1);
                      kept.exp().log();
                      return new NDList(kept.neg());
                    }));
    assertEquals("Input add neg", Traces.operations(sizes));
    assertEquals(3, sizes.first().nodes().size());
    assertEquals(List.of(2), sizes.first().outputs());
  }

  @Test
  public void keepsWhatUpdatesStatistics() {
    Sizes sizes =
        new DeadCode()
            .apply(
                Traces.record(
                    (x, weights) -> {
                      weights.batchNorm("bn", weights.convolution("conv", x), true).add(1);
                      return new NDList(x.getManager().zeros(x.getShape()));
                    }));
    assertEquals("Input Convolution BatchNorm Fill", Traces.operations(sizes));
  }

  @Test
  public void runsForgetWhatIsGone() {
    Graph graph =
        Traces.record(x -> new NDList(x.add(1).neg(), x.exp())).first(); // 1 add, 2 neg, 3 exp
    Graph labelled =
        new Graph(
            graph.nodes(),
            List.of(new Graph.BlockCall(false, 1, 1, List.of(0, 1), List.of(3, 2))),
            List.of(3));
    Graph.BlockCall run = new DeadCode().apply(new Sizes(List.of(labelled))).first().runs().get(0);
    assertEquals(new Graph.BlockCall(false, 1, 1, List.of(0), List.of(1)), run);
  }
}
