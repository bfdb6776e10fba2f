package example.attention;

import static org.junit.Assert.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.junit.Test;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.testkit.GateContract;

/** What every gate must do, and what this one does. */
public final class AttentionGateTest extends GateContract {
  @Override
  protected Gate gate() {
    return new AttentionGate();
  }

  @Test
  public void channelsTimesPixels() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = new AttentionGate().create(new GateShape(4, 2, List.of(1)), null);
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 2, 1, 2), new Shape(1, 1, 1, 2));
      array(block, "01channel", "bias").set(new float[2]);
      array(block, "02spatial", "bias").set(new float[1]);
      // The feedback's mean is 2; channel 0 opens by sigmoid(2 ln 3 / 2) = 0.75, channel 1 stays.
      array(block, "01channel", "weight").set(new float[] {(float) Math.log(3) / 2, 0});
      // The centre tap looks at the pixel: sigmoid(0) = 0.5, and sigmoid(4 ln 3 / 4) = 0.75.
      array(block, "02spatial", "weight")
          .set(new float[] {0, 0, 0, 0, (float) Math.log(3) / 4, 0, 0, 0, 0});
      NDArray x = manager.create(new float[] {1, 1, 10, 10}, new Shape(1, 2, 1, 2));
      NDArray feedback = manager.create(new float[] {0, 4}, new Shape(1, 1, 1, 2));
      NDArray gated =
          block
              .forward(new ParameterStore(manager, false), new NDList(x, feedback), false)
              .singletonOrThrow();
      assertArrayEquals(new float[] {1.5f, 2.25f, 10, 15}, gated.toFloatArray(), 1e-5f);
    }
  }

  /** DJL numbers the names of children: 01channel, 02spatial. */
  private static NDArray array(Block block, String child, String name) {
    return block.getChildren().get(child).getDirectParameters().get(name).getArray();
  }
}
