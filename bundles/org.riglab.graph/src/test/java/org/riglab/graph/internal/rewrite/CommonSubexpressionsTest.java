package org.riglab.graph.internal.rewrite;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.junit.Test;
import org.riglab.graph.internal.ir.Sizes;

public class CommonSubexpressionsTest {
  private static Sizes once(Sizes sizes) {
    return new CommonSubexpressions().apply(sizes);
  }

  @Test
  public void computesTheSameOnce() {
    Sizes sizes =
        once(
            Traces.record(
                (x, weights) -> {
                  NDArray first = weights.convolution("stem", x.add(1)).getNDArrayInternal().relu();
                  NDArray again = weights.convolution("stem", x.add(1)).getNDArrayInternal().relu();
                  NDArray other = weights.convolution("other", x.add(1));
                  return new NDList(first.mul(2), again.mul(2), again.mul(3), other);
                }));
    assertEquals(
        """
        %0 = Input() name=x : float32(2, 3, 6, 4)
        %1 = Pointwise(%0) function=add numbers=[1.0] : float32(2, 3, 6, 4)
        %2 = Param() name=stem.weight trained=true : float32(3, 3, 1, 1)
        %3 = Convolution(%1, %2) stride=[1, 1] padding=[0, 0] dilation=[1, 1] groups=1 : float32(2, 3, 6, 4) # stem
        %4 = Pointwise(%3) function=relu numbers=[] : float32(2, 3, 6, 4)
        %5 = Param() name=other.weight trained=true : float32(3, 3, 1, 1)
        %6 = Convolution(%1, %5) stride=[1, 1] padding=[0, 0] dilation=[1, 1] groups=1 : float32(2, 3, 6, 4) # other
        %7 = Pointwise(%4) function=mul numbers=[2.0] : float32(2, 3, 6, 4)
        %8 = Pointwise(%4) function=mul numbers=[3.0] : float32(2, 3, 6, 4)
        return %7, %7, %8, %6
        """,
        sizes.first().toString());
  }

  @Test
  public void whatIsRandomIsComputedEachTime() {
    Shape shape = new Shape(2, 3, 6, 4);
    Sizes sizes =
        Traces.record(
            x -> {
              NDArray dropped = x.getNDArrayInternal().dropout(x, 0.5f, true).head();
              NDArray again = x.getNDArrayInternal().dropout(x, 0.5f, true).head();
              NDArray noise = x.getManager().randomNormal(shape);
              NDArray other = x.getManager().randomNormal(shape);
              return new NDList(dropped.sub(again), noise.sub(other));
            });
    assertEquals(sizes, once(sizes));
  }

  @Test
  public void batchNormInTrainingUpdatesEachTime() {
    Sizes sizes =
        Traces.record(
            (x, weights) ->
                new NDList(
                    weights.batchNorm("bn", x, true),
                    weights.batchNorm("bn", x, true),
                    // before and after another update the statistics are not the same
                    weights.batchNorm("bn", x, false),
                    weights.get("bn.running_mean", 3).add(1),
                    weights.batchNorm("bn", x, true),
                    weights.batchNorm("bn", x, false),
                    weights.get("bn.running_mean", 3).add(1)));
    assertEquals(sizes, once(sizes));
    assertEquals(
        "Input BatchNorm",
        Traces.operations(
            once(
                Traces.record(
                    (x, weights) ->
                        new NDList(
                            weights.batchNorm("bn", x, false),
                            weights.batchNorm("bn", x, false))))));
  }

  @Test
  public void whatIsTheSameAtOneSizeOnlyStaysApart() {
    Sizes sizes =
        once(
            Traces.record(
                x -> {
                  // 4 is the width, and the height of the first image
                  NDArray high = x.getManager().zeros(new Shape(x.getShape().get(2)));
                  NDArray wide = x.getManager().zeros(new Shape(x.getShape().get(3)));
                  NDArray wide2 = x.getManager().zeros(new Shape(x.getShape().get(3)));
                  return new NDList(high, wide, wide2);
                },
                4,
                9));
    assertEquals(java.util.List.of(1, 2, 2), sizes.first().outputs());
    assertEquals(java.util.List.of(9L), sizes.graphs().get(1).node(1).shape());
  }
}
