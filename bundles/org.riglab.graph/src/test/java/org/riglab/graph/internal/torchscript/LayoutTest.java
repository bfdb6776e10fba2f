package org.riglab.graph.internal.torchscript;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Test;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Lowering;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;
import org.riglab.nn.Functional;

/** Arrays are in memory as the graph has it, and of the types that it has. */
public class LayoutTest {
  private static final Shape IMAGE = new Shape(2, 4, 8, 6);
  private static final Shape ONE = new Shape(1, 1);
  private static final Shape TWO = new Shape(2, 2);
  private static final Shape ZERO = new Shape(0, 0);

  private final Modules modules = new Modules();

  @After
  public void close() {
    modules.close();
  }

  private static NDArray convolution(NDArray x, NDArray weight, Shape stride, Shape padding) {
    return x.getNDArrayInternal()
        .convolution(x, weight, null, stride, padding, ONE, 1)
        .singletonOrThrow();
  }

  /** A little of everything that a network with gates does. */
  private static NDList pass(NDArray x, NDArray p) {
    NDArray wide = convolution(x, p, ONE, ONE);
    NDArray one = x.getManager().ones(new Shape(8));
    NDArray normed =
        wide.getNDArrayInternal()
            .batchNorm(wide, one, one.mul(2), one, one.mul(0), 1, 1f, 1e-5f, true)
            .singletonOrThrow();
    NDArray active = normed.getNDArrayInternal().relu();
    NDArray pooled = active.getNDArrayInternal().maxPool(TWO, TWO, ZERO, false);
    NDArray matrix = x.getManager().ones(new Shape(8, 8, 1, 1));
    NDArray strided = convolution(active, matrix, TWO, ZERO);
    NDArray small = convolution(pooled, x.getManager().ones(new Shape(256, 8, 3, 3)), TWO, ONE);
    NDArray gate = ai.djl.nn.Activation.sigmoid(pooled.mul(strided));
    return new NDList(
        gate, Functional.interpolate(gate, 8, 6).mul(active), small.mean(new int[] {1}, true));
  }

  private static Graph trace() {
    Parameter parameter =
        Parameter.builder()
            .setName("p")
            .setType(Parameter.Type.WEIGHT)
            .optShape(new Shape(8, 4, 3, 3))
            .build();
    return Tracer.trace(
        List.of(new Argument("image", IMAGE, DataType.FLOAT32)),
        Map.of(parameter, "p"),
        (store, inputs) -> pass(inputs.head(), store.getValue(parameter, null, true)));
  }

  @Test
  public void arraysAreAsTheGraphHasThem() {
    for (DataType low : List.of(DataType.BFLOAT16, DataType.FLOAT16, DataType.FLOAT32)) {
      Graph graph = Lowering.training(trace(), low, true).first();
      List<Node> maps =
          graph.nodes().stream()
              .filter(node -> node.shape().size() == 4 && node.layout() != Layout.STRIDED)
              .filter(node -> node.shape().get(1) > 1 && node.shape().get(2) > 1)
              .filter(node -> !(node.op() instanceof Op.Param))
              .toList();
      // nothing is written over, as every array is looked at
      List<Integer> all = graph.nodes().stream().map(Node::id).toList();
      Graph read = new Graph(graph.nodes(), graph.runs(), all);
      Script script = new Script(new Sizes(List.of(read)), false, id -> true, name -> "p[0]");
      List<String> lines = new ArrayList<>(script.method(id -> true, List.of(), "", List.of()));
      lines.remove(lines.size() - 1);
      List<String> results = new ArrayList<>();
      for (Node node : maps) {
        String name = "q" + node.id();
        String value = node.op() instanceof Op.Input input ? input.name() : "v" + node.id();
        String format = node.layout() == Layout.CHANNELS_LAST ? "2" : "0";
        lines.add(
            "%1$s = torch.tensor([int(torch.is_contiguous(%2$s, memory_format=%3$s)), ops.prim.dtype(%2$s)])"
                .formatted(name, value, format));
        results.add(name);
      }
      lines.add("return [" + String.join(", ", results) + "]");
      try (NDManager manager = NDManager.newBaseManager()) {
        JniUtils.setGradMode(false);
        PtNDArray image = (PtNDArray) manager.ones(IMAGE);
        PtNDArray parameter = (PtNDArray) manager.ones(new Shape(8, 4, 3, 3));
        NDList found =
            modules.run(String.join("\n", lines), image, new Modules.Arrays("p", parameter));
        for (int i = 0; i < maps.size(); i++) {
          assertArrayEquals(
              low + " " + maps.get(i),
              new long[] {1, Literals.code(maps.get(i).type())},
              found.get(i).toLongArray());
        }
      }
      assertTrue(maps.size() >= 10);
      assertEquals(
          low != DataType.FLOAT32,
          maps.stream().anyMatch(node -> node.layout() == Layout.CHANNELS_LAST));
    }
  }
}
