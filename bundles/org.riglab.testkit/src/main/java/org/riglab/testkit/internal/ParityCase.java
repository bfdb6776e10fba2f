package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.author.Parity;
import org.riglab.api.data.Dataset;
import org.riglab.base.Json;
import org.riglab.networks.EvaluationLogits;
import org.riglab.networks.Session;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.LongTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.training.Optimizers;

/**
 * Computes what a parity case asks for: evaluation logits, then two steps of SGD with PyTorch's
 * semantics (learning rate 0.01 for {@code backbone.}, 0.1 for the rest, momentum 0.9, weight decay
 * 5e-4) on the cross entropy of the last iteration.
 */
final class ParityCase {
  private static final String GRADIENT = "train.grad.";

  private final Session session;
  private final Optimizers optimizers;
  private final Path folder;

  ParityCase(Session session, Optimizers optimizers, Path folder) {
    this.session = session;
    this.optimizers = optimizers;
    this.folder = folder;
  }

  Parity.Row run(Optional<Path> out, boolean all) {
    session.load(folder.resolve("weights.safetensors"));
    HostTensor image;
    LongTensor label;
    Path batch = folder.resolve("batch.safetensors");
    try (Safetensors tensors = Safetensors.open(batch)) {
      image = EvaluationLogits.image(tensors, batch);
      label = label(tensors, batch, image);
    }
    Map<String, HostTensor> expected = expected();
    List<Double> expectedLosses = expectedLosses();
    ExecutionTrace trace = new ExecutionTrace(session, key -> all || expected.containsKey(key));
    Map<String, HostTensor> logits = EvaluationLogits.of(session, image, trace::run);
    Map<String, HostTensor> got = new LinkedHashMap<>(trace.kept());
    got.putAll(logits);
    List<Double> losses = train(image, label, got);
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    out.ifPresent(
        directory ->
            Safetensors.write(directory.resolve(name).resolve("got.safetensors"), got, Map.of()));
    return expected.isEmpty()
        ? new Parity.Row(name, 0, Double.NaN, "", losses, Optional.empty())
        : new Comparison(trace, expected, got, logits.size()).row(name, losses, expectedLosses);
  }

  private LongTensor label(Safetensors batch, Path where, HostTensor image) {
    List<Long> size = new ArrayList<>(image.shape());
    size.remove(1);
    if (!batch.entries().containsKey("label")
        || !batch.entries().get("label").shape().equals(size)) {
      throw new RigException(
          "%s has no tensor 'label' of shape %s; it has %s"
              .formatted(where, size, EvaluationLogits.described(batch)));
    }
    LongTensor label = batch.longs("label");
    int classes = session.spec().classes();
    for (long value : label.values()) {
      if (value != Dataset.VOID && (value < 0 || value >= classes)) {
        throw new RigException(
            "%s has label %d; expected 0 to %d, or %d for void"
                .formatted(where, value, classes - 1, Dataset.VOID));
      }
    }
    return label;
  }

  private Map<String, HostTensor> expected() {
    Path file = folder.resolve("expected.safetensors");
    if (!Files.exists(file)) {
      return Map.of();
    }
    Map<String, HostTensor> expected = Safetensors.read(file);
    if (expected.isEmpty()) {
      throw new RigException(file + " has no tensors; expected some, or no such file");
    }
    return expected;
  }

  private List<Double> train(HostTensor image, LongTensor label, Map<String, HostTensor> got) {
    try (ReferenceSteps steps = new ReferenceSteps(optimizers, session.manager().getDevice())) {
      List<Double> losses = new ArrayList<>();
      for (int step = 1; step <= 2; step++) {
        try (NDManager manager = session.manager().newSubManager()) {
          NDArray input = EvaluationLogits.array(manager, image);
          NDArray target = manager.create(label.values(), new Shape(label.shape()));
          losses.add(
              steps.step(
                  manager,
                  session.state(),
                  () -> {
                    NDList logits = session.forward(input, true);
                    return EvaluationLogits.resized(logits.get(logits.size() - 1), image);
                  },
                  target,
                  losses.isEmpty()
                      ? (name, gradient) ->
                          got.put(GRADIENT + name, EvaluationLogits.host(gradient))
                      : (name, gradient) -> {}));
        }
        session.sweep();
      }
      for (Map.Entry<String, Parameter> entry : session.state().entrySet()) {
        String name = GRADIENT + entry.getKey();
        if (entry.getValue().requiresGradient() && !got.containsKey(name)) {
          got.put(name, EvaluationLogits.host(entry.getValue().getArray().zerosLike()));
        }
      }
      session.values().forEach((name, value) -> got.put("train.after2." + name, value));
      return losses;
    }
  }

  private List<Double> expectedLosses() {
    Path file = folder.resolve("case.json");
    List<Double> losses = new ArrayList<>();
    if (Json.read(file).get("expected") instanceof Map<?, ?> expected
        && expected.get("train.loss") instanceof List<?> values) {
      for (Object value : values.subList(0, Math.min(2, values.size()))) {
        if (!(value instanceof Number loss)) {
          throw new RigException("%s: train.loss is no list of numbers".formatted(file));
        }
        losses.add(loss.doubleValue());
      }
    }
    return losses;
  }
}
