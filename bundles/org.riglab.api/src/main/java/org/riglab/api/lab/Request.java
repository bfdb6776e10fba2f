package org.riglab.api.lab;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request for one run or, with a grid or several seeds, one run per combination.
 *
 * @param kind of the runs
 * @param name for users; empty for the name of the network
 * @param network name of the network; for an evaluation empty for that of the first run of {@code
 *     after}. Each run of a sweep trains a separate network, {@code NETWORK-K}
 * @param spec the network to assemble under that name, as {@link
 *     org.riglab.api.bench.Networks#spec} reads it; empty for an existing network. In a sweep over
 *     an existing network, each run starts from a copy of it
 * @param options of {@link org.riglab.api.bench.Trainer#plan} or {@link
 *     org.riglab.api.bench.Evaluator#plan}, including {@code device} and {@code seed}
 * @param grid values by option; {@code network.FIELD} for a field of the network's spec
 * @param seeds of training and initial weights, one run for each; empty for those of options and
 *     spec
 * @param priority runs with a higher priority start first; the default is 0
 * @param after ids of runs that must be done first; if one fails, this run fails
 */
public record Request(
    Run.Kind kind,
    String name,
    String network,
    Map<String, Object> spec,
    Map<String, Object> options,
    Map<String, List<Object>> grid,
    List<Long> seeds,
    int priority,
    List<Long> after) {
  /**
   * Copies the collections, in order.
   *
   * @param kind see {@link #kind()}
   * @param name see {@link #name()}
   * @param network see {@link #network()}
   * @param spec see {@link #spec()}
   * @param options see {@link #options()}
   * @param grid see {@link #grid()}
   * @param seeds see {@link #seeds()}
   * @param priority see {@link #priority()}
   * @param after see {@link #after()}
   */
  public Request {
    spec = Collections.unmodifiableMap(new LinkedHashMap<>(spec));
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    grid = Collections.unmodifiableMap(new LinkedHashMap<>(grid));
    seeds = List.copyOf(seeds);
    after = List.copyOf(after);
  }

  /**
   * @param kind of the run
   * @param network name of the network
   * @param options of the training or evaluation
   * @return a request for one run of an existing network
   */
  public static Request of(Run.Kind kind, String network, Map<String, Object> options) {
    return new Request(kind, "", network, Map.of(), options, Map.of(), List.of(), 0, List.of());
  }
}
