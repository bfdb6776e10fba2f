package org.riglab.networks.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.tensors.TensorFile;

/** Fills a network of other parts with the weights of a network's file. */
final class PartSwap {
  private PartSwap() {}

  /**
   * Keeps what fits, restores what was detached with a part that is back, and detaches what has no
   * place any more.
   *
   * @param changed the network with its new parts, initialised
   * @param before spec of the network in the file
   * @param file of the network
   */
  static WeightTransfer apply(Assembly changed, NetworkSpec before, Path file) {
    try (TensorFile source = Safetensors.open(file);
        DetachedWeights detached = new DetachedWeights(file)) {
      WeightTransfer transfer = fill(changed, source, detached);
      detached.add(source, before, changed.shapes());
      return transfer;
    }
  }

  /** As {@link #apply}, but the file and what is detached beside it stay as they are. */
  static WeightTransfer preview(Assembly changed, Path file) {
    try (TensorFile source = Safetensors.open(file);
        DetachedWeights detached = new DetachedWeights(file)) {
      return fill(changed, source, detached);
    }
  }

  private static WeightTransfer fill(
      Assembly changed, TensorFile source, DetachedWeights detached) {
    Map<String, List<Long>> shapes = WeightMatching.shapes(source);
    WeightMatching.Matched matched = WeightMatching.match(changed.shapes(), shapes);
    changed.load(matched.values(source::floats));
    Map<String, HostTensor> restored = new LinkedHashMap<>();
    changed
        .shapes()
        .forEach(
            (name, shape) -> {
              if (!shape.equals(shapes.get(name)) && detached.has(changed.spec(), name, shape)) {
                restored.put(name, detached.floats(changed.spec(), name, shape));
              }
            });
    changed.load(restored);
    return matched.transfer().restored(Set.copyOf(restored.keySet()));
  }
}
