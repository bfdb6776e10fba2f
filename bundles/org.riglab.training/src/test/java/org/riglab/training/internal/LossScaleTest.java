package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Test;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.StepKernels;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;

public class LossScaleTest {
  private final Kernels kernels = new Kernels(Device.cpu());
  private final StepKernels stepKernels = new StepKernels(Device.cpu());
  private final Sgd optimizer = new Sgd(Torch.engine(), kernels, Device.cpu(), 0.9);
  private final LossScale scale = new LossScale(optimizer, stepKernels);
  private final NDManager manager = Torch.newManager(Device.cpu());

  @After
  public void close() {
    optimizer.close();
    kernels.close();
    stepKernels.close();
    manager.close();
  }

  private Gradients gradients(float... values) {
    PtNDArray array = (PtNDArray) manager.create(values);
    PtNDArray other = (PtNDArray) manager.create(new float[] {65536f * 3});
    return new Gradients(
        List.of(new Gradients.Entry("a", array, array), new Gradients.Entry("b", other, other)));
  }

  private float[] state() {
    return optimizer.state("loss_scale").toFloatArray();
  }

  @Test
  public void gradientsComeBackToSize() {
    try (NDArray loss = manager.create(0.5f)) {
      assertEquals(32768, scale.times(loss).getFloat(), 0);
    }
    Gradients gradients = gradients(65536, -32768);
    assertTrue(scale.unscale(gradients, manager));
    assertArrayEquals(
        new float[] {1, -0.5f}, gradients.entries().get(0).gradient().toFloatArray(), 0);
    assertArrayEquals(new float[] {3}, gradients.entries().get(1).gradient().toFloatArray(), 0);
    assertArrayEquals(new float[] {65536, 1, 0}, state(), 0);
  }

  @Test
  public void anOverflowHalvesTheScaleAndAStreakDoublesIt() {
    assertFalse(scale.unscale(gradients(1, Float.POSITIVE_INFINITY), manager));
    assertArrayEquals(new float[] {32768, 0, 1}, state(), 0);
    assertFalse(scale.unscale(gradients(Float.NaN, 1), manager));
    assertArrayEquals(new float[] {16384, 0, 2}, state(), 0);
    assertEquals(2, scale.skipped(manager).getFloat(), 0);
    optimizer.load(Map.of("loss_scale", new HostTensor(List.of(3L), new float[] {16384, 1998, 2})));
    assertTrue(scale.unscale(gradients(1, 1), manager));
    assertArrayEquals(new float[] {16384, 1999, 2}, state(), 0);
    assertTrue(scale.unscale(gradients(1, 1), manager));
    assertArrayEquals(new float[] {32768, 0, 2}, state(), 0);
  }

  @Test
  public void aCheckpointOfRelease01CountsFromZero() {
    optimizer.load(Map.of("loss_scale", new HostTensor(List.of(2L), new float[] {1024, 5})));
    assertEquals(0, scale.skipped(manager).getFloat(), 0);
    assertTrue(scale.unscale(gradients(1, 1), manager));
    assertArrayEquals(new float[] {1024, 6, 0}, state(), 0);
  }
}
