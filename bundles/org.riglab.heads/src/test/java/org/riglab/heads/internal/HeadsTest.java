package org.riglab.heads.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;

public class HeadsTest {
  private static final int CLASSES = 21;

  /** Stages of 8 times 1, 2, 3, ... channels. */
  private static HeadShape shape(int... strides) {
    List<Stage> stages = new ArrayList<>();
    int in = 3;
    for (int stride : strides) {
      int out = 8 * (stages.size() + 1);
      Conv2d block = Conv2d.withBias(in, out, 1, 1);
      stages.add(new Stage("b" + (stages.size() + 1), "b.", block, in, out, stride));
      in = out;
    }
    return new HeadShape(stages, CLASSES);
  }

  @Test
  public void takesTheDeepestFeaturesOfEachStride() {
    HeadShape shape = shape(4, 8, 8, 16, 16, 32);
    assertEquals(List.of(), new Fcn().skips(shape, null));
    assertEquals(List.of(), new Aspp().skips(shape, null));
    assertEquals(List.of(5), new SkipFcn.Fcn16s().skips(shape, null));
    assertEquals(List.of(3, 5), new SkipFcn.Fcn8s().skips(shape, null));
    assertEquals(32, new Fcn().stage(shape, null).stride());
    assertEquals(32, new Aspp().stage(shape, null).stride());
    assertEquals(16, new SkipFcn.Fcn16s().stage(shape, null).stride());
    assertEquals(8, new SkipFcn.Fcn8s().stage(shape, null).stride());
  }

  @Test
  public void saysWhichStridesAreMissing() {
    assertEquals(
        "head fcn8s adds scores of features of stride 8 and 16 to those of coarser ones, but the"
            + " backbone's strides are 4, 4, 8, 8, 8",
        refused(new SkipFcn.Fcn8s(), shape(4, 4, 8, 8, 8)));
    assertEquals(
        "head fcn16s adds scores of features of stride 16 to those of coarser ones, but the"
            + " backbone's strides are 4, 8, 16",
        refused(new SkipFcn.Fcn16s(), shape(4, 8, 16)));
    // U-Net: the coarsest is not the last
    refused(new SkipFcn.Fcn8s(), shape(1, 2, 4, 8, 16, 8, 4, 2, 1));
  }

  private static String refused(Head head, HeadShape shape) {
    return assertThrows(RigException.class, () -> head.skips(shape, null)).getMessage();
  }

  /** As in the paper: the scores of the skips start at zero. */
  @Test
  public void fcn8sStartsAsTheEnlargedCoarseScores() {
    Stage stage = new SkipFcn.Fcn8s().stage(shape(4, 8, 16, 32), null);
    SkipScores scores = (SkipScores) stage.block();
    try (NDManager manager = NDManager.newBaseManager()) {
      Shape coarse = new Shape(1, 32, 2, 3);
      Shape eighth = new Shape(1, 16, 7, 9);
      Shape sixteenth = new Shape(1, 24, 4, 5);
      scores.initialize(manager, DataType.FLOAT32, coarse, eighth, sixteenth);
      NDArray x = manager.arange(192f).div(192).reshape(coarse);
      Context context = new Context(new ParameterStore(manager, false), false);
      NDArray fused =
          scores
              .forward(context, new NDList(x, manager.ones(eighth), manager.ones(sixteenth)))
              .singletonOrThrow();
      NDArray plain = context.forward(scores.getChildren().get(0).getValue(), new NDList(x)).head();
      NDArray twice = Functional.interpolate(Functional.interpolate(plain, 4, 5), 7, 9);
      assertArrayEquals(twice.toFloatArray(), fused.toFloatArray(), 1e-6f);
    }
  }

  @Test
  public void asppAddsFourDilatedConvolutions() {
    AsppLayer aspp = new AsppLayer(1, 1);
    try (NDManager manager = NDManager.newBaseManager()) {
      Shape size = new Shape(1, 1, 1, 61);
      aspp.initialize(manager, DataType.FLOAT32, size);
      aspp.freezeParameters(true);
      for (var child : aspp.getChildren()) {
        child.getValue().getDirectParameters().get("weight").getArray().set(new float[9]);
        child.getValue().getDirectParameters().get("bias").getArray().set(new float[] {0});
        child
            .getValue()
            .getDirectParameters()
            .get("weight")
            .getArray()
            .set(new float[] {0, 0, 0, 1, 10, 100, 0, 0, 0});
      }
      float[] pulse = new float[61];
      pulse[30] = 1;
      float[] right = new float[61];
      right[30] = 40;
      for (int dilation : new int[] {6, 12, 18, 24}) {
        right[30 - dilation] = 100;
        right[30 + dilation] = 1;
      }
      Context context = new Context(new ParameterStore(manager, false), false);
      assertArrayEquals(
          right, aspp.forward(context, manager.create(pulse, size)).toFloatArray(), 1e-4f);
    }
  }
}
