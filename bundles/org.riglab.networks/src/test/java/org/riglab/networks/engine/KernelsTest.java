package org.riglab.networks.engine;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.junit.After;
import org.junit.Test;

public class KernelsTest {
  private static final int VOID = 255;

  @After
  public void reset() {
    EngineFlags.deterministic(false);
  }

  private record Loss(double value, float[] gradient) {}

  private static Loss crossEntropy(NDManager manager, NDArray logits, NDArray label) {
    return Torch.withGrad(
        true,
        () -> {
          try (Kernels kernels = new Kernels(Device.cpu())) {
            NDArray x = logits.duplicate();
            x.setRequiresGradient(true);
            NDArray weights = manager.create(new float[] {1, 0.5f, 2});
            NDArray sum = kernels.crossEntropy(x, label, weights, VOID);
            JniUtils.backward((PtNDArray) sum, (PtNDArray) sum.onesLike(), false, false);
            return new Loss(sum.getFloat(), x.getGradient().toFloatArray());
          }
        });
  }

  @Test
  public void theDeterministicCrossEntropyIsTheSameFunction() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray logits = manager.randomNormal(new Shape(2, 3, 5, 7));
      long[] labels = new long[2 * 33 * 50];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = i % 11 == 0 ? VOID : i * 7L % 3;
      }
      NDArray label = manager.create(labels, new Shape(2, 33, 50));
      Loss plain = crossEntropy(manager, logits, label);
      EngineFlags.deterministic(true);
      Loss deterministic = crossEntropy(manager, logits, label);
      assertEquals(plain.value(), deterministic.value(), 1e-5 * plain.value());
      assertArrayEquals(plain.gradient(), deterministic.gradient(), 1e-4f);
    }
  }
}
