package org.riglab.graph.internal.rewrite;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import org.junit.Test;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Op;
import org.riglab.nn.Functional;

public class LowResizesTest {
  private static final DataType LOW = DataType.BFLOAT16;
  private static final DataType HIGH = DataType.FLOAT32;

  private static NDArray enlarged(NDArray x, Traces.Weights weights) {
    return Functional.interpolate(weights.convolution("gate", x), 8, 8);
  }

  /** Types of the enlarged maps and of what they are combined with. */
  private static List<DataType> types(Traces.Code code, DataType low) {
    Graph graph = Traces.record(code, 4).first();
    return Lowering.inference(graph, low, false).first().nodes().stream()
        .filter(node -> node.op() instanceof Op.Resize || node.op() instanceof Op.Pointwise)
        .map(node -> node.type())
        .toList();
  }

  private static NDList gated(NDArray x, Traces.Weights weights, boolean add, boolean first) {
    NDArray map = weights.convolution("large", x.repeat(2, 2).repeat(3, 2));
    NDArray gate = enlarged(x, weights);
    NDArray one = first ? gate : map;
    NDArray other = first ? map : gate;
    NDArray combined = add ? one.add(other) : one.mul(other);
    return new NDList(weights.convolution("next", combined));
  }

  @Test
  public void ofAGateIsInLowPrecision() {
    for (boolean add : new boolean[] {false, true}) {
      for (boolean first : new boolean[] {false, true}) {
        Traces.Code code = (x, weights) -> gated(x, weights, add, first);
        assertEquals(List.of(LOW, LOW), types(code, LOW));
        assertEquals(List.of(HIGH, HIGH), types(code, HIGH));
      }
    }
  }

  @Test
  public void ofLogitsAndOfMapsWithOtherReadersIsNot() {
    assertEquals(List.of(HIGH), types((x, weights) -> new NDList(enlarged(x, weights)), LOW));
    assertEquals(
        List.of(HIGH, HIGH),
        types(
            (x, weights) -> {
              NDList gated = gated(x, weights, false, true);
              gated.add(enlarged(x, weights));
              return gated;
            },
            LOW));
    assertEquals(
        "not rounded afterwards",
        List.of(HIGH, HIGH),
        types(
            (x, weights) ->
                new NDList(
                    enlarged(x, weights)
                        .mul(weights.convolution("large", x.repeat(2, 2).repeat(3, 2)))),
            LOW));
  }
}
