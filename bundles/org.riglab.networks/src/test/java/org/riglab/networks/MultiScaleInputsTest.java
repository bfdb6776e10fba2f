package org.riglab.networks;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.riglab.networks.internal.TrainingReference.assertDigest;
import static org.riglab.networks.internal.TrainingReference.sines;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.TrainingReference;

public class MultiScaleInputsTest {
  @Test
  public void fusesAsDeepLabV2() {
    Map<String, Object> expected = TrainingReference.section("multi_scale");
    List<List<Long>> seen = new ArrayList<>();
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = sines(manager, new Shape(2, 3, 11, 13), 1, 0.37, 0);
      MultiScaleInputs.Logits logits =
          new MultiScaleInputs(List.of(1.0, 0.75, 0.5))
              .forward(
                  image,
                  x -> {
                    seen.add(List.of(x.getShape().get(2), x.getShape().get(3)));
                    return new NDList(x, x.neg());
                  });
      assertEquals(expected.get("sizes"), seen);
      assertEquals(3, logits.scales().size());
      assertEquals(2, logits.fused().size());
      assertDigest("fused", expected.get("fused"), logits.fused().head().toFloatArray());
      assertEquals(image.getShape(), logits.fused().get(1).getShape());
    }
  }

  @Test
  public void theOrderOfTheScalesDoesNotMatter() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = sines(manager, new Shape(1, 3, 9, 6), 1, 0.37, 0);
      float[] one = fused(image, 1.0, 0.5, 1.25);
      assertArrayEquals(one, fused(image, 1.25, 0.5, 1.0), 0f);
      assertArrayEquals(image.toFloatArray(), fused(image, 1.0), 0f);
    }
  }

  @Test
  public void anImageNeverVanishes() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = sines(manager, new Shape(1, 3, 1, 2), 1, 0.37, 0);
      assertEquals(6, fused(image, 1.0, 0.25).length);
    }
  }

  private static float[] fused(NDArray image, Double... scales) {
    return new MultiScaleInputs(List.of(scales))
        .forward(image, x -> new NDList(x))
        .fused()
        .head()
        .toFloatArray();
  }

  @Test
  public void refusesScalesThatMakeNoSense() {
    assertFalse(MultiScaleInputs.SINGLE.multiple());
    assertTrue(new MultiScaleInputs(List.of(0.5, 1.0)).multiple());
    for (List<Double> scales :
        List.of(
            List.<Double>of(),
            List.of(0.5),
            List.of(1.0, 1.0),
            List.of(1.0, 0.0),
            List.of(1.0, -1.0),
            List.of(1.0, 5.0))) {
      String message =
          assertThrows(RigException.class, () -> new MultiScaleInputs(scales)).getMessage();
      assertTrue(message, message.contains("they must be 1 and others"));
    }
  }
}
