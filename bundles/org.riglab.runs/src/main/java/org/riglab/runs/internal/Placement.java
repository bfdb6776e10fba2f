package org.riglab.runs.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.lab.Request;
import org.riglab.runs.cluster.Cluster;

/**
 * Where a run is to be executed: option {@code on} of a request names a cluster, or {@code local};
 * what is asked of the cluster is in option {@code cluster}. A training on several {@code nodes}
 * asks the cluster for as many.
 *
 * @param cluster its name; empty for a device of this machine
 * @param options of the cluster
 * @param others of the training or evaluation
 */
record Placement(String cluster, Map<String, String> options, Map<String, Object> others) {
  private static final String ON = "on";
  private static final String CLUSTER = "cluster";
  private static final String LOCAL = "local";
  private static final String NODES = "nodes";
  private static final String ONE = "1";

  /**
   * @param options of a request
   * @param clusters that there are
   * @param usual where runs go that do not say; empty for this machine
   * @throws RigException INVALID if there is no such cluster, or it refuses its options
   */
  static Placement of(Map<String, Object> options, Clusters clusters, String usual) {
    Map<String, Object> others = withoutCluster(options);
    String on =
        String.valueOf(options.getOrDefault(ON, options.containsKey("device") ? LOCAL : usual));
    Map<String, String> asked = options(options);
    if (on.isEmpty() || on.equals(LOCAL)) {
      if (!asked.isEmpty()) {
        throw new RigException(
            "the options %s apply to a cluster; add --on CLUSTER"
                .formatted(String.join(", ", asked.keySet())));
      }
      return new Placement("", Map.of(), others);
    }
    Cluster cluster =
        clusters.now().stream()
            .filter(c -> c.name().equals(on))
            .findFirst()
            .orElseThrow(
                () ->
                    new RigException(
                        "there is no cluster '%s'; option 'on' must be %s%s"
                            .formatted(
                                on,
                                LOCAL,
                                clusters.names().stream()
                                    .map(n -> " or " + n)
                                    .reduce("", String::concat))));
    if (options.containsKey("device")) {
      throw new RigException(
          "a run on %s takes the device that its job gets; leave out --device".formatted(on));
    }
    String nodes = String.valueOf(options.getOrDefault(NODES, ONE));
    if (!nodes.equals(ONE)) {
      asked.putIfAbsent(NODES, nodes); // one job of so many machines
    }
    cluster.check(asked);
    return new Placement(on, asked, others);
  }

  /** The request without what is said of the cluster. */
  Request here(Request request) {
    return new Request(
        request.kind(),
        request.name(),
        request.network(),
        request.spec(),
        others,
        request.grid(),
        request.seeds(),
        request.priority(),
        request.after());
  }

  /** A run of the request, at its place. */
  Draft place(Draft draft) {
    if (cluster.isEmpty()) {
      return draft;
    }
    Map<String, Object> kept = new LinkedHashMap<>(draft.options());
    kept.put(CLUSTER, options);
    return new Draft(
        draft.name(),
        draft.kind(),
        draft.network(),
        draft.own(),
        draft.weights(),
        draft.networkSpec(),
        kept,
        draft.seed(),
        draft.priority(),
        draft.after(),
        cluster,
        draft.replayOf());
  }

  /** What a run asks of its cluster. */
  static Map<String, String> options(Map<String, Object> options) {
    Map<String, String> asked = new LinkedHashMap<>();
    if (options.get(CLUSTER) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> asked.put(String.valueOf(key), String.valueOf(value)));
    }
    return asked;
  }

  /** The options of a training or evaluation. */
  static Map<String, Object> withoutCluster(Map<String, Object> options) {
    Map<String, Object> others = new LinkedHashMap<>(options);
    others.remove(ON);
    others.remove(CLUSTER);
    return others;
  }
}
