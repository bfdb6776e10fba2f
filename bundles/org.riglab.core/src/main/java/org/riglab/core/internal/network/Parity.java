package org.riglab.core.internal.network;

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
import org.riglab.api.bench.Bench.ParityRow;
import org.riglab.api.data.Dataset;
import org.riglab.core.internal.engine.Torch;
import org.riglab.core.internal.options.Json;
import org.riglab.core.internal.tensors.LongTensor;
import org.riglab.core.internal.tensors.Safetensors;
import org.riglab.core.internal.train.ReferenceSteps;
import org.riglab.nn.Functional;

/**
 * Computes what a parity case asks for: evaluation logits, then two steps of SGD with PyTorch's
 * semantics (learning rate 0.01 for {@code backbone.}, 0.1 for the rest, momentum 0.9, weight decay
 * 5e-4) on the cross entropy of the last iteration.
 */
final class Parity {
  private static final String GRADIENT = "train.grad.";

  private final Assembly assembly;
  private final Path folder;

  Parity(Assembly assembly, Path folder) {
    this.assembly = assembly;
    this.folder = folder;
  }

  ParityRow run(Optional<Path> out, boolean all) {
    Path weights = folder.resolve("weights.safetensors");
    assembly.load(Weights.all(assembly.shapes(), weights));
    HostTensor image;
    LongTensor label;
    Path batch = folder.resolve("batch.safetensors");
    try (Safetensors tensors = Safetensors.open(batch)) {
      image = image(tensors, batch);
      label = label(tensors, batch, image);
    }
    Map<String, HostTensor> expected = expected();
    List<Double> expectedLosses = expectedLosses();
    Trace trace = new Trace(assembly, key -> all || expected.containsKey(key));
    Map<String, HostTensor> logits = logits(assembly, image, trace);
    Map<String, HostTensor> got = new LinkedHashMap<>(trace.kept());
    got.putAll(logits);
    List<Double> losses = train(image, label, got);
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    out.ifPresent(
        directory ->
            Safetensors.write(directory.resolve(name).resolve("got.safetensors"), got, Map.of()));
    return expected.isEmpty()
        ? new ParityRow(name, 0, Double.NaN, "", losses, Optional.empty())
        : new Comparison(assembly, trace, expected, got, logits.size())
            .row(name, losses, expectedLosses);
  }

  /** A batch's image (N, 3, H, W). */
  static HostTensor image(Safetensors batch, Path where) {
    Safetensors.Entry entry = batch.entries().get("image");
    if (entry == null
        || entry.shape().size() != 4
        || entry.shape().get(1) != 3
        || entry.shape().contains(0L)) {
      throw new RigException(
          "%s has no tensor 'image' of shape (N, 3, H, W); it has %s"
              .formatted(where, described(batch)));
    }
    return batch.floats("image");
  }

  private LongTensor label(Safetensors batch, Path where, HostTensor image) {
    List<Long> size = new ArrayList<>(image.shape());
    size.remove(1);
    if (!batch.entries().containsKey("label")
        || !batch.entries().get("label").shape().equals(size)) {
      throw new RigException(
          "%s has no tensor 'label' of shape %s; it has %s"
              .formatted(where, size, described(batch)));
    }
    LongTensor label = batch.longs("label");
    int classes = assembly.spec().classes();
    for (long value : label.values()) {
      if (value != Dataset.VOID && (value < 0 || value >= classes)) {
        throw new RigException(
            "%s has label %d; right would be 0 to %d, or %d for void"
                .formatted(where, value, classes - 1, Dataset.VOID));
      }
    }
    return label;
  }

  private static List<String> described(Safetensors file) {
    return file.entries().entrySet().stream()
        .limit(8)
        .map(entry -> entry.getKey() + " " + entry.getValue().shape())
        .toList();
  }

  private Map<String, HostTensor> expected() {
    Path file = folder.resolve("expected.safetensors");
    if (!Files.exists(file)) {
      return Map.of();
    }
    Map<String, HostTensor> expected = Safetensors.read(file);
    if (expected.isEmpty()) {
      throw new RigException(file + " has no tensors; right would be some, or no such file");
    }
    return expected;
  }

  /** Evaluation logits of each prediction at the image's size, as {@code eval.logits.tT}. */
  static Map<String, HostTensor> logits(Assembly assembly, HostTensor image) {
    return logits(assembly, image, new Trace(assembly, key -> false));
  }

  private static Map<String, HostTensor> logits(Assembly assembly, HostTensor image, Trace trace) {
    Map<String, HostTensor> result = new LinkedHashMap<>();
    Torch.withoutGrad(
        () -> {
          try (NDManager manager = assembly.manager().newSubManager()) {
            List<NDArray> logits = trace.run(array(manager, image));
            for (int t = 1; t <= logits.size(); t++) {
              result.put("eval.logits.t" + t, host(resized(logits.get(t - 1), image)));
            }
          }
          assembly.sweep();
          return null;
        });
    return result;
  }

  private List<Double> train(HostTensor image, LongTensor label, Map<String, HostTensor> got) {
    try (ReferenceSteps steps = new ReferenceSteps(assembly.manager().getDevice())) {
      List<Double> losses = new ArrayList<>();
      for (int step = 1; step <= 2; step++) {
        try (NDManager manager = assembly.manager().newSubManager()) {
          NDArray input = array(manager, image);
          NDArray target = manager.create(label.values(), shape(label.shape()));
          losses.add(
              steps.step(
                  manager,
                  assembly.state(),
                  () -> {
                    NDList logits = assembly.forward(input, true, null);
                    return resized(logits.get(logits.size() - 1), image);
                  },
                  target,
                  losses.isEmpty()
                      ? (name, gradient) -> got.put(GRADIENT + name, host(gradient))
                      : (name, gradient) -> {}));
        }
        assembly.sweep();
      }
      for (Map.Entry<String, Parameter> entry : assembly.state().entrySet()) {
        String name = GRADIENT + entry.getKey();
        if (entry.getValue().requiresGradient() && !got.containsKey(name)) {
          List<Long> shape = assembly.shapes().get(entry.getKey());
          int size = (int) entry.getValue().getShape().size();
          got.put(name, new HostTensor(shape, new float[size]));
        }
      }
      assembly.values().forEach((name, value) -> got.put("train.after2." + name, value));
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

  private static NDArray resized(NDArray logits, HostTensor image) {
    return Functional.interpolate(logits, image.shape().get(2), image.shape().get(3));
  }

  private static NDArray array(NDManager manager, HostTensor tensor) {
    return manager.create(tensor.values(), shape(tensor.shape()));
  }

  private static Shape shape(List<Long> sizes) {
    return new Shape(sizes);
  }

  static HostTensor host(NDArray array) {
    List<Long> shape = java.util.Arrays.stream(array.getShape().getShape()).boxed().toList();
    return new HostTensor(shape, array.toFloatArray());
  }
}
