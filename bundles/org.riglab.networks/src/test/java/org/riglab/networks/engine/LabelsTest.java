package org.riglab.networks.engine;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.Test;

public class LabelsTest {
  @Test
  public void theFirstOfTheLargestCounts() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      float[] values = {1, 5, -3, 2, /* class 1 */ 4, 5, -2, 2, /* class 2 */ 4, 0, -9, 7};
      NDArray labels = Labels.of(manager.create(values, new Shape(1, 3, 2, 2)));
      assertEquals(new Shape(1, 2, 2), labels.getShape());
      assertEquals(DataType.UINT8, labels.getDataType());
      assertArrayEquals(new byte[] {1, 0, 1, 2}, labels.toByteArray());
    }
  }

  @Test
  public void isArgMax() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray map = manager.randomNormal(new Shape(2, 255, 33, 17));
      assertArrayEquals(
          map.argMax(1).toType(DataType.UINT8, true).toByteArray(), Labels.of(map).toByteArray());
    }
  }
}
