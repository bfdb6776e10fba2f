package org.riglab.metrics.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.metric.Accumulator;

/** Maps that lie on a device give what maps on the host give. */
public class OnDeviceTest {
  private static final int CLASSES = 5;
  private static final int HEIGHT = 12;
  private static final int WIDTH = 17;
  private static final Shape SHAPE = new Shape(3, HEIGHT, WIDTH);

  private static NDArray array(NDManager manager, byte[]... maps) {
    ByteBuffer bytes = ByteBuffer.allocateDirect((int) SHAPE.size());
    for (byte[] map : maps) {
      bytes.put(map);
    }
    return manager.create(bytes.rewind(), SHAPE, DataType.UINT8);
  }

  private static void assertEqualPaths(Supplier<Accumulator> metric) {
    SplittableRandom random = new SplittableRandom(17);
    Accumulator host = metric.get();
    Accumulator device = metric.get();
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      for (int batch = 0; batch < 5; batch++) {
        byte[][] predictions = new byte[3][];
        byte[][] labels = new byte[3][];
        for (int i = 0; i < 3; i++) {
          RandomMaps maps = RandomMaps.of(random, CLASSES, HEIGHT, WIDTH);
          predictions[i] = maps.prediction();
          labels[i] = maps.label();
          host.add(maps.prediction(), maps.label(), HEIGHT, WIDTH);
        }
        NDArray predicted = array(manager, predictions);
        NDArray truth = array(manager, labels);
        int before = manager.getManagedArrays().size();
        device.add(predicted, truth);
        assertEquals("nothing is left", before, manager.getManagedArrays().size());
      }
    }
    assertEquals(host.result(), device.result());
  }

  @Test
  public void confusion() {
    assertEqualPaths(() -> new ConfusionAccumulator(CLASSES));
  }

  @Test
  public void changeRate() {
    assertEqualPaths(ChangeRateAccumulator::new);
  }

  @Test
  public void boundaryByCopying() {
    assertEqualPaths(() -> new BoundaryAccumulator(CLASSES, 0.05));
  }

  @Test
  public void namesWhatIsWrongAndCountsNothing() {
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      byte[] good = new byte[HEIGHT * WIDTH];
      byte[] bad = good.clone();
      bad[7] = CLASSES;
      NDArray predictions = array(manager, good, good, good);
      Accumulator accumulator = new ConfusionAccumulator(CLASSES);
      assertEquals(
          "confusion: label 5, expected 0 to 4 or 255 (void)",
          assertThrows(
                  RigException.class,
                  () -> accumulator.add(predictions, array(manager, good, bad, good)))
              .getMessage());
      String message =
          assertThrows(
                  RigException.class,
                  () -> accumulator.add(predictions, predictions.reshape(3, WIDTH, HEIGHT)))
              .getMessage();
      assertTrue(message, message.contains("(3, 17, 12)"));
      assertEquals(List.of(0L, 0L, 0L, 0L, 0L), accumulator.result().confusion().get(0));
    }
  }
}
