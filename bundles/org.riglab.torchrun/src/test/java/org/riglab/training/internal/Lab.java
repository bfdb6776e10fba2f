package org.riglab.training.internal;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Training;
import org.riglab.base.Json;
import org.riglab.datasets.internal.ShapesDataset;
import org.riglab.evaluation.internal.EvaluatorService;
import org.riglab.graph.internal.export.ExporterService;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.losses.internal.CrossEntropyLoss;
import org.riglab.metrics.internal.ConfusionMetric;
import org.riglab.networks.Session;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.tensors.HostTensor;
import org.riglab.training.StepEngine;
import org.riglab.transforms.internal.Crop;
import org.riglab.transforms.internal.Flip;
import org.riglab.transforms.internal.Scale;

/** A home with network {@code rig}, and a trainer with the built-in parts, without a framework. */
final class Lab implements AutoCloseable {
  final Path home;
  final TrainerService trainer;
  private final Bench bench;

  /**
   * @param home with a network, or empty
   * @param engines of the trainer
   */
  Lab(Path home, StepEngine... engines) {
    this.home = home;
    FakeRegistry registry = Benches.registry();
    registry.put("cross-entropy", new CrossEntropyLoss());
    registry.put("scale", new Scale());
    registry.put("crop", new Crop());
    registry.put("flip", new Flip());
    registry.put("shapes", new ShapesDataset());
    registry.put("confusion", new ConfusionMetric());
    bench = Benches.create(home, registry);
    CompilerService compiler = new CompilerService();
    ExporterService exporter = new ExporterService();
    bench.connect(compiler, exporter, null);
    trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    trainer.compiler = compiler;
    trainer.exporter = exporter;
    trainer.engines = List.of(engines);
    trainer.scorers = new EvaluatorService(registry, bench.networks);
  }

  void assemble(String spec) {
    bench.networks.assemble("rig", bench.networks.spec(Json.parse(spec, "spec"), "spec"), false);
  }

  /** The same home with the same network elsewhere. */
  static Path copy(Path home, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.toList()) {
        Path to = target.resolve(home.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
    }
    return target;
  }

  Training train(Map<String, ?> options, Object... more) {
    return train(Observer.NONE, options, more);
  }

  Training train(Observer observer, Map<String, ?> options, Object... more) {
    Map<String, Object> all = new LinkedHashMap<>(options);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return trainer.train(trainer.plan("rig", all), observer);
  }

  Map<String, HostTensor> weights() {
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      return session.values();
    }
  }

  /** The length of the difference, relative to that of the expected. */
  static double error(Map<String, HostTensor> expected, Map<String, HostTensor> got) {
    double squares = 0;
    double difference = 0;
    for (Map.Entry<String, HostTensor> entry : expected.entrySet()) {
      float[] a = entry.getValue().values();
      float[] b = got.get(entry.getKey()).values();
      for (int i = 0; i < a.length; i++) {
        squares += (double) a[i] * a[i];
        difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
      }
    }
    return Math.sqrt(difference / squares);
  }

  @Override
  public void close() {
    bench.close();
  }
}
