package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Unroll;

/** Small networks in which strategies are checked. */
final class UnrollNetworks {
  static final int CLASSES = 4;
  static final int MOST = 4; // iterations
  static final Shape IMAGE = new Shape(2, 3, 33, 47);

  private UnrollNetworks() {}

  private static NetworkSpec spec(Subject<Unroll> subject, int iterations, List<Integer> feedback) {
    return new NetworkSpec(
        PartSpec.of("tiny"),
        PartSpec.of("tiny"),
        PartSpec.of("tiny"),
        subject.spec(),
        feedback,
        iterations,
        CLASSES,
        BatchNormPolicy.SHARED,
        Numbers.seed(7));
  }

  /** A network of small partners that the strategy runs. */
  static <T> T assemble(
      Subject<Unroll> subject,
      int iterations,
      List<Integer> feedback,
      Function<Blueprint, T> look) {
    return subject
        .tools()
        .assembler()
        .assemble(
            spec(subject, iterations, feedback),
            Partners.BACKBONE,
            Partners.HEAD,
            Partners.GATE,
            subject.provider(),
            look);
  }

  static String words(int iterations, List<Integer> feedback) {
    return "u=%d, feedback %s".formatted(iterations, feedback);
  }

  /** Networks that a strategy must be able to run. */
  interface Look {
    void at(int iterations, List<Integer> feedback, Blueprint network);
  }

  /** Looks at networks of all lengths and kinds of feedback. */
  static void each(Subject<Unroll> subject, Look look) {
    for (int u = 1; u <= MOST; u++) {
      for (List<Integer> feedback : List.of(List.of(2, 3), List.of(1, 2, 3), List.of(3))) {
        int iterations = u;
        assemble(
            subject,
            u,
            feedback,
            network -> {
              look.at(iterations, feedback, network);
              return null;
            });
      }
    }
  }

  static NDList forward(Blueprint network, NDArray image, boolean training, Listener listener) {
    return Trial.without(() -> network.forward(Trial.STORE, image, training, listener));
  }

  static NDManager step(Blueprint network) {
    return new Assembled(network).manager().newSubManager();
  }

  /** A small network of two iterations with gates at its last two blocks. */
  record Network(Subject<Unroll> subject) implements Probe {
    @Override
    public <T> T lend(DataType type, Device device, Function<Trial, T> use) {
      return assemble(subject, 2, List.of(2, 3), network -> use.apply(new Assembled(network)));
    }

    @Override
    public List<Shape> inputs() {
      return List.of(IMAGE);
    }

    @Override
    public List<Shape> others() {
      return List.of(new Shape(1, 3, 21, 29));
    }

    @Override
    public List<Shape> large() {
      return List.of(new Shape(2, 3, 160, 192));
    }

    @Override
    public Set<DataType> types() {
      return Set.of(DataType.FLOAT32); // what a network is assembled in
    }

    @Override
    public String name(int input) {
      return "the image";
    }

    @Override
    public List<NDArray> results(NDList result) {
      return result;
    }
  }
}
