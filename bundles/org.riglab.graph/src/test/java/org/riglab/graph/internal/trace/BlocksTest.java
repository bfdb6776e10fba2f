package org.riglab.graph.internal.trace;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.trace.Tracer.Argument;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Functional;

/** DJL's blocks, our layers and the losses trace as they stand. */
public class BlocksTest {
  private static final Shape IMAGE = new Shape(2, 3, 8, 8);

  private final NDManager manager = NDManager.newBaseManager();

  @After
  public void close() {
    manager.close();
  }

  private Graph trace(Block block, boolean training) {
    Map<Parameter, String> names = new IdentityHashMap<>();
    block.getParameters().forEach(entry -> names.put(entry.getValue(), entry.getKey()));
    return Tracer.trace(
        List.of(new Argument("x", IMAGE, DataType.FLOAT32)),
        names,
        (store, inputs) -> block.forward(store, inputs, training));
  }

  private static List<String> operations(Graph graph) {
    return graph.nodes().stream()
        .map(Node::op)
        .filter(op -> !(op instanceof Op.Param))
        .map(
            op ->
                op instanceof Op.Pointwise pointwise
                    ? pointwise.function()
                    : op.getClass().getSimpleName())
        .toList();
  }

  @Test
  public void blocksOfDjlTraceAsTheyStand() {
    SequentialBlock block =
        new SequentialBlock()
            .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(4).build())
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
            .add(Dropout.builder().optRate(0.5f).build())
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(5).build());
    block.initialize(manager, DataType.FLOAT32, IMAGE);
    NDArray real =
        block
            .forward(new ParameterStore(manager, false), new NDList(manager.ones(IMAGE)), true)
            .head();
    Graph graph = trace(block, true);
    assertEquals(
        List.of(
            "Input", "Convolution", "BatchNorm", "relu", "Pool", "Dropout", "Reshape", "Linear"),
        operations(graph));
    assertEquals(Tracer.list(real.getShape()), graph.node(graph.outputs().get(0)).shape());
    assertEquals(
        List.of("Input", "Convolution", "BatchNorm", "relu", "Pool", "Reshape", "Linear"),
        operations(trace(block, false)));
  }

  @Test
  public void batchNormSaysWhichStatisticsItUses() {
    BatchNorm2d norm = new BatchNorm2d(3);
    norm.statistics(2);
    norm.initialize(manager, DataType.FLOAT32, IMAGE);
    String second =
        Tracer.trace(
                List.of(new Argument("x", IMAGE, DataType.FLOAT32)),
                Map.of(),
                (store, inputs) -> new Context(store, true, 2).forward(norm, inputs))
            .toString();
    assertTrue(second, second.contains("running_mean.t2"));
    assertTrue(second, second.contains("training=true"));
    norm.freeze();
    String frozen =
        Tracer.trace(
                List.of(new Argument("x", IMAGE, DataType.FLOAT32)),
                Map.of(),
                (store, inputs) -> new Context(store, true, 1).forward(norm, inputs))
            .toString();
    assertTrue(frozen, frozen.contains("training=false"));
  }

  @Test
  public void lossesTrace() {
    List<CrossEntropy> losses =
        List.of(
            new CrossEntropy(255, List.of()),
            new CrossEntropy(255, List.of(1.0, 2.0, 3.0)),
            new CrossEntropy(255, List.of(), List.of(0, 1, 1)));
    for (CrossEntropy loss : losses) {
      double fine = loss.coarse() ? 0.5 : 1;
      Graph graph =
          Tracer.trace(
              List.of(
                  new Argument("logits", IMAGE, DataType.FLOAT32),
                  new Argument("label", new Shape(2, 8, 8), DataType.INT64)),
              Map.of(),
              (store, inputs) ->
                  new NDList(
                      loss.sum(inputs.get(0), inputs.get(1), fine),
                      loss.mean(inputs.get(0), inputs.get(1))));
      for (int output : graph.outputs()) {
        assertEquals(List.of(), graph.node(output).shape());
        assertEquals(DataType.FLOAT32, graph.node(output).type());
      }
      assertTrue(operations(graph).contains("CrossEntropy"));
      boolean picks = loss.coarse() || !loss.classWeights().isEmpty();
      assertEquals(picks, operations(graph).contains("Gather"));
    }
  }

  @Test
  public void resizesTrace() {
    assertEquals(List.of("Input", "Resize"), operations(resized(16, 9)));
    Graph shrunk = resized(5, 3);
    assertEquals(
        List.of("Input", "Literal", "MatMul", "Literal", "Transpose", "MatMul"),
        operations(shrunk));
    assertEquals(List.of(2L, 3L, 5L, 3L), shrunk.node(shrunk.outputs().get(0)).shape());
  }

  private static Graph resized(int height, int width) {
    return Tracer.trace(
        List.of(new Argument("x", IMAGE, DataType.FLOAT32)),
        Map.of(),
        (store, inputs) -> new NDList(Functional.interpolate(inputs.head(), height, width)));
  }

  @Test
  public void blockThatReadsValuesIsNamed() {
    Block reader = new SequentialBlock().add(Activation.reluBlock()).add(new MeanReader());
    assertEquals(
        MeanReader.class.getName()
            + " cannot be traced: it calls getFloat, which reads values; compute with arrays"
            + " instead",
        assertThrows(RigException.class, () -> trace(reader, false)).getMessage());
  }

  /** Looks at its input. */
  private static final class MeanReader extends AbstractBlock {
    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.head();
      return new NDList(x.mean().getFloat() > 0 ? x : x.neg());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return inputs;
    }
  }
}
