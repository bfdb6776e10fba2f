package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.riglab.api.bench.Compiler.Continuation;
import org.riglab.api.bench.Stopping;

/** Decides for one pass after each prediction whether it continues. */
final class StopRule implements Continuation {
  private static final double NANOS_PER_MS = 1e6;
  private static final double GIGA = 1e9;

  private final Stopping stopping;
  private final Until until;
  private final List<Long> multiplyAdds;
  private final Halting halting;
  private final LongSupplier clock;
  private final long start;
  private final List<Double> milliseconds = new ArrayList<>();
  private float[] before;
  private int stable;

  /**
   * Starts the clock.
   *
   * @param multiplyAdds up to each prediction; used with a budget only
   * @param halting used with the condition of this name only
   * @param clock in nanoseconds
   */
  StopRule(
      Stopping stopping,
      Until until,
      List<Long> multiplyAdds,
      Halting halting,
      LongSupplier clock) {
    this.stopping = stopping;
    this.until = until;
    this.multiplyAdds = multiplyAdds;
    this.halting = halting;
    this.clock = clock;
    this.start = clock.getAsLong();
  }

  @Override
  public boolean more(int iteration, NDArray logits) {
    boolean go = until.kind() == Until.Kind.NEVER || !settled(iteration, logits);
    tick(logits);
    if (stopping.budgetMs() > 0) {
      double now = milliseconds.get(iteration - 1);
      double last = iteration == 1 ? now : now - milliseconds.get(iteration - 2);
      go &= now + last <= stopping.budgetMs();
    }
    if (stopping.budgetGmac() > 0) {
      go &= multiplyAdds.get(iteration) <= stopping.budgetGmac() * GIGA;
    }
    return go;
  }

  /** Takes the time of the last prediction, which is not asked about. */
  void end(NDArray logits, int predictions) {
    if (milliseconds.size() < predictions) {
      tick(logits);
    }
  }

  /** Milliseconds up to each prediction. */
  List<Double> milliseconds() {
    return milliseconds;
  }

  private void tick(NDArray logits) {
    if (logits.getDevice().isGpu()) {
      try (NDArray first = logits.get(0)) {
        first.toFloatArray(); // waits for the device
      }
    }
    milliseconds.add((clock.getAsLong() - start) / NANOS_PER_MS);
  }

  private boolean settled(int iteration, NDArray logits) {
    Shape shape = logits.getShape();
    int classes = (int) shape.get(1);
    float[] now = logits.toFloatArray();
    float[] last = before;
    before = now;
    if (until.kind() == Until.Kind.HALTING) {
      return halting.helps(Halting.features(last, now, classes, iteration)) < until.limit();
    }
    if (last == null) {
      return false;
    }
    if (until.kind() == Until.Kind.STABLE) {
      stable = Stability.change(last, now, classes) == 0 ? stable + 1 : 0;
      return stable >= until.limit();
    }
    return until.measure(last, now, classes) < until.limit();
  }
}
