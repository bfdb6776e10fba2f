package org.riglab.graph.internal.rewrite;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.Test;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Kernel.EnlargedCrossEntropy.Band;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Functional;

public class EnlargedLossesTest {
  private static final int WIDE = 4096; // of two images and three classes, ten rows are a strip

  private static NDArray entropy(NDArray x, double smoothing) {
    Shape shape = x.getShape();
    Shape label = new Shape(shape.get(0), shape.get(2), shape.get(3));
    NDArray labels = x.getManager().zeros(label, DataType.INT64);
    CrossEntropy entropy = new CrossEntropy(255, List.of(1.0, 2.0, 3.0));
    return smoothing == 0 ? entropy.sum(x, labels) : entropy.smoothedSum(x, labels, smoothing);
  }

  private static List<Kernel.EnlargedCrossEntropy> kernels(Traces.Code code, boolean host) {
    Graph graph = Traces.record(code, 4).first();
    return Lowering.function(graph, false, host).first().nodes().stream()
        .filter(node -> node.op() instanceof Kernel.EnlargedCrossEntropy)
        .map(node -> (Kernel.EnlargedCrossEntropy) node.op())
        .toList();
  }

  private static Traces.Code loss(int height, double smoothing) {
    return (x, weights) -> {
      NDArray large = Functional.interpolateByProducts(x, height, WIDE);
      return new NDList(entropy(large, smoothing));
    };
  }

  @Test
  public void goOverRowsThatLieBetweenFewRowsOfTheLogits() {
    List<Kernel.EnlargedCrossEntropy> found = kernels(loss(80, 0), true);
    assertEquals(1, found.size());
    assertEquals(255, found.get(0).ignored());
    long rows = found.get(0).rows();
    assertEquals((1 << 18) / (2 * 3 * WIDE), rows);
    assertEquals((80 + rows - 1) / rows, found.get(0).bands().size());
    // rows 0 to 9 of 80 are not below the centre of the first of four rows
    assertEquals(new Band(0, 1), found.get(0).bands().get(0));
    assertEquals(new Band(2, 4), found.get(0).bands().get(5));
    assertEquals(new Band(3, 4), found.get(0).bands().get(7));
  }

  @Test
  public void areLeftAloneElsewhere() {
    assertEquals("on a GPU", List.of(), kernels(loss(80, 0), false));
    assertEquals("small", List.of(), kernels(loss(39, 0), true));
    assertEquals("smoothed", List.of(), kernels(loss(80, 0.1), true));
    assertEquals(
        "enlarged logits with another reader",
        List.of(),
        kernels(
            (x, weights) -> {
              NDArray large = Functional.interpolateByProducts(x, 80, WIDE);
              return new NDList(entropy(large, 0), large.mean());
            },
            true));
    assertEquals(
        "a matrix that has a gradient",
        List.of(),
        kernels(
            (x, weights) -> {
              NDArray rows = weights.get("rows", 80, 4);
              NDArray columns = x.getManager().ones(new Shape(4, WIDE));
              return new NDList(entropy(rows.matMul(x).matMul(columns), 0));
            },
            true));
  }
}
