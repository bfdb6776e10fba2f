package org.riglab.networks.engine;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import java.util.Arrays;
import org.junit.Test;
import org.riglab.nn.Functional;

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
      assertArrayEquals(argMax(map), Labels.of(map).toByteArray());
    }
  }

  private static byte[] argMax(NDArray map) {
    return map.argMax(1).toType(DataType.UINT8, true).toByteArray();
  }

  /** Larger and smaller, also by numbers that are not whole, and along one side only. */
  @Test
  public void ofAResizedMapAreThoseOfTheInterpolation() {
    long[][] sizes = {
      {3, 4, 9, 11},
      {3, 4, 3, 11},
      {3, 4, 9, 4},
      {3, 4, 3, 4},
      {17, 17, 513, 321},
      {1, 1, 5, 7},
      {1, 6, 5, 7},
      {6, 1, 7, 5},
      {5, 1, 9, 1},
      {9, 11, 4, 5},
      {9, 4, 3, 11},
      {4, 9, 11, 3},
      {6, 3, 2, 1},
      {30, 40, 31, 41}
    };
    for (boolean gpu : new boolean[] {false, true}) {
      try (NDManager manager = Torch.newManager(Device.cpu())) {
        PtSymbolBlock module = Labels.archive(gpu).load(manager);
        for (long[] size : sizes) {
          NDArray map = manager.randomNormal(new Shape(2, 7, size[0], size[1]));
          byte[] expected = argMax(Functional.interpolate(map, size[2], size[3]));
          long row = 2 * 7 * size[3];
          for (long strip : new long[] {1, 3 * row, 4 * row, 1 << 24}) {
            NDArray labels = Labels.of(map, size[2], size[3], module, strip);
            assertEquals(new Shape(2, size[2], size[3]), labels.getShape());
            assertEquals(manager, labels.getManager());
            assertArrayEquals(Arrays.toString(size), expected, labels.toByteArray());
          }
        }
        NDArray equal = manager.zeros(new Shape(1, 3, 2, 2));
        assertArrayEquals(new byte[16], Labels.of(equal, 4, 4, module, 1).toByteArray());
      }
    }
  }

  @Test
  public void smallDifferencesCount() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      float[] values = {1e-30f, -1, 1e30f, /* class 1 */ 2e-30f, -1, Math.nextUp(1e30f)};
      assertArrayEquals(
          new byte[] {1, 0, 1},
          Labels.of(manager.create(values, new Shape(1, 2, 1, 3))).toByteArray());
    }
  }
}
