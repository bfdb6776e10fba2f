package org.riglab.nn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;
import org.junit.After;
import org.junit.Test;

public class LayersTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final ParameterStore store = new ParameterStore(manager, false);
  private final Context training = new Context(store, true);
  private final Context evaluation = new Context(store, false);

  @After
  public void close() {
    manager.close();
  }

  private NDArray pixels(float... values) {
    return manager.create(values, new Shape(1, 1, 1, values.length));
  }

  private static float first(BatchNorm2d norm, String name) {
    return norm.getDirectParameters().get(name).getArray().getFloat(0);
  }

  private BatchNorm2d norm(int sets) {
    BatchNorm2d norm = new BatchNorm2d(1);
    if (sets > 1) {
      norm.statistics(sets);
    }
    norm.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 1, 4));
    return norm;
  }

  @Test
  public void batchNormKeepsStatisticsPerIteration() {
    BatchNorm2d norm = norm(2);
    NDArray x = pixels(1, 3); // mean 2, unbiased variance 2
    norm.forward(new Context(store, true, 1), x);
    assertEquals(0.2f, first(norm, "running_mean"), 1e-6f);
    assertEquals(0.9f + 0.1f * 2, first(norm, "running_var"), 1e-6f);
    assertEquals(0, first(norm, "running_mean.t2"), 0);
    norm.forward(new Context(store, true, 2), pixels(9, 11));
    assertEquals(0.2f, first(norm, "running_mean"), 1e-6f);
    assertEquals(1, first(norm, "running_mean.t2"), 1e-6f);
    // what nobody trained uses the last set: (x - 1) / sqrt(1.1 + 1e-5)
    NDArray later = norm.forward(new Context(store, false, 7), pixels(1, 2));
    assertArrayEquals(
        new float[] {0, (float) (1 / Math.sqrt(1.10001))}, later.toFloatArray(), 1e-5f);
  }

  @Test
  public void batchNormTakesEpsilonAndMomentum() {
    BatchNorm2d norm = new BatchNorm2d(1, 1, 0.25);
    norm.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 1, 2));
    // mean 2, variance 1, unbiased 2: (x - 2) / sqrt(1 + 1)
    float half = (float) Math.sqrt(0.5);
    assertArrayEquals(
        new float[] {-half, half}, norm.forward(training, pixels(1, 3)).toFloatArray(), 1e-6f);
    assertEquals(0.5f, first(norm, "running_mean"), 1e-6f);
    assertEquals(0.75f + 0.25f * 2, first(norm, "running_var"), 1e-6f);
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(1, 0, 0.1));
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(1, 1e-5, 1.5));
  }

  @Test
  public void frozenBatchNormUsesAndKeepsItsStatistics() {
    BatchNorm2d norm = norm(1);
    norm.freeze();
    assertArrayEquals(
        new float[] {1, 3}, norm.forward(training, pixels(1, 3)).toFloatArray(), 1e-4f);
    assertEquals(0, first(norm, "running_mean"), 0);
    assertTrue(norm.getDirectParameters().values().stream().noneMatch(p -> p.requiresGradient()));
  }

  @Test
  public void batchNormRefusesToTrainOnOneValuePerChannel() {
    BatchNorm2d norm = norm(1);
    assertThrows(IllegalArgumentException.class, () -> norm.forward(training, pixels(3)));
    assertEquals(0, first(norm, "running_mean"), 0);
    assertEquals(3, norm.forward(evaluation, pixels(3)).getFloat(), 1e-4f);
    norm.freeze();
    assertEquals(3, norm.forward(training, pixels(3)).getFloat(), 1e-4f);
  }

  @Test
  public void interpolatesWithHalfPixelCentres() {
    // PyTorch: interpolate([0, 1, 4], size=7, mode='bilinear', align_corners=False)
    assertArrayEquals(
        new float[] {0, 0.142857f, 0.571429f, 1, 2.285714f, 3.571429f, 4},
        Functional.interpolate(pixels(0, 1, 4), 1, 7).toFloatArray(),
        1e-5f);
  }

  @Test
  public void poolsOverTheEdgeWithoutCountingIt() {
    assertArrayEquals(
        new float[] {2, 8}, Functional.avgPool2d(pixels(1, 3, 8), 2, 2, true).toFloatArray(), 0);
    assertArrayEquals(
        new float[] {3, 8}, Functional.maxPool2d(pixels(1, 3, 8), 2, 2, 0, true).toFloatArray(), 0);
  }

  @Test
  public void depthwiseConvolutionKeepsChannelsApart() {
    Conv2d conv = Conv2d.depthwise(2, 3, 2, 2);
    conv.initialize(manager, DataType.FLOAT32, new Shape(1, 2, 1, 5));
    NDArray weight = conv.getDirectParameters().get("weight").getArray();
    assertEquals(new Shape(2, 1, 3, 3), weight.getShape());
    float[] taps = new float[18]; // the middle rows: 1 2 3, and 10 20 30
    for (int k = 0; k < 3; k++) {
      taps[3 + k] = k + 1;
      taps[12 + k] = 10 * (k + 1);
    }
    weight.set(taps);
    float[] values = {1, 2, 3, 4, 5, 1, 0, 0, 0, 1};
    NDArray x = manager.create(values, new Shape(1, 2, 1, 5));
    NDArray y = conv.forward(evaluation, x);
    assertEquals(conv.outputShape(x.getShape()), y.getShape());
    // at 0, 2, 4 of the row, taps two apart, 0 outside
    assertArrayEquals(new float[] {11, 22, 13, 20, 40, 20}, y.toFloatArray(), 1e-4f);
  }

  @Test
  public void convolutionsStartAsInPyTorch() {
    Conv2d conv = Conv2d.withBias(4, 64, 3, 1);
    conv.initialize(manager, DataType.FLOAT32, new Shape(1, 4, 8, 8));
    NDArray weight = conv.getDirectParameters().get("weight").getArray();
    assertTrue(weight.abs().max().getFloat() <= 1 / 6f); // 1 / sqrt(4 * 9)
    assertEquals(1 / 6f / Math.sqrt(3), deviation(weight), 0.004);
    Conv2d bare = Conv2d.withoutBias(4, 64, 3, 2, 1);
    bare.initialize(manager, DataType.FLOAT32, new Shape(1, 4, 8, 8));
    assertNull(bare.getDirectParameters().get("bias"));
    // fan-out 64 * 9
    assertEquals(
        Math.sqrt(2 / 576.0),
        deviation(bare.getDirectParameters().get("weight").getArray()),
        0.003);
    assertEquals(new Shape(2, 64, 3, 5), bare.outputShape(new Shape(2, 4, 5, 9)));
  }

  private static double deviation(NDArray array) {
    return Math.sqrt(array.mul(array).mean().getFloat());
  }

  @Test
  public void contextsTellTheIterationAlsoThroughBlocksOfDjl() {
    assertEquals(1, evaluation.iteration());
    assertThrows(IllegalArgumentException.class, () -> new Context(store, true, 0));
    List<Integer> iterations = new ArrayList<>();
    GateLayer gate =
        new GateLayer() {
          @Override
          protected NDArray forward(Context context, NDArray x, NDList feedback) {
            iterations.add(context.iteration());
            return context.training() ? x.add(feedback.get(1)) : x;
          }
        };
    NDList inputs = new NDList(pixels(1), pixels(10), pixels(100));
    NDList result = new Context(store, true, 3).forward(gate, inputs);
    assertEquals(101, result.singletonOrThrow().getFloat(), 0);
    gate.forward(store, inputs, false);
    assertEquals(List.of(3, 1), iterations);
    assertEquals(new Shape(1, 1, 1, 1), gate.getOutputShapes(inputs.getShapes())[0]);
  }

  @Test
  public void batchNormPerIterationRefusesToGuessTheIteration() {
    BatchNorm2d norm = norm(2);
    NDList x = new NDList(pixels(1, 3));
    assertThrows(IllegalStateException.class, () -> norm.forward(store, x, true));
    // DJL's sequence does not pass on what it is called with
    Block chain = new SequentialBlock().add(norm);
    assertThrows(IllegalStateException.class, () -> new Context(store, true, 2).forward(chain, x));
    assertEquals(0, first(norm, "running_mean"), 0);
    new Context(store, true, 2).forward(norm, x);
    assertEquals(0.2f, first(norm, "running_mean.t2"), 1e-6f);
  }

  @Test
  public void interpolatesToTheSizeOfAnotherArray() {
    NDArray like = manager.zeros(new Shape(3, 5, 1, 7));
    assertArrayEquals(
        Functional.interpolate(pixels(0, 1, 4), 1, 7).toFloatArray(),
        Functional.interpolate(pixels(0, 1, 4), like).toFloatArray(),
        0);
    NDArray means = Functional.globalAvgPool2d(manager.arange(12f).reshape(1, 2, 2, 3));
    assertEquals(new Shape(1, 2, 1, 1), means.getShape());
    assertArrayEquals(new float[] {2.5f, 8.5f}, means.toFloatArray(), 1e-6f);
  }

  @Test
  public void aSequenceIsNumberedAndRunsInOrder() {
    Sequence inner = new Sequence(List.of(Conv2d.withoutBias(2, 3, 3, 2, 1), new BatchNorm2d(3)));
    Sequence outer = new Sequence(14, List.of(Conv2d.withBias(1, 2, 1, 1), inner));
    outer.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 5, 7));
    outer.freezeParameters(true); // the engine does not write to what learns
    assertEquals(
        List.of("14.weight", "14.bias", "15.0.weight", "15.1.weight", "15.1.bias"),
        names(outer).stream().filter(name -> !name.contains("running")).toList());
    assertEquals(new Shape(2, 3, 3, 4), outer.outputShape(new Shape(2, 1, 5, 7)));

    Conv2d first = (Conv2d) outer.getChildren().valueAt(0);
    first.getDirectParameters().get("weight").getArray().set(new float[] {2, 3});
    first.getDirectParameters().get("bias").getArray().set(new float[] {1, 0});
    ((Layer) inner.getChildren().valueAt(0))
        .getDirectParameters()
        .get("weight")
        .getArray()
        .set(new NDIndex("..."), 1);
    // (2x + 1) + 3x for x = 4, in each of three channels
    NDArray y = outer.forward(evaluation, pixels(4));
    assertArrayEquals(new float[] {21, 21, 21}, y.toFloatArray(), 1e-3f);
    NDArray x = pixels(4);
    assertSame(x, new Sequence(List.of()).forward(evaluation, x));
    assertThrows(IllegalArgumentException.class, () -> new Sequence(-1, List.of()));
  }

  private static List<String> names(Block block) {
    List<String> names = new ArrayList<>(block.getDirectParameters().keys());
    for (Pair<String, Block> child : block.getChildren()) {
      String number = child.getKey().substring(2);
      names(child.getValue()).forEach(name -> names.add(number + "." + name));
    }
    return names;
  }
}
