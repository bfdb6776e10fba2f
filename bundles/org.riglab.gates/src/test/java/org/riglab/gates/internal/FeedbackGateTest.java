package org.riglab.gates.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.training.initializer.Initializer;
import java.util.List;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.network.GateShape;
import org.riglab.gates.internal.FeedbackGate.Activation;
import org.riglab.gates.internal.FeedbackGate.Combine;
import org.riglab.gates.internal.FeedbackGate.GateInit;
import org.riglab.gates.internal.FeedbackGate.Pool;

/** Gates whose convolution is zero but for its bias: every number is known. */
public class FeedbackGateTest {
  private final NDManager manager = NDManager.newBaseManager();

  @After
  public void close() {
    manager.close();
  }

  private float[] out(Activation activation, Combine combine, GateInit init, float bias) {
    FeedbackGate gate =
        new FeedbackGate(new GateShape(5, 1, List.of(2)), activation, combine, Pool.AVG, init);
    Shape x = new Shape(1, 1, 1, 3);
    Shape f = new Shape(1, 2, 1, 2);
    for (Parameter parameter : gate.getParameters().values()) {
      if (parameter.getType() == Parameter.Type.WEIGHT) {
        parameter.setInitializer(Initializer.ZEROS);
      } else if (!Float.isNaN(bias)) {
        parameter.setInitializer(new ConstantInitializer(bias));
      }
    }
    gate.initialize(manager, DataType.FLOAT32, x, f);
    NDArray image = manager.create(new float[] {1, -2, 4}, x);
    return gate.forward(
            new ParameterStore(manager, false), new NDList(image, manager.ones(f)), false)
        .singletonOrThrow()
        .toFloatArray();
  }

  @Test
  public void paperGates() {
    assertArrayEquals(
        new float[] {0.5f, -1, 2}, out(Activation.SIGMOID, Combine.MUL, GateInit.PAPER, 0), 1e-6f);
    float tanh = (float) Math.tanh(0.5);
    assertArrayEquals(
        new float[] {tanh, -2 * tanh, 4 * tanh},
        out(Activation.TANH, Combine.MUL, GateInit.PAPER, 0.5f),
        1e-5f);
    assertArrayEquals(
        new float[] {1.5f, -1.5f, 4.5f},
        out(Activation.RELU, Combine.ADD, GateInit.PAPER, 0.5f),
        1e-6f);
    assertArrayEquals(
        new float[] {1, -2, 4}, out(Activation.RELU, Combine.ADD, GateInit.PAPER, -1), 0);
  }

  @Test
  public void remediesForGatesThatHalveAtFirst() {
    float open = (float) (1 / (1 + Math.exp(-4)));
    assertArrayEquals(
        new float[] {open, -2 * open, 4 * open},
        out(Activation.SIGMOID, Combine.MUL, GateInit.OPEN, Float.NaN),
        1e-5f);
    assertArrayEquals(
        new float[] {1, -2, 4}, out(Activation.SIGMOID, Combine.MUL, GateInit.TWICE, 0), 1e-6f);
  }

  @Test
  public void openIsRefusedWhereItWouldShiftFeatures() {
    RigException e =
        assertThrows(RigException.class, () -> out(Activation.RELU, Combine.ADD, GateInit.OPEN, 0));
    assertEquals(
        "init=open is for gates that multiply by a sigmoid or tanh; here it would shift every"
            + " feature by about 4: use init=paper",
        e.getMessage());
    assertThrows(
        RigException.class, () -> out(Activation.RELU, Combine.MUL, GateInit.OPEN, Float.NaN));
    assertThrows(
        RigException.class, () -> out(Activation.TANH, Combine.ADD, GateInit.OPEN, Float.NaN));
  }

  @Test
  public void aSecondFeedbackIsReducedToTheFirstOnesChannels() {
    FeedbackGate gate =
        new FeedbackGate(
            new GateShape(4, 3, List.of(2, 5)),
            Activation.SIGMOID,
            Combine.MUL,
            Pool.MAX,
            GateInit.PAPER);
    Shape x = new Shape(1, 3, 7, 9);
    Shape f = new Shape(1, 2, 4, 5);
    Shape far = new Shape(1, 5, 2, 2);
    gate.initialize(manager, DataType.FLOAT32, x, f, far);
    assertEquals(new Shape(2, 5, 1, 1), gate.getParameters().get("01reduce_weight").getShape());
    assertEquals(new Shape(3, 4, 3, 3), gate.getParameters().get("02conv_weight").getShape());
    NDList inputs = new NDList(manager.ones(x), manager.ones(f), manager.ones(far));
    assertEquals(
        x, gate.forward(new ParameterStore(manager, false), inputs, false).head().getShape());
    assertThrows(
        RigException.class,
        () ->
            new FeedbackGate(
                new GateShape(4, 3, List.of(2, 5, 5)),
                Activation.SIGMOID,
                Combine.MUL,
                Pool.AVG,
                GateInit.PAPER));
  }
}
