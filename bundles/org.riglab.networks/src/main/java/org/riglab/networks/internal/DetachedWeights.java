package org.riglab.networks.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Head;
import org.riglab.base.FileFailures;
import org.riglab.parts.PartSpecs;
import org.riglab.tensors.Dtype;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.tensors.TensorFile;

/**
 * Weights that a network had before a swap and has no place for now, in a file beside its own. A
 * tensor is known by the part it belonged to, with its options, its name and its shape: when that
 * part comes back, it gets the values that it went with.
 */
final class DetachedWeights implements AutoCloseable {
  private static final String NAME = "parked.safetensors";
  private static final String GATES = "gates.";
  private static final String EARLIER_DEFAULT = "fcn";

  private final Path file;
  private final Optional<Safetensors> there;

  /**
   * @param model the network's file
   */
  DetachedWeights(Path model) {
    this.file = model.resolveSibling(NAME);
    this.there = Files.exists(file) ? Optional.of(Safetensors.open(file)) : Optional.empty();
  }

  private static String key(NetworkSpec spec, String name, List<Long> shape) {
    if (name.startsWith(GATES)) {
      return key(PartSpecs.write(spec.gate()), name, shape);
    }
    String backbone = PartSpecs.write(spec.backbone());
    return key(
        name.startsWith(Head.PREFIX)
            ? backbone + " " + PartSpecs.write(spec.head()) // made for this backbone's features
            : backbone,
        name,
        shape);
  }

  private static String key(String owner, String name, List<Long> shape) {
    String sizes = shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
    return String.join("/", owner, name, sizes);
  }

  /** The key under which the tensor is there, if it is. */
  private Optional<String> find(NetworkSpec spec, String name, List<Long> shape) {
    return there.flatMap(
        tensors ->
            Stream.of(key(spec, name, shape), earlier(spec, name, shape))
                .filter(tensors.tensors()::containsKey)
                .findFirst());
  }

  /** The key of release 0.1, in which the head was an option of the backbone. */
  private static String earlier(NetworkSpec spec, String name, List<Long> shape) {
    Map<String, Object> options = new LinkedHashMap<>(spec.backbone().options());
    if (HeadSpecs.hadOption(spec.backbone().name())
        && !spec.head().name().equals(EARLIER_DEFAULT)) {
      options.put(HeadSpecs.OPTION, spec.head().name());
    }
    return key(PartSpecs.write(new PartSpec(spec.backbone().name(), options)), name, shape);
  }

  /**
   * @param spec of the network that the tensor is for
   * @param name of the tensor
   * @param shape of the tensor
   * @return whether it is there
   */
  boolean has(NetworkSpec spec, String name, List<Long> shape) {
    return find(spec, name, shape).isPresent();
  }

  /** Reads a tensor that is there. */
  HostTensor floats(NetworkSpec spec, String name, List<Long> shape) {
    return new HostTensor(
        shape, there.orElseThrow().floats(find(spec, name, shape).orElseThrow()).values());
  }

  /**
   * Adds the tensors that another spec has no place for; those of the same part, name and shape
   * that are there already go.
   *
   * @param before the network's file
   * @param spec of the network in it
   * @param shapes of what the network has from now on
   */
  void add(TensorFile before, NetworkSpec spec, Map<String, List<Long>> shapes) {
    Map<String, List<Long>> all = new LinkedHashMap<>();
    Map<String, Function<String, HostTensor>> sources = new LinkedHashMap<>();
    there.ifPresent(
        old ->
            old.tensors()
                .forEach(
                    (key, info) -> {
                      all.put(key, info.shape());
                      sources.put(key, old::floats);
                    }));
    boolean more = false;
    for (Map.Entry<String, TensorFile.Info> tensor : before.tensors().entrySet()) {
      String name = tensor.getKey();
      List<Long> shape = tensor.getValue().shape();
      if (tensor.getValue().dtype() == Dtype.F32 && !shape.equals(shapes.get(name))) {
        String key = key(spec, name, shape);
        all.put(key, shape);
        sources.put(key, ignored -> before.floats(name));
        more = true;
      }
    }
    if (more) {
      Safetensors.write(file, all, key -> sources.get(key).apply(key).values(), Map.of());
    }
  }

  /** Removes what there is of a network. */
  static void discard(Path model) {
    try {
      Files.deleteIfExists(model.resolveSibling(NAME));
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO,
          "cannot delete " + model.resolveSibling(NAME) + ": " + FileFailures.reason(e),
          e);
    }
  }

  @Override
  public void close() {
    there.ifPresent(Safetensors::close);
  }
}
