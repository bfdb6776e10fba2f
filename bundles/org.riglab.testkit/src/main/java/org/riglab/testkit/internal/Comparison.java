package org.riglab.testkit.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.author.Parity;
import org.riglab.api.author.Parity.Difference;
import org.riglab.tensors.HostTensor;

/** Compares what a network computed with what a case expects, in the order of execution. */
final class Comparison {
  private static final String GRADIENT = "train.grad.";
  private static final String AFTER = "train.after2.";
  private static final String LOSS = "train.loss of step ";

  private final ExecutionTrace trace;
  private final Map<String, HostTensor> expected;
  private final Map<String, HostTensor> got;
  private final int predictions;
  private final double largestGradient;
  private double worst;
  private String worstTensor = "";
  private Difference first;

  /**
   * @param predictions how many logits the network has
   */
  Comparison(
      ExecutionTrace trace,
      Map<String, HostTensor> expected,
      Map<String, HostTensor> got,
      int predictions) {
    this.trace = trace;
    this.expected = expected;
    this.got = got;
    this.predictions = predictions;
    largestGradient =
        expected.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(GRADIENT))
            .mapToDouble(entry -> norm(entry.getValue().values(), null))
            .max()
            .orElse(1);
  }

  /**
   * @param name of the case
   * @param losses of both steps
   * @param expectedLosses as many of them as are known
   */
  Parity.Row row(String name, List<Double> losses, List<Double> expectedLosses) {
    List<String> forwards = trace.parameters();
    List<String> backwards = new ArrayList<>(forwards);
    Collections.reverse(backwards);
    trace.evaluation(predictions).forEach(this::compare);
    compareLoss(1, losses, expectedLosses);
    backwards.forEach(parameter -> compare(GRADIENT + parameter));
    compareLoss(2, losses, expectedLosses);
    forwards.forEach(parameter -> compare(AFTER + parameter));
    Set<String> known = new HashSet<>(trace.evaluation(predictions));
    forwards.forEach(parameter -> known.addAll(List.of(GRADIENT + parameter, AFTER + parameter)));
    for (String key : expected.keySet()) {
      if (!known.contains(key)) {
        note(
            key,
            Double.POSITIVE_INFINITY,
            0,
            0,
            "",
            "%s is expected, but the network does not compute it".formatted(key));
      }
    }
    return new Parity.Row(
        name, expected.size(), worst, worstTensor, losses, Optional.ofNullable(first));
  }

  private void compare(String key) {
    HostTensor wanted = expected.get(key);
    if (wanted == null) {
      return;
    }
    HostTensor other = got.get(key);
    double error = Double.POSITIVE_INFINITY;
    String shape = "";
    if (other == null) {
      shape = ": not computed";
    } else if (!other.shape().equals(wanted.shape())) {
      shape = ": its shape is %s, expected is %s".formatted(other.shape(), wanted.shape());
    } else {
      // a gradient smaller than a thousandth of the largest counts against that
      double floor = key.startsWith(GRADIENT) ? 1e-3 * largestGradient : 1e-6;
      error = norm(wanted.values(), other.values()) / Math.max(norm(wanted.values(), null), floor);
    }
    note(key, error, shape);
  }

  private void compareLoss(int step, List<Double> losses, List<Double> wanted) {
    if (step <= wanted.size()) {
      double loss = wanted.get(step - 1);
      double error = Math.abs(losses.get(step - 1) - loss) / Math.abs(loss);
      note(LOSS + step, error, 0, 0, "loss", "loss of step " + step);
    }
  }

  private void note(String key, double error, String more) {
    if (key.startsWith("eval.logits.")) {
      int block = trace.stages().size();
      int prediction = Integer.parseInt(key.substring("eval.logits.t".length()));
      int iteration = predictions > 1 ? prediction : trace.last("eval.block." + block + ".t");
      note(
          key,
          error,
          block,
          iteration,
          "logits",
          "logits in evaluation (block %d, iteration %d)%s".formatted(block, iteration, more));
    } else if (key.startsWith("eval.")) {
      int block = trace.blockOf(key);
      int iteration = trace.iteration(key);
      String layer = ExecutionTrace.operation(key);
      note(
          key,
          error,
          block,
          iteration,
          layer.isEmpty() ? key.split("\\.")[1] : layer,
          "%s in evaluation (block %d, iteration %d)%s"
              .formatted(
                  layer.isEmpty() ? map(key, block) : "output of " + layer,
                  block,
                  iteration,
                  more));
    } else {
      boolean gradient = key.startsWith(GRADIENT);
      String parameter = key.substring((gradient ? GRADIENT : AFTER).length());
      String layer = ExecutionTrace.layer(parameter);
      int block = trace.block(parameter);
      List<Integer> iterations = trace.iterations(layer);
      note(
          key,
          error,
          block,
          iterations.size() == 1 ? iterations.get(0) : 0,
          layer,
          "%s (block %d%s)%s"
              .formatted(
                  gradient ? "gradient of " + parameter : parameter + " after two steps",
                  block,
                  sharing(iterations),
                  more));
    }
  }

  private String map(String key, int block) {
    String stage = trace.stages().get(block - 1);
    return switch (key.split("\\.")[1]) {
      case "block" -> "output of " + stage;
      case "gated" -> "gated input of " + stage;
      default -> "map of the gate of " + stage;
    };
  }

  private static String sharing(List<Integer> iterations) {
    return switch (iterations.size()) {
      case 0 -> "";
      case 1 -> ", iteration " + iterations.get(0);
      default ->
          ", shared by iterations %d..%d"
              .formatted(iterations.get(0), iterations.get(iterations.size() - 1));
    };
  }

  private void note(
      String key, double error, int block, int iteration, String operation, String where) {
    // Written this way round, NaN is worse than anything.
    if (!(error <= worst) && !Double.isNaN(worst)) {
      worst = error;
      worstTensor = key;
    }
    if (first == null && !(error <= Parity.TOLERANCE)) {
      first = new Difference(key, error, block, iteration, operation, where);
    }
  }

  /** The norm of a, or of a - b. */
  private static double norm(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = b == null ? a[i] : (double) a[i] - b[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }
}
