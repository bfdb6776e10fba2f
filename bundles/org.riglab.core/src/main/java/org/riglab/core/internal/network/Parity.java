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

  ParityRow run(Optional<Path> out) {
    Path weights = folder.resolve("weights.safetensors");
    assembly.load(Weights.all(assembly.shapes(), Safetensors.read(weights), weights));
    HostTensor image;
    LongTensor label;
    Path batch = folder.resolve("batch.safetensors");
    try (Safetensors tensors = Safetensors.open(batch)) {
      if (!tensors.entries().keySet().containsAll(List.of("image", "label"))) {
        throw new RigException(
            "%s has %s; a parity batch has image and label"
                .formatted(batch, tensors.entries().keySet()));
      }
      image = tensors.floats("image");
      label = tensors.longs("label");
    }
    Map<String, HostTensor> got = new LinkedHashMap<>(logits(assembly, image));
    List<Double> losses = train(image, label, got);
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    out.ifPresent(
        directory ->
            Safetensors.write(directory.resolve(name).resolve("got.safetensors"), got, Map.of()));
    Path expected = folder.resolve("expected.safetensors");
    if (!Files.exists(expected)) {
      return new ParityRow(name, 0, Double.NaN, "", losses);
    }
    return compare(name, Safetensors.read(expected), got, losses);
  }

  /** Evaluation logits of each prediction at the image's size, as {@code eval.logits.tT}. */
  static Map<String, HostTensor> logits(Assembly assembly, HostTensor image) {
    Map<String, HostTensor> result = new LinkedHashMap<>();
    Torch.withoutGrad(
        () -> {
          try (NDManager manager = assembly.manager().newSubManager()) {
            NDList logits = assembly.forward(array(manager, image), false, null);
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

  private ParityRow compare(
      String name,
      Map<String, HostTensor> expected,
      Map<String, HostTensor> got,
      List<Double> losses) {
    double largest =
        expected.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(GRADIENT))
            .mapToDouble(entry -> norm(entry.getValue().values(), null))
            .max()
            .orElse(1);
    double worst = 0;
    String where = "";
    for (Map.Entry<String, HostTensor> entry : expected.entrySet()) {
      HostTensor other = got.get(entry.getKey());
      double error;
      if (other == null || !other.shape().equals(entry.getValue().shape())) {
        error = Double.POSITIVE_INFINITY;
      } else {
        // a gradient smaller than a thousandth of the largest counts against that
        double floor = entry.getKey().startsWith(GRADIENT) ? 1e-3 * largest : 1e-6;
        error =
            norm(entry.getValue().values(), other.values())
                / Math.max(norm(entry.getValue().values(), null), floor);
      }
      if (!(error <= worst)) {
        worst = error;
        where = entry.getKey();
      }
    }
    List<Double> wanted = expectedLosses();
    for (int i = 0; i < wanted.size(); i++) {
      double error = Math.abs(losses.get(i) - wanted.get(i)) / Math.abs(wanted.get(i));
      if (!(error <= worst)) {
        worst = error;
        where = "train.loss of step " + (i + 1);
      }
    }
    return new ParityRow(name, expected.size(), worst, where, losses);
  }

  private List<Double> expectedLosses() {
    if (Json.read(folder.resolve("case.json")).get("expected") instanceof Map<?, ?> expected
        && expected.get("train.loss") instanceof List<?> losses) {
      return losses.stream().map(loss -> ((Number) loss).doubleValue()).limit(2).toList();
    }
    return List.of();
  }

  /** The norm of a, or of a - b. */
  private static double norm(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = b == null ? a[i] : (double) a[i] - b[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
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

  private static HostTensor host(NDArray array) {
    List<Long> shape = java.util.Arrays.stream(array.getShape().getShape()).boxed().toList();
    return new HostTensor(shape, array.toFloatArray());
  }
}
