package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.riglab.api.RigException;
import org.riglab.api.network.Stage;
import org.riglab.base.Sha256;
import org.riglab.networks.StateDict;
import org.riglab.networks.engine.Randomness;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;

/**
 * The parameters of a network by name, and their values. Each parameter draws from a stream of its
 * own: networks that share a parameter's name and seed start with the same value there, whatever
 * else they are made of.
 */
final class NetworkState {
  private static final NDIndex ALL = new NDIndex("...");

  private final NDManager manager;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /** The parameters' arrays, by their identifiers; all else on the manager is left over. */
  private final Set<String> owned = new HashSet<>();

  /**
   * Initialises a network.
   *
   * @param block the network
   * @param manager owns the arrays; not closed
   * @param seed of the values
   * @param seeded whether values are drawn; else all of them must be loaded
   */
  NetworkState(NetworkBlock block, NDManager manager, long seed, boolean seeded) {
    this.manager = manager;
    initialise(block, seed, seeded);
  }

  NDManager manager() {
    return manager;
  }

  Map<String, Parameter> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  private void initialise(NetworkBlock block, long seed, boolean seeded) {
    collect(block);
    if (!seeded) {
      parameters
          .values()
          .forEach(p -> p.setInitializer((arrays, shape, type) -> arrays.create(shape, type)));
    }
    Map<String, Parameter> drawn = seeded ? parameters : Map.of();
    try (Randomness randomness = Randomness.hold()) {
      drawn.forEach(
          (name, parameter) -> {
            Initializer initializer = parameter.getInitializer();
            parameter.setInitializer(
                (arrays, shape, type) -> {
                  randomness.seed(stream(seed, name));
                  return initializer.initialize(arrays, shape, type);
                });
          });
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 64, 64));
    }
    parameters.clear(); // a block may have made parameters only now
    collect(block);
    for (Parameter parameter : parameters.values()) {
      value(parameter).setRequiresGradient(parameter.requiresGradient());
      owned.add(value(parameter).getUid());
    }
    sweep();
  }

  private void collect(NetworkBlock block) {
    for (Stage stage : block.stages()) {
      StateDict.collect(parameters, stage.prefix(), stage.block());
    }
    block.gates().forEach((k, gate) -> StateDict.collect(parameters, "gates." + k + ".", gate));
  }

  private static int stream(long seed, String name) {
    byte[] hash = Sha256.digest().digest((seed + " " + name).getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(hash).getInt();
  }

  private static NDArray value(Parameter parameter) {
    return parameter.getArray();
  }

  /** Frees what a step left on the manager of the parameters. */
  void sweep() {
    for (NDArray array : manager.getManagedArrays()) {
      if (!owned.contains(array.getUid())) {
        array.close();
      }
    }
  }

  /** Names and shapes, in order. */
  Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    parameters.forEach(
        (name, parameter) ->
            shapes.put(
                name, LongStream.of(value(parameter).getShape().getShape()).boxed().toList()));
    return shapes;
  }

  /** A copy of the values of a parameter. */
  float[] floats(String name) {
    float[] values = value(parameters.get(name)).toFloatArray();
    sweep();
    return values;
  }

  /** A copy of all values. */
  Map<String, HostTensor> values() {
    Map<String, HostTensor> values = new LinkedHashMap<>();
    shapes()
        .forEach(
            (name, shape) ->
                values.put(
                    name, new HostTensor(shape, value(parameters.get(name)).toFloatArray())));
    sweep();
    return values;
  }

  /** Sets values; names and shapes must be this network's. */
  void load(Map<String, HostTensor> values) {
    Map<String, List<Long>> shapes = shapes();
    values.forEach(
        (name, tensor) -> {
          if (!tensor.shape().equals(shapes.get(name))) {
            throw new RigException(
                "%s has shape %s; the network expects %s"
                    .formatted(name, tensor.shape(), shapes.get(name)));
          }
        });
    Torch.withoutGrad(
        () -> {
          values.forEach(
              (name, tensor) -> {
                // a plain set from a buffer makes libtorch print a warning on the console
                try (NDArray source = manager.create(tensor.values(), new Shape(tensor.shape()))) {
                  value(parameters.get(name)).set(ALL, source);
                }
              });
          return null;
        });
    sweep();
  }
}
