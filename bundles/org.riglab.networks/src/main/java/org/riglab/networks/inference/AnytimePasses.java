package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Stopping;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;

/** Runs passes of inference as a {@link Stopping} says. Not thread safe. */
public final class AnytimePasses {
  /** Passes that are not timed, while the engine loads and optimises programs. */
  private static final int WARM_UP = 2;

  private static final double GIGA = 1e9;

  private final Stopping stopping;
  private final Until until;
  private final boolean timed;
  private final Map<Shape, List<Long>> multiplyAdds = new HashMap<>();
  private final Set<Shape> warm = new HashSet<>();
  private List<Double> milliseconds = List.of();
  private Halting halting = Halting.NONE;

  /**
   * @param inference its stopping, and whether there is a single pass as conditions need it
   * @param inputs scales of the network's own input
   * @param timed whether each prediction is timed
   * @throws RigException if it makes no sense
   */
  public AnytimePasses(Inference inference, MultiScaleInputs inputs, boolean timed) {
    this.stopping = inference.stopping();
    this.until = Until.parse(stopping.until());
    this.timed = timed;
    int iterations = stopping.iterations();
    require(
        "iterations",
        iterations >= 0 && iterations <= PassLength.MOST,
        iterations,
        "0 to " + PassLength.MOST);
    require("budget_ms", stopping.budgetMs() >= 0, stopping.budgetMs(), "0 or more");
    require("budget_gmac", stopping.budgetGmac() >= 0, stopping.budgetGmac(), "0 or more");
    boolean single =
        inference.scales().equals(List.of(1.0))
            && !inference.flip()
            && inference.window().isEmpty()
            && !inputs.multiple();
    if (single() && !single) {
      throw new RigException(
          "a budget, 'until' and 'cost' need a single pass: no window, no flip and one scale");
    }
  }

  private static void require(String option, boolean holds, Number value, String right) {
    if (!holds) {
      throw new RigException("option '%s' is %s; it must be %s".formatted(option, value, right));
    }
  }

  /**
   * @return whether images are to be passed through the network one at a time
   */
  public boolean single() {
    return timed || stopping.adaptive();
  }

  /**
   * Runs a pass.
   *
   * @param session the network
   * @param images (N, 3, H, W), normalised; one if {@link #single}
   * @return logits of the predictions that were computed
   */
  public NDList forward(Session session, NDArray images) {
    return forward(session, images, session::forward);
  }

  /**
   * Runs a pass in another way than {@link Session#forward(NDArray, PassLength)}.
   *
   * @param session the network
   * @param images as above
   * @param pass runs it
   * @return as above
   */
  public NDList forward(
      Session session, NDArray images, BiFunction<NDArray, PassLength, NDList> pass) {
    if (!single()) {
      return pass.apply(images, PassLength.of(stopping.iterations()));
    }
    if ((timed || stopping.budgetMs() > 0) && warm.add(images.getShape())) {
      for (int i = 0; i < WARM_UP; i++) {
        try (NDManager passing = images.getManager().newSubManager()) {
          NDArray image = images.duplicate();
          image.attach(passing);
          NDList logits =
              pass.apply(
                  image, new PassLength(stopping.iterations(), Optional.of((t, array) -> true)));
          logits.close();
        }
      }
    }
    if (until.kind() == Until.Kind.HALTING && !halting.exists()) {
      halting = halting(session);
    }
    List<Long> costs = stopping.budgetGmac() > 0 ? multiplyAdds(session, images) : List.of();
    if (!costs.isEmpty() && costs.get(0) > stopping.budgetGmac() * GIGA) {
      throw new RigException(
          String.format(
              Locale.ROOT,
              "option 'budget_gmac' is %s; it must be %.6f or more, the cost of the first"
                  + " prediction",
              stopping.budgetGmac(),
              Math.ceil(costs.get(0) / 1e3) / 1e6));
    }
    StopRule rule = new StopRule(stopping, until, costs, halting, System::nanoTime);
    NDList logits = pass.apply(images, new PassLength(stopping.iterations(), Optional.of(rule)));
    rule.end(logits.get(logits.size() - 1), logits.size());
    milliseconds = rule.milliseconds();
    return logits;
  }

  private static Halting halting(Session session) {
    Halting head = session.trainedOn().halting();
    if (!head.exists()) {
      throw new RigException(
          "'until' is halting, but the network has no halting head; train it with"
              + " --halting true");
    }
    return head;
  }

  /**
   * @return milliseconds up to each prediction of the last pass; empty if images were not passed
   *     one at a time
   */
  public List<Double> milliseconds() {
    return milliseconds;
  }

  /**
   * @param session the network
   * @param images (N, 3, H, W)
   * @return multiply-adds for one image up to each prediction of a pass without conditions
   * @throws RigException if the network cannot be traced
   */
  public List<Long> multiplyAdds(Session session, NDArray images) {
    Shape shape = images.getShape();
    return multiplyAdds.computeIfAbsent(
        new Shape(shape.get(2), shape.get(3)),
        size -> session.multiplyAdds((int) size.get(0), (int) size.get(1), stopping.iterations()));
  }
}
