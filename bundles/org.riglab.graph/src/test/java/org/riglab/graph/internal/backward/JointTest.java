package org.riglab.graph.internal.backward;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.junit.Test;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Where;
import org.riglab.graph.internal.rewrite.Lowering;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;

/** Forward and backward pass in one graph are optimised together. */
public class JointTest {
  private static final Shape ONE = new Shape(1, 1);

  private static Graph trace(BinaryOperator<NDArray> function, long... parameter) {
    Parameter weight =
        Parameter.builder()
            .setName("p")
            .setType(Parameter.Type.WEIGHT)
            .optShape(new Shape(parameter))
            .build();
    return Tracer.trace(
        List.of(new Argument("image", new Shape(2, 4, 8, 8), DataType.FLOAT32)),
        Map.of(weight, "p"),
        (store, inputs) ->
            new NDList(function.apply(inputs.head(), store.getValue(weight, null, true))));
  }

  private static Joint joint(Graph graph, DataType low, boolean recompute) {
    return Joint.of(Lowering.training(graph, low, true), true, recompute, false);
  }

  private static NDArray convolution(NDArray x, NDArray weight) {
    return x.getNDArrayInternal().convolution(x, weight, null, ONE, ONE, ONE, 1).singletonOrThrow();
  }

  private static String kept(Joint joint) {
    return joint.saved().stream()
        .map(node -> node.op().getClass().getSimpleName())
        .collect(Collectors.joining(" "));
  }

  private static long count(Joint joint, Class<? extends Op> op) {
    return joint.graph().nodes().stream().filter(node -> op.isInstance(node.op())).count();
  }

  private static List<Layout> norms(int channels, DataType low, boolean host) {
    Graph graph =
        trace(
            (x, p) -> {
              NDArray one = x.getManager().ones(new Shape(channels));
              NDArray made = convolution(x, p);
              NDArray normed =
                  made.getNDArrayInternal()
                      .batchNorm(made, one, one, one, one, 1, 0.9f, 1e-5f, true)
                      .singletonOrThrow();
              return convolution(normed, x.getManager().ones(new Shape(4, channels, 3, 3)));
            },
            channels,
            4,
            3,
            3);
    Joint joint = Joint.of(Lowering.training(graph, low, host), true, false, false);
    return joint.graph().nodes().stream()
        .filter(
            node ->
                node.op() instanceof Op.BatchNorm || node.op() instanceof Kernel.BatchNormBackward)
        .map(Node::layout)
        .toList();
  }

  @Test
  public void batchNormOfFewChannelsIsRowByRow() {
    List<Layout> rows = List.of(Layout.CONTIGUOUS, Layout.CONTIGUOUS);
    List<Layout> last = List.of(Layout.CHANNELS_LAST, Layout.CHANNELS_LAST);
    assertEquals(rows, norms(12, DataType.BFLOAT16, true));
    assertEquals(rows, norms(24, DataType.BFLOAT16, true));
    assertEquals(last, norms(32, DataType.BFLOAT16, true));
    assertEquals(last, norms(72, DataType.BFLOAT16, true));
    assertEquals(last, norms(12, DataType.BFLOAT16, false));
    assertEquals(rows, norms(32, DataType.FLOAT32, true));
  }

  private static long convolutions(long channels, long dilation, DataType low, boolean host) {
    Graph graph =
        trace(
            (x, p) -> {
              NDArray wide = convolution(x, p);
              return wide.getNDArrayInternal()
                  .convolution(
                      wide,
                      x.getManager().ones(new Shape(channels, 20, 3, 3)),
                      null,
                      ONE,
                      new Shape(dilation, dilation),
                      new Shape(dilation, dilation),
                      1)
                  .singletonOrThrow();
            },
            20,
            4,
            3,
            3);
    Joint joint = Joint.of(Lowering.training(graph, low, host), true, false, false);
    return count(joint, Op.Convolution.class);
  }

  @Test
  public void dilatedConvolutionsToFewChannelsAreProducts() {
    assertEquals(1, convolutions(2, 6, DataType.BFLOAT16, true));
    assertEquals(2, convolutions(2, 2, DataType.BFLOAT16, true));
    assertEquals(2, convolutions(3, 6, DataType.BFLOAT16, true));
    assertEquals(2, convolutions(2, 6, DataType.BFLOAT16, false));
    assertEquals(2, convolutions(2, 6, DataType.FLOAT32, true));
  }

  @Test
  public void keepsWhatGradientsRead() {
    Graph graph =
        trace(
            (x, p) -> {
              NDArray one = x.getManager().ones(new Shape(3));
              NDArray made = convolution(x, p);
              return made.getNDArrayInternal()
                  .batchNorm(made, one, one, one, one, 1, 0.9f, 1e-5f, true)
                  .singletonOrThrow()
                  .getNDArrayInternal()
                  .relu();
            },
            3,
            4,
            3,
            3);
    Joint joint = joint(graph, DataType.FLOAT32, false);
    // the normalised maps are written over by relu; the constant weight of batch norm is made once
    assertEquals("Pointwise Convolution Part Part Fill", kept(joint));
    long map = 2 * 3 * 8 * 8 * 4;
    assertEquals(2 * map + 3 * 4 + 2 * 3 * 4, joint.kept());
    assertEquals(List.of("p"), joint.parameters());
  }

  @Test
  public void conversionsAreMadeOnceForBothDirections() {
    Graph graph =
        trace((x, p) -> convolution(convolution(x, p), p).add(convolution(x, p)), 4, 4, 3, 3);
    Joint joint = joint(graph, DataType.BFLOAT16, false);
    // weights and image to bfloat16; the result, and its gradient, to float32 and back
    assertEquals(4, count(joint, Op.Cast.class));
    assertEquals("one of both is the other", 2, count(joint, Op.Convolution.class));
    assertEquals(1, count(joint, Kernel.Store.class));
  }

  @Test
  public void whatNothingTrainsHasNoGradient() {
    Graph graph = trace((x, p) -> convolution(x, p.stopGradient()), 4, 4, 3, 3);
    Joint joint = joint(graph, DataType.FLOAT32, false);
    assertEquals(List.of(), joint.parameters());
    assertEquals(joint.graph().nodes().size(), joint.boundary());
    assertEquals(0, joint.kept());
  }

  /** The graph as if its nodes belonged to runs of blocks: three nodes each. */
  private static Graph inRuns(Graph graph) {
    return new Graph(
        graph.nodes().stream()
            .map(
                node ->
                    new Node(
                        node.id(),
                        node.op(),
                        node.inputs(),
                        node.type(),
                        node.shape(),
                        node.layout(),
                        new Where(node.id() / 4, "B" + node.id() / 4, "")))
            .toList(),
        graph.runs(),
        graph.outputs());
  }

  @Test
  public void recomputedIsWhatStaysInsideARun() {
    BinaryOperator<NDArray> code =
        (x, p) -> x.mul(p).exp().exp().tanh().exp().exp().tanh().exp().exp();
    Graph graph = inRuns(trace(code, 2, 4, 8, 8));
    Joint plain = joint(graph, DataType.FLOAT32, false);
    Joint again = joint(graph, DataType.FLOAT32, true);
    assertTrue(again.kept() < plain.kept());
    for (Node node : again.saved()) {
      assertTrue(
          node.toString(),
          graph.outputs().contains(node.id())
              || again.graph().nodes().subList(0, again.boundary()).stream()
                  .anyMatch(
                      reader ->
                          reader.inputs().contains(node.id())
                              && reader.where().run() != node.where().run()));
    }
    assertTrue(again.graph().nodes().size() > plain.graph().nodes().size());
  }

  @Test
  public void gradientsOfSharedWeightsAreOneConvolution() {
    Graph graph =
        trace(
            (x, p) -> {
              NDArray wide = convolution(small(x), x.getManager().ones(new Shape(64, 4, 3, 3)));
              NDArray many = wide.broadcast(new Shape(2, 64, 3, 3));
              NDArray once = convolution(many.mul(4), p);
              return once.add(convolution(many.mul(2), p)).add(convolution(many.mul(3), p));
            },
            16,
            64,
            3,
            3);
    for (DataType low : List.of(DataType.FLOAT32, DataType.BFLOAT16)) {
      assertEquals(1, weightGradients(joint(graph, low, false)));
      assertEquals(3, weightGradients(joint(graph, low, true)));
    }
  }

  private static long weightGradients(Joint joint) {
    return joint.graph().nodes().stream()
        .filter(node -> node.op() instanceof Kernel.ConvolutionBackward op && op.weight())
        .count();
  }

  private static NDArray small(NDArray x) {
    return x.getNDArrayInternal()
        .avgPool(new Shape(8, 8), new Shape(8, 8), new Shape(0, 0), false, true);
  }

  /** Its weights, of a product over columns of pixels, are read in three iterations. */
  private static Graph shared() {
    return trace(
        (x, p) -> {
          NDArray state = small(x);
          NDArray result = null;
          for (int t = 0; t < 3; t++) {
            NDArray next = convolution(state.mul(t + 1), p);
            result = result == null ? next : result.add(next.getNDArrayInternal().relu());
          }
          return result;
        },
        64,
        4,
        3,
        3);
  }

  private static long products(Joint joint) {
    return joint.graph().nodes().stream()
        .filter(node -> joint.boundary() <= node.id() && node.shape().equals(List.of(64L, 36L)))
        .filter(node -> node.op() instanceof Op.MatMul || node.op() instanceof Op.Pointwise)
        .count();
  }

  @Test
  public void gradientsOfSharedWeightsAreOneProduct() {
    for (DataType low : List.of(DataType.BFLOAT16, DataType.FLOAT16)) {
      Joint joint = joint(shared(), low, false);
      assertEquals(0, products(joint));
      assertEquals(1, count(joint, Kernel.StoreProduct.class));
      // three products and two sums
      assertEquals(5, products(joint(shared(), low, true)));
    }
  }

  @Test
  public void productsOfFewRowsAreStoredInTheirPlace() {
    Graph graph =
        trace(
            (x, p) -> {
              NDArray small =
                  x.getNDArrayInternal()
                      .avgPool(new Shape(8, 8), new Shape(8, 8), new Shape(0, 0), false, true);
              return convolution(small, p);
            },
            64,
            4,
            3,
            3);
    Joint joint = joint(graph, DataType.BFLOAT16, false);
    assertEquals(1, count(joint, Kernel.StoreProduct.class));
    assertEquals(0, count(joint, Kernel.Store.class));
    assertEquals(List.of("p"), joint.parameters());
    Joint adding = Joint.of(Lowering.training(graph, DataType.BFLOAT16, true), false, false, false);
    assertEquals(0, count(adding, Kernel.StoreProduct.class));
  }
}
