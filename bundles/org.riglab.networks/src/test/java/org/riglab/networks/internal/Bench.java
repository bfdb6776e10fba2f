package org.riglab.networks.internal;

import java.nio.file.Path;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.OnnxRunner;

/** The services of networks, without a framework. */
public final class Bench implements AutoCloseable {
  public final NetworkStore networks;
  public final WeightService weights;
  public final PredictionService predictions;

  /** Networks of a registry's parts. */
  public Bench(Path home, FakeRegistry registry) {
    networks = new NetworkStore(home, registry, registry);
    weights = new WeightService(networks, networks);
    predictions = new PredictionService(networks);
  }

  /** Gives it the services that it finds in a framework; each may be null. */
  public void connect(Compiler compiler, Exporter exporter, OnnxRunner runner) {
    networks.compiler = compiler;
    networks.exporter = exporter;
    networks.onnxRunner = runner;
    weights.exporter = exporter;
  }

  @Override
  public void close() {
    networks.close();
  }
}
