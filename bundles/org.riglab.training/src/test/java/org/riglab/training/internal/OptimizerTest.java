package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.bench.TrainSpec.Schedule;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.internal.TrainingReference;
import org.riglab.tensors.HostTensor;
import org.riglab.training.Optimizers.Group;

/**
 * Minimises (p1^2 + 2 p2^2 + 3 p3^2) q + q^3 from p = (1, -2, 3), q = 0.5. The expected numbers are
 * PyTorch's.
 */
public class OptimizerTest {
  private static final Schedule POLY = new Schedule("poly", 0.9, 0, 0, 0.01);

  private final Engine engine = Engine.getInstance();
  private final Kernels kernels = new Kernels(Device.cpu());
  private final NDManager manager = engine.newBaseManager(Device.cpu());
  private final Map<String, Parameter> state = new LinkedHashMap<>();

  @After
  public void close() {
    kernels.close();
    manager.close();
    JniUtils.setGradMode(false);
  }

  private double decay;

  private Sgd sgd(double momentum, double weightDecay) {
    decay = weightDecay;
    return new Sgd(engine, kernels, Device.cpu(), momentum);
  }

  private AdamW adamW(double beta2, double weightDecay) {
    decay = weightDecay;
    return new AdamW(engine, kernels, Device.cpu(), 0.9, beta2);
  }

  private void parameter(String name, float... values) {
    Parameter parameter = Parameter.builder().setName(name).setType(Parameter.Type.WEIGHT).build();
    NDArray array = manager.create(values);
    array.setRequiresGradient(true);
    parameter.setArray(array);
    state.put(name, parameter);
  }

  private void start() {
    state.clear();
    parameter("p", 1, -2, 3);
    parameter("q", 0.5f);
  }

  private float[] values(String name) {
    return state.get(name).getArray().toFloatArray();
  }

  /** Returns the norm of the gradients before clipping. */
  private float step(Optimizer optimizer, long step, double rate, double clip) {
    float norm = Float.NaN;
    try (NDManager sub = manager.newSubManager()) {
      Gradients.zero(state);
      JniUtils.setGradMode(true);
      NDArray p = state.get("p").getArray();
      NDArray q = state.get("q").getArray();
      NDArray loss =
          p.square()
              .mul(sub.create(new float[] {1, 2, 3}, new Shape(3)))
              .sum()
              .mul(q.sum())
              .add(q.sum().pow(3));
      JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
      JniUtils.setGradMode(false);
      Gradients gradients = Gradients.of(state, sub);
      if (step == 1) {
        gradients.normaliseZeros();
      }
      if (clip > 0) {
        norm = gradients.clip(clip, kernels).getFloat();
      }
      optimizer.step(gradients, name -> new Group(rate, decay), step);
    }
    return norm;
  }

  private void check(Optimizer optimizer, LongToDoubleFunction rate, float[][] expected) {
    start();
    try (optimizer) {
      for (int i = 0; i < 3; i++) {
        step(optimizer, i + 1, rate.applyAsDouble(i), 0);
        assertArrayEquals(expected[2 * i], values("p"), 1e-6f);
        assertArrayEquals(expected[2 * i + 1], values("q"), 1e-6f);
      }
    }
  }

  @Test
  public void sgdWithMomentumAndDecay() {
    check(
        sgd(0.9, 0.1),
        s -> 0.01,
        new float[][] {
          {0.989000022f, -1.95799994f, 2.90700006f},
          {0.132000014f},
          {0.975500047f, -1.90790367f, 2.79736972f},
          {-0.539830625f},
          {0.972906649f, -1.902107f, 2.78651142f},
          {-1.4697572f}
        });
  }

  @Test
  public void sgdBufferHoldsNoLearningRate() {
    LearningRate poly = new LearningRate(POLY, 0.01, 3);
    check(
        sgd(0.9, 0),
        s -> poly.of(s + 1),
        new float[][] {
          {0.99000001f, -1.96000004f, 2.91000009f},
          {0.132500008f},
          {0.981930375f, -1.92779505f, 2.83770442f},
          {-0.334005266f},
          {0.980478764f, -1.92184484f, 2.82399368f},
          {-0.681361735f}
        });
  }

  @Test
  public void sgdWithoutMomentumHasNoState() {
    start();
    try (Sgd sgd = sgd(0, 0.1)) {
      for (int i = 1; i <= 3; i++) {
        step(sgd, i, 0.01, 0);
      }
      assertArrayEquals(new float[] {0.988526344f, -1.95999539f, 2.91425347f}, values("p"), 1e-6f);
      assertArrayEquals(new float[] {-0.544170141f}, values("q"), 1e-6f);
      assertEquals(Map.of(), sgd.state());
    }
  }

  @Test
  public void adamW() {
    AdamW adamW = adamW(0.999, 0.1);
    start();
    try (adamW) {
      for (int i = 1; i <= 3; i++) {
        step(adamW, i, 0.01, 0);
      }
      assertArrayEquals(new float[] {0.967068911f, -1.96406567f, 2.96106648f}, values("p"), 1e-6f);
      assertArrayEquals(new float[] {0.46854201f}, values("q"), 1e-6f);
      assertArrayEquals(
          new float[] {0.26183781f, -1.05294132f, 2.37331104f},
          adamW.state("exp_avg.p").toFloatArray(),
          1e-6f);
      assertArrayEquals(
          new float[] {3.96433187f}, adamW.state("exp_avg_sq.q").toFloatArray(), 1e-6f);
    }
  }

  @Test
  public void clipsTheNormOfAllGradientsTogether() {
    start();
    try (Sgd sgd = sgd(0.9, 0)) {
      assertEquals(38.0599861f, step(sgd, 1, 0.01, 2), 1e-4f);
      assertEquals(37.8041763f, step(sgd, 2, 0.01, 2), 1e-4f);
      assertEquals(37.3370361f, step(sgd, 3, 0.01, 2), 1e-4f);
      assertArrayEquals(new float[] {0.997135222f, -1.98854578f, 2.97423887f}, values("p"), 1e-6f);
      assertArrayEquals(
          new float[] {0.135804832f, -0.542836547f, 1.22052121f},
          sgd.state("momentum_buffer.p").toFloatArray(),
          1e-6f);
    }
  }

  @Test
  public void leavesSmallGradientsAlone() {
    start();
    try (Sgd sgd = sgd(0, 0)) {
      step(sgd, 1, 0.01, 1000);
      assertArrayEquals(new float[] {0.99f, -1.96f, 2.91f}, values("p"), 1e-6f);
    }
  }

  @Test
  public void goesOnFromLoadedStateToTheBit() {
    for (Optimizer[] pair :
        List.of(
            new Optimizer[] {sgd(0.9, 0.1), sgd(0.9, 0.1)},
            new Optimizer[] {adamW(0.99, 0.1), adamW(0.99, 0.1)})) {
      try (Optimizer whole = pair[0];
          Optimizer resumed = pair[1]) {
        start();
        step(whole, 1, 0.01, 0);
        step(whole, 2, 0.01, 0);
        List<float[]> weights = new ArrayList<>(List.of(values("p"), values("q")));
        Map<String, HostTensor> saved = new LinkedHashMap<>();
        whole
            .state()
            .forEach(
                (name, array) ->
                    saved.put(
                        name,
                        new HostTensor(Optimizer.list(array.getShape()), array.toFloatArray())));
        step(whole, 3, 0.01, 0);
        float[] p = values("p");
        float[] q = values("q");
        state.clear();
        parameter("p", weights.get(0));
        parameter("q", weights.get(1));
        resumed.load(saved);
        step(resumed, 3, 0.01, 0);
        assertArrayEquals(p, values("p"), 0f);
        assertArrayEquals(q, values("q"), 0f);
      }
    }
  }

  @Test
  public void leavesUnusedParametersAlone() {
    start();
    parameter("unused", 5f);
    try (Sgd sgd = sgd(0.9, 0.1)) {
      step(sgd, 1, 0.01, 0);
      assertArrayEquals(new float[] {5f}, values("unused"), 0f);
    }
  }

  /** {@code AveragedModel(multi_avg_fn=get_ema_multi_avg_fn(0.8), use_buffers=True)}. */
  @Test
  public void movingAverageIsTorchs() {
    start();
    parameter("mean", 0.1f, 0.2f);
    float[][] expected = {
      {0.989000022f, -1.95799994f, 2.90700006f},
      {0.132000014f},
      {0.189999998f, 0.280000001f},
      {0.986300051f, -1.94798064f, 2.8850739f},
      {-0.0023661186f},
      {0.226199999f, 0.314400017f},
      {0.983621359f, -1.93880594f, 2.86536145f},
      {-0.295844346f},
      {0.307740003f, 0.392880023f},
      {0.986536801f, -1.95240736f, 2.89622569f},
      {-0.773633897f},
      {0.440293998f, 0.521528006f}
    };
    try (Sgd sgd = sgd(0.9, 0.1);
        MovingAverage average = new MovingAverage(0.8, kernels, Device.cpu())) {
      for (int i = 0; i < 4; i++) {
        step(sgd, i + 1, 0.01, 0);
        NDArray mean = state.get("mean").getArray();
        mean.muli(0.9f).addi(0.1f * (i + 1));
        average.update(state);
        assertArrayEquals(expected[3 * i], averaged(average, "p"), 1e-6f);
        assertArrayEquals(expected[3 * i + 1], averaged(average, "q"), 1e-6f);
        assertArrayEquals(expected[3 * i + 2], averaged(average, "mean"), 1e-6f);
      }
      float[] trained = values("p");
      float[] within = average.within(state, () -> values("p"));
      assertArrayEquals(expected[9], within, 1e-6f);
      assertArrayEquals(trained, values("p"), 0f);
      assertArrayEquals(within, averaged(average, "p"), 0f);
    }
  }

  private static float[] averaged(MovingAverage average, String name) {
    return average.averages().get(name).toFloatArray();
  }

  /** SGD with weight decay 0.1 on a matrix and 0 on a vector; minimises 0.1 |W b|^2. */
  @Test
  public void normsAndBiasesNeedNotDecay() {
    parameter("classifier.weight", 1, -2, 3, 0.5f);
    state.get("classifier.weight").getArray().setRequiresGradient(false);
    NDArray matrix = manager.create(new float[] {1, -2, 3, 0.5f}, new Shape(2, 2));
    matrix.setRequiresGradient(true);
    Parameter weight = Parameter.builder().setName("w").setType(Parameter.Type.WEIGHT).build();
    weight.setArray(matrix);
    state.put("classifier.weight", weight);
    parameter("backbone.bn.bias", 0.25f, -4);
    Groups groups = new Groups(1, 1, 1, 0.1, 1, 0);
    try (Sgd sgd = sgd(0.9, 0)) {
      for (int step = 1; step <= 3; step++) {
        try (NDManager sub = manager.newSubManager()) {
          Gradients.zero(state);
          JniUtils.setGradMode(true);
          NDArray b = state.get("backbone.bn.bias").getArray();
          NDArray loss = matrix.matMul(b).square().sum().mul(sub.create(0.1f));
          JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
          JniUtils.setGradMode(false);
          sgd.step(
              Gradients.of(state, sub),
              name -> groups.group(name, state.get(name).getArray().getShape().dimension(), 0.05),
              step);
        }
      }
    }
    assertArrayEquals(
        new float[] {0.885730088f, -0.437227368f, 2.93005896f, 0.240587831f},
        matrix.toFloatArray(),
        1e-6f);
    assertArrayEquals(new float[] {0.0574863963f, -3.27265573f}, values("backbone.bn.bias"), 1e-6f);
  }

  /** Backbone x1; weights of classifier and gates x10; their biases x20, without weight decay. */
  @Test
  public void deepLabsGroupsAreTorchOptims() {
    List<?> expected = (List<?>) TrainingReference.section("groups").get("after");
    List<String> names =
        List.copyOf(((Map<?, ?>) expected.get(0)).keySet().stream().map(String::valueOf).toList());
    for (int j = 0; j < names.size(); j++) {
      parameter(names.get(j), 1 + j, -0.5f * j);
    }
    Groups groups = new Groups(1, 10, 2, 0.1, 0, 1);
    LearningRate poly = new LearningRate(POLY, 0.001, 3);
    try (Sgd sgd = sgd(0.9, 0)) {
      for (int step = 1; step <= 3; step++) {
        double rate = poly.of(step);
        try (NDManager sub = manager.newSubManager()) {
          Gradients.zero(state);
          JniUtils.setGradMode(true);
          NDArray loss = null;
          for (int j = 0; j < names.size(); j++) {
            NDArray one = state.get(names.get(j)).getArray().square().sum().mul(j + 1);
            loss = loss == null ? one : loss.add(one);
          }
          JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
          JniUtils.setGradMode(false);
          sgd.step(Gradients.of(state, sub), name -> groups.group(name, 1, rate), step);
        }
        Map<?, ?> after = (Map<?, ?>) expected.get(step - 1);
        for (String name : names) {
          float[] values = values(name);
          for (int i = 0; i < 2; i++) {
            double number = ((Number) ((List<?>) after.get(name)).get(i)).doubleValue();
            assertEquals(name + " after step " + step, number, values[i], 1e-6 * Math.abs(number));
          }
        }
      }
    }
  }
}
