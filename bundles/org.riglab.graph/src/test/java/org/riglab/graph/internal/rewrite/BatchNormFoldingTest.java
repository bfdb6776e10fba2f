package org.riglab.graph.internal.rewrite;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.junit.Test;
import org.riglab.graph.internal.ir.Sizes;

public class BatchNormFoldingTest {
  private static Sizes folded(Traces.Code code, long... heights) {
    return new DeadCode().apply(new BatchNormFolding().apply(Traces.record(code, heights)));
  }

  @Test
  public void scalesWeightsInTheGraph() {
    Sizes sizes =
        folded(
            (x, weights) ->
                new NDList(weights.batchNorm("bn", weights.convolution("conv", x), false)),
            6,
            9);
    assertEquals(
        """
        %0 = Input() name=x : float32(2, 3, 6, 4)
        %1 = Param() name=conv.weight trained=true : float32(3, 3, 1, 1)
        %2 = Param() name=bn.running_mean trained=true : float32(3)
        %3 = Param() name=bn.running_var trained=true : float32(3)
        %4 = Param() name=bn.weight trained=true : float32(3)
        %5 = Param() name=bn.bias trained=true : float32(3)
        %6 = Pointwise(%3) function=add numbers=[1.0E-5] : float32(3) # bn
        %7 = Pointwise(%6) function=sqrt numbers=[] : float32(3) # bn
        %8 = Pointwise(%4, %7) function=div numbers=[] : float32(3) # bn
        %9 = Reshape(%8) : float32(3, 1, 1, 1) # bn
        %10 = Pointwise(%1, %9) function=mul numbers=[] : float32(3, 3, 1, 1) # bn
        %11 = Pointwise(%2, %8) function=mul numbers=[] : float32(3) # bn
        %12 = Pointwise(%5, %11) function=sub numbers=[] : float32(3) # bn
        %13 = Convolution(%0, %10, %12) stride=[1, 1] padding=[0, 0] dilation=[1, 1] groups=1 : float32(2, 3, 6, 4) # bn
        return %13
        """,
        sizes.first().toString());
    assertEquals(List.of(2L, 3L, 9L, 4L), sizes.graphs().get(1).node(13).shape());
  }

  private static Sizes kept(Traces.Code code) {
    Sizes sizes = Traces.record(code);
    assertEquals(sizes, new BatchNormFolding().apply(sizes));
    return sizes;
  }

  @Test
  public void sparesWhatItWouldChange() {
    kept(
        (x, weights) -> {
          NDArray read = weights.convolution("conv", x);
          return new NDList(weights.batchNorm("bn", read, false), read.neg());
        });
    kept(
        (x, weights) -> {
          NDArray result = weights.convolution("conv", x);
          return new NDList(weights.batchNorm("bn", result, false), result);
        });
    kept(
        (x, weights) -> {
          NDArray shared = weights.convolution("conv", x);
          return new NDList(
              weights.batchNorm("bn", shared, false), weights.batchNorm("bn.t2", shared, false));
        });
    kept((x, weights) -> new NDList(weights.batchNorm("bn", weights.convolution("conv", x), true)));
    kept((x, weights) -> new NDList(weights.batchNorm("bn", x.add(1), false)));
  }
}
