package org.riglab.unrolls.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.riglab.api.RigException;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.UnrollSpec;

/** What the parallel strategies share: they differ only in what they feed to the gates. */
final class Unrolled {
  private Unrolled() {}

  /** Blocks in front of the first gated one see the same input every time, so they run once. */
  static int applications(UnrollSpec spec, int block) {
    return spec.feedback().isEmpty() || block < spec.feedback().get(0) ? 1 : spec.iterations();
  }

  /**
   * One gate per block in feedback.
   *
   * @param name of the strategy, for error messages
   * @param channels from a gated block to the channels of what its gate is fed
   */
  static List<GateShape> gates(
      String name, UnrollSpec spec, List<Stage> stages, IntFunction<List<Integer>> channels) {
    if (spec.feedback().isEmpty() && spec.iterations() > 1) {
      throw new RigException(
          "unroll %s with %d iterations needs feedback: name the gated blocks, for example 6..4"
              .formatted(name, spec.iterations()));
    }
    return spec.feedback().stream()
        .map(k -> new GateShape(k, stages.get(k - 1).inputChannels(), channels.apply(k)))
        .toList();
  }

  /**
   * Runs the network u times.
   *
   * @param feedback from a block and all blocks' features of the iteration before to what the
   *     block's gate is fed
   */
  static NDList run(
      Pass pass, NDArray image, BiFunction<Integer, Map<Integer, NDArray>, NDArray[]> feedback) {
    int first = pass.spec().feedback().isEmpty() ? 1 : pass.spec().feedback().get(0);
    NDList shared = new NDList(image);
    for (int k = 1; k < first; k++) {
      shared = pass.block(k, 1, shared);
    }
    NDList logits = new NDList();
    Map<Integer, NDArray> last = Map.of();
    for (int t = 1; t <= pass.spec().iterations(); t++) {
      Map<Integer, NDArray> features = new TreeMap<>();
      NDList x = shared;
      for (int k = first; k <= pass.blocks(); k++) {
        if (t > 1 && pass.gated(k)) {
          x = pass.gate(k, t, x, feedback.apply(k, last));
        }
        x = pass.block(k, t, x);
        features.put(k, x.head());
      }
      logits.add(x.head());
      if (t < pass.spec().iterations() && !pass.more(t, x.head())) {
        break;
      }
      last = features;
    }
    return logits;
  }
}
