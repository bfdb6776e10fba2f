package org.riglab.runs.internal;

import java.util.List;
import java.util.Map;
import org.riglab.api.bench.NetworkHost;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.WeightTransfer;

/** Networks as the workers of this server make them. */
final class WorkerNetworks implements NetworkHost {
  /** The questions to a worker, and what they hold. */
  static final String ASSEMBLE = "assemble";

  static final String SWAP = "swap";
  static final String NETWORK = "network";
  static final String SPEC = "spec";
  static final String REPLACE = "replace";

  /** For the first use of the engine and a large network, beside a run. */
  private static final long SECONDS = 300;

  private final Networks networks;
  private final Supervisor server;

  /**
   * @param networks writes specs
   * @param server asks a worker
   */
  WorkerNetworks(Networks networks, Supervisor server) {
    this.networks = networks;
    this.server = server;
  }

  @Override
  public void assemble(String name, NetworkSpec spec, boolean replace) {
    server.askOne(
        ASSEMBLE, Map.of(NETWORK, name, SPEC, networks.json(spec), REPLACE, replace), SECONDS);
  }

  @Override
  public WeightTransfer swap(String name, NetworkSpec spec) {
    Map<String, Object> answer =
        server.askOne(SWAP, Map.of(NETWORK, name, SPEC, networks.json(spec)), SECONDS);
    return new WeightTransfer(
        names(answer, "matched"),
        names(answer, "initialised"),
        names(answer, "leftOver"),
        names(answer, "restored"));
  }

  /**
   * @return the body of a worker's answer
   */
  static Map<String, Object> body(WeightTransfer transfer) {
    return Map.of(
        "matched", transfer.matched(),
        "initialised", transfer.initialised(),
        "leftOver", transfer.leftOver(),
        "restored", transfer.restored());
  }

  private static List<String> names(Map<String, Object> answer, String key) {
    return ((List<?>) answer.get(key)).stream().map(String.class::cast).toList();
  }
}
