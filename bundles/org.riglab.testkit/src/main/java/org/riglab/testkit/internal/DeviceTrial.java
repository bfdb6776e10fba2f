package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Precision;
import org.riglab.api.data.Dataset;
import org.riglab.base.Interrupts;
import org.riglab.networks.EvaluationLogits;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;
import org.riglab.training.Optimizers;

/** One network on noise: what it computes on a device. */
final class DeviceTrial {
  private static final int BATCH = 2;
  private static final int HEIGHT = 65;
  private static final int WIDTH = 97;
  private static final int TIMED = 3;
  private static final int CELL = 24; // side of a rectangle, in pixels
  private static final float NOISE = 0.3f;
  private static final double MOMENTUM = 0.9;
  private static final double WEIGHT_DECAY = 5e-4;
  private static final double LEAST_SHARE = 0.01;

  private final Sessions sessions;
  private final Optimizers optimizers;
  private final NetworkSpec spec;
  private final float[] image = new float[BATCH * 3 * HEIGHT * WIDTH];
  private final long[] label = new long[BATCH * HEIGHT * WIDTH];

  DeviceTrial(Sessions sessions, Optimizers optimizers, NetworkSpec spec) {
    this.sessions = sessions;
    this.optimizers = optimizers;
    this.spec = spec;
    paint();
  }

  /**
   * Rectangles, each in the colour of its class and with some noise: on noise alone, gradients
   * nearly cancel, and what is left of them is rounding.
   */
  private void paint() {
    Random random = new Random(1);
    float[][] colours = new float[spec.classes()][3];
    for (float[] colour : colours) {
      for (int c = 0; c < colour.length; c++) {
        colour[c] = (float) random.nextGaussian();
      }
    }
    int plane = HEIGHT * WIDTH;
    for (int i = 0; i < label.length; i++) {
      int row = i % plane / WIDTH / CELL;
      int column = i % WIDTH / CELL;
      int drawn = (3 * row + 2 * column + i / plane) % spec.classes();
      label[i] = random.nextInt(10) == 0 ? Dataset.VOID : drawn;
      for (int c = 0; c < 3; c++) {
        image[i / plane * 3 * plane + c * plane + i % plane] =
            colours[drawn][c] + NOISE * (float) random.nextGaussian();
      }
    }
  }

  /**
   * What was computed.
   *
   * @param weights before the first step, by name
   * @param logits of the last prediction
   * @param gradients of the first step, by parameter
   * @param losses of two steps
   * @param imagesPerSecond of the best of a few further steps
   */
  record Numbers(
      Map<String, HostTensor> weights,
      float[] logits,
      Map<String, float[]> gradients,
      List<Double> losses,
      double imagesPerSecond) {
    double logitsError(Numbers other) {
      return largest(logits, other.logits) / largest(logits, new float[logits.length]);
    }

    double lossesError(Numbers other) {
      double worst = 0;
      for (int i = 0; i < losses.size(); i++) {
        double error = Math.abs(losses.get(i) - other.losses.get(i)) / Math.abs(losses.get(i));
        worst = worse(worst, error);
      }
      return worst;
    }

    /**
     * Of the worst parameter: norm of the difference, divided by the norm of the gradient, or by a
     * small share of the norm of all gradients where that is larger.
     */
    double worstGradientError(Numbers other) {
      double least = LEAST_SHARE * norm(gradients.values());
      double worst = 0;
      for (Map.Entry<String, float[]> entry : gradients.entrySet()) {
        List<float[]> mine = List.of(entry.getValue());
        float[] difference = difference(entry.getValue(), other.gradients.get(entry.getKey()));
        worst = worse(worst, norm(List.of(difference)) / Math.max(norm(mine), least));
      }
      return worst;
    }

    /** Of all parameters together: norm of the difference, divided by the norm. */
    double gradientsError(Numbers other) {
      List<float[]> differences = new ArrayList<>();
      gradients.forEach(
          (name, mine) -> differences.add(difference(mine, other.gradients.get(name))));
      return norm(differences) / norm(gradients.values());
    }

    private static float[] difference(float[] a, float[] b) {
      float[] difference = new float[a.length];
      for (int i = 0; i < a.length; i++) {
        difference[i] = a[i] - b[i];
      }
      return difference;
    }

    private static double largest(float[] a, float[] b) {
      double largest = 0;
      for (int i = 0; i < a.length; i++) {
        largest = worse(largest, Math.abs((double) a[i] - b[i]));
      }
      return largest;
    }

    /** NaN is the worst. */
    private static double worse(double a, double b) {
      return Double.isNaN(b) ? b : Math.max(a, b);
    }

    private static double norm(Collection<float[]> arrays) {
      double sum = 0;
      for (float[] values : arrays) {
        for (float value : values) {
          sum += (double) value * value;
        }
      }
      return Math.sqrt(sum);
    }
  }

  /** On the CPU, in float32, layer by layer. */
  Numbers reference() {
    try (Session session = sessions.open(spec, Device.cpu())) {
      return run(session);
    }
  }

  /** On a device, compiled as trainings are. */
  Numbers on(Device device, Precision precision, Map<String, HostTensor> weights) {
    try (Session session = sessions.open(spec, device)) {
      session.load(weights);
      session.compile(
          precision,
          false,
          line -> {
            throw new IllegalStateException(line);
          });
      return run(session);
    }
  }

  private Numbers run(Session session) {
    Map<String, HostTensor> weights = session.values();
    HostTensor input =
        new HostTensor(List.of((long) BATCH, 3L, (long) HEIGHT, (long) WIDTH), image);
    Map<String, HostTensor> logits =
        EvaluationLogits.of(session, input, x -> session.forward(x, false));
    Map<String, float[]> gradients = new LinkedHashMap<>();
    List<Double> losses = new ArrayList<>();
    double best = Double.POSITIVE_INFINITY;
    Device device = session.manager().getDevice();
    try (Kernels kernels = new Kernels(device);
        Optimizers.Updates sgd = optimizers.sgd(device, MOMENTUM)) {
      for (int step = 0; step < 2 + TIMED; step++) {
        Interrupts.check();
        long start = System.nanoTime();
        double loss = step(session, kernels, sgd, step == 0 ? gradients : null);
        if (step < 2) {
          losses.add(loss);
        } else {
          best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
      }
    }
    return new Numbers(
        weights,
        logits.get("eval.logits.t" + logits.size()).values(),
        gradients,
        losses,
        BATCH / best);
  }

  private double step(
      Session session, Kernels kernels, Optimizers.Updates sgd, Map<String, float[]> gradients) {
    try (NDManager manager = session.manager().newSubManager()) {
      NDArray input = manager.create(image, new Shape(BATCH, 3, HEIGHT, WIDTH));
      NDArray target = manager.create(label, new Shape(BATCH, HEIGHT, WIDTH));
      float[] ones = new float[session.spec().classes()];
      Arrays.fill(ones, 1);
      NDArray weights = manager.create(ones);
      long counted = Arrays.stream(label).filter(value -> value != Dataset.VOID).count();
      JniUtils.setSeed(1);
      double value =
          Torch.withGrad(
              true,
              () -> {
                NDList logits = session.forward(input, true);
                NDArray sum =
                    kernels.crossEntropy(
                        logits.get(logits.size() - 1), target, weights, Dataset.VOID);
                NDArray mean = sum.div(manager.create((float) counted));
                session.backward(mean, true);
                return (double) mean.getFloat();
              });
      Torch.withoutGrad(
          () -> {
            sgd.step(
                session.state(),
                manager,
                name -> new Optimizers.Group(0.01, WEIGHT_DECAY),
                (name, gradient) -> {
                  if (gradients != null) {
                    gradients.put(name, gradient.toFloatArray());
                  }
                });
            return null;
          });
      return value;
    } finally {
      session.sweep();
    }
  }
}
