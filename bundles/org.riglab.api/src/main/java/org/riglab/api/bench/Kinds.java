package org.riglab.api.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.Provider;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Metric;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.Unroll;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Transform;

/** The kinds of parts. */
public final class Kinds {
  /** The interface of each kind by its name, in the order of listings. */
  public static final Map<String, Class<? extends Provider>> ALL = all();

  private Kinds() {}

  private static Map<String, Class<? extends Provider>> all() {
    Map<String, Class<? extends Provider>> kinds = new LinkedHashMap<>();
    kinds.put(Backbone.KIND, Backbone.class);
    kinds.put(Head.KIND, Head.class);
    kinds.put(Gate.KIND, Gate.class);
    kinds.put(Unroll.KIND, Unroll.class);
    kinds.put(Dataset.KIND, Dataset.class);
    kinds.put(Metric.KIND, Metric.class);
    kinds.put(Loss.KIND, Loss.class);
    kinds.put(Transform.KIND, Transform.class);
    return Collections.unmodifiableMap(kinds);
  }

  /**
   * @param className name of an interface
   * @return the name of the kind; empty if the interface is not a kind
   */
  public static Optional<String> of(String className) {
    return ALL.entrySet().stream()
        .filter(kind -> kind.getValue().getName().equals(className))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
