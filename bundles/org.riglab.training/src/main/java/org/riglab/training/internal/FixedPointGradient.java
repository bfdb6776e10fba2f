package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.networks.FeedbackFilter;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.inference.Anderson;

/**
 * Gradients of the fixed point of a network's iterations, as of a deep equilibrium model (Bai,
 * Kolter and Koltun, NeurIPS 2019). An iteration maps the feedback z of all gates to that of the
 * next iteration, f(z). The forward solve iterates f without gradients; the loss is that of the
 * prediction with the feedback z* of its last iteration. By the implicit function theorem its
 * gradient is that of loss + g f(z*) with z* and g held constant, where g solves g = v + J^T g, v
 * is the gradient of the loss with respect to z*, and J the Jacobian of f at z*. The backward solve
 * iterates this equation with vector-Jacobian products, from v. Memory does not depend on the
 * number of iterations. Without the second term it is the gradient of one step (Fung et al., JFB,
 * AAAI 2022).
 */
final class FixedPointGradient {
  /** An iteration of its own, the one that is differentiated, and one that shows what it feeds. */
  private static final int PASS = 3;

  private static final int FED = 2;

  private final Session session;
  private final GradientRule rule;

  /**
   * @param session the network
   * @param rule says how to solve
   */
  FixedPointGradient(Session session, GradientRule rule) {
    this.session = session;
    this.rule = rule;
  }

  /** Keeps what is fed to the gates in one iteration. */
  private static final class Capture implements FeedbackFilter {
    private final int at;
    private final Optional<FeedbackFilter> solver;
    private final Map<Integer, NDArray[]> fed = new TreeMap<>();

    Capture(int at, Optional<FeedbackFilter> solver) {
      this.at = at;
      this.solver = solver;
    }

    @Override
    public NDArray[] apply(int block, int iteration, NDArray... feedback) {
      NDArray[] solved =
          solver.isPresent() ? solver.get().apply(block, iteration, feedback) : feedback;
      if (iteration == at) {
        fed.put(block, solved.clone());
      }
      return solved;
    }
  }

  /** Feeds a state to the differentiated iteration and keeps what it feeds to the next one. */
  private static final class Feed implements FeedbackFilter {
    private final Map<Integer, NDArray[]> state;
    private final Map<Integer, NDArray[]> next = new TreeMap<>();

    Feed(Map<Integer, NDArray[]> state) {
      this.state = state;
    }

    @Override
    public NDArray[] apply(int block, int iteration, NDArray... feedback) {
      if (iteration == FED) {
        return state.get(block).clone();
      }
      next.put(block, feedback.clone());
      return Arrays.stream(feedback).map(NDArray::stopGradient).toArray(NDArray[]::new);
    }
  }

  /** A differentiated iteration. */
  private record Step(NDList logits, List<NDArray> next) {}

  private Step step(NDArray images, Map<Integer, NDArray[]> state) {
    Feed feed = new Feed(state);
    NDList logits =
        session.forward(images, true, new PassLength(PASS, Optional.empty(), Optional.of(feed)));
    return new Step(new NDList(logits.get(FED - 1)), flat(feed.next));
  }

  private static List<NDArray> flat(Map<Integer, NDArray[]> arrays) {
    List<NDArray> flat = new ArrayList<>();
    arrays.values().forEach(own -> flat.addAll(List.of(own)));
    return flat;
  }

  /** What was computed. */
  record Result(NDArray loss, NDArray total, NDList logits) {}

  /**
   * Runs forward and backward solve. Grad mode is on afterwards.
   *
   * @param images (N, 3, H, W), normalised
   * @param objective from the logits of the last prediction to the loss, a scalar
   * @return the loss, and the scalar whose gradient with respect to the parameters is that of the
   *     fixed point
   * @throws RigException if the strategy feeds no gate, or the backward solve diverges
   */
  Result run(NDArray images, Function<NDList, NDArray> objective) {
    Map<Integer, NDArray[]> state = solve(images);
    List<NDArray> adjoint =
        rule.kind() == GradientRule.Kind.ONE_STEP ? List.of() : adjoint(images, state, objective);
    JniUtils.setGradMode(true);
    Step step = step(images, state);
    NDArray loss = objective.apply(step.logits());
    NDArray total = loss;
    for (int i = 0; i < adjoint.size(); i++) {
      total = total.add(step.next().get(i).mul(adjoint.get(i)).sum());
    }
    return new Result(loss, total, step.logits());
  }

  private Map<Integer, NDArray[]> solve(NDArray images) {
    JniUtils.setGradMode(false);
    Optional<FeedbackFilter> solver =
        rule.kind() == GradientRule.Kind.ANDERSON ? Optional.of(new Anderson()) : Optional.empty();
    Capture capture = new Capture(rule.iterations(), solver);
    session.forward(
        images, true, new PassLength(rule.iterations(), Optional.empty(), Optional.of(capture)));
    if (capture.fed.isEmpty()) {
      throw new RigException(
          "training: option 'gradient' needs feedback to gates; it must be unrolled for this"
              + " network");
    }
    return capture.fed;
  }

  /** Solves g = v + J^T g; the parameters' own gradients are not touched. */
  private List<NDArray> adjoint(
      NDArray images, Map<Integer, NDArray[]> state, Function<NDList, NDArray> objective) {
    List<Parameter> trained =
        session.state().values().stream().filter(Parameter::requiresGradient).toList();
    trained.forEach(parameter -> parameter.getArray().setRequiresGradient(false));
    JniUtils.setGradMode(true);
    try {
      Map<Integer, NDArray[]> leaves = new TreeMap<>();
      state.forEach(
          (block, arrays) ->
              leaves.put(
                  block,
                  Arrays.stream(arrays).map(FixedPointGradient::leaf).toArray(NDArray[]::new)));
      List<NDArray> z = flat(leaves);
      Step step = step(images, leaves);
      List<NDArray> v = gradients(objective.apply(step.logits()), z);
      List<NDArray> g = v;
      for (int k = 0; k < rule.iterations(); k++) {
        NDArray product = null;
        for (int i = 0; i < g.size(); i++) {
          NDArray own = step.next().get(i).mul(g.get(i)).sum();
          product = product == null ? own : product.add(own);
        }
        List<NDArray> more = gradients(product, z);
        double change = 0;
        double size = 0;
        List<NDArray> next = new ArrayList<>();
        for (int i = 0; i < g.size(); i++) {
          NDArray sum = v.get(i).add(more.get(i));
          change += squares(sum.sub(g.get(i)));
          size += squares(sum);
          next.add(sum);
        }
        g = next;
        if (!Double.isFinite(size)) {
          throw new RigException(
              RigException.Kind.PART_FAILED,
              "the backward solve of option 'gradient' diverges after %d iterations: the spectral"
                      .formatted(k + 1)
                  + " radius of the feedback is above 1; use one-step or unrolled");
        }
        if (change <= rule.tolerance() * rule.tolerance() * size) {
          break;
        }
      }
      return g;
    } finally {
      trained.forEach(parameter -> parameter.getArray().setRequiresGradient(true));
      JniUtils.setGradMode(false);
    }
  }

  private static NDArray leaf(NDArray array) {
    NDArray leaf = array.stopGradient().duplicate();
    leaf.setRequiresGradient(true);
    return leaf;
  }

  /** Gradients of a scalar, as constants; the graph stays. */
  private static List<NDArray> gradients(NDArray scalar, List<NDArray> leaves) {
    for (NDArray leaf : leaves) {
      if (JniUtils.getGradient((PtNDArray) leaf) != null) {
        JniUtils.zeroGrad((PtNDArray) leaf);
      }
    }
    JniUtils.backward((PtNDArray) scalar, (PtNDArray) scalar.onesLike(), true, false);
    List<NDArray> gradients = new ArrayList<>();
    for (NDArray leaf : leaves) {
      NDArray gradient = JniUtils.getGradient((PtNDArray) leaf);
      gradients.add(
          gradient == null ? leaf.stopGradient().zerosLike() : gradient.stopGradient().duplicate());
    }
    return gradients;
  }

  private static double squares(NDArray array) {
    return array.mul(array).sum().getFloat();
  }
}
