package org.riglab.graph.internal.trace;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.network.ImageSizes;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.nn.Functional;

/**
 * Records what DJL code does with its arrays: it is given symbolic ones, which know shape and type
 * but have no values. Nothing is computed, so that a large network at full size takes milliseconds.
 */
public final class Tracer {
  /**
   * Images. Sides that are equal in all of these are taken for equal: some of them can be divided
   * by every stride and others cannot, and no two are alike.
   */
  private static final List<Shape> SIZES =
      List.of(
          new Shape(2, 3, 321, 481),
          new Shape(3, 3, 512, 384),
          new Shape(5, 3, 203, 334),
          new Shape(7, 3, 1027, 769));

  private Tracer() {}

  /**
   * Records a network's pass.
   *
   * @param network from within
   * @param batch images
   * @param height in pixels
   * @param width in pixels
   * @param training as for a block's forward
   * @return the graph; its outputs are the logits of each prediction
   * @throws org.riglab.api.RigException if something cannot be traced; names operation and class
   */
  public static Graph trace(Blueprint network, int batch, int height, int width, boolean training) {
    return trace(network, new Shape(batch, 3, height, width), training, logits -> logits);
  }

  private static Graph trace(
      Blueprint network, Shape shape, boolean training, UnaryOperator<NDArray> after) {
    Map<Parameter, String> names = new IdentityHashMap<>();
    network.state().forEach((name, parameter) -> names.put(parameter, name));
    Recorder recorder = new Recorder();
    NDArray image = recorder.input("image", shape, DataType.FLOAT32);
    NDList logits =
        network.forward(new Store(recorder, names), image, training, new Runs(recorder));
    NDList results = new NDList();
    logits.forEach(array -> results.add(after.apply(array)));
    return recorder.graph(results);
  }

  /**
   * Records a network's pass for images of any size that the network takes, or of one.
   *
   * @param network from within
   * @param training as for a block's forward
   * @param enlarge whether logits are brought to the image's size
   * @param size height and width of all images; empty for any
   * @return the pass at several sizes; its outputs are the logits of each prediction
   * @throws org.riglab.api.RigException if something cannot be traced, or what is computed depends
   *     on the size; names it
   */
  public static Sizes sizes(
      Blueprint network, boolean training, boolean enlarge, List<Integer> size) {
    ImageSizes taken = network.sizes();
    return Functional.anySize(
        () ->
            new Sizes(
                SIZES.stream()
                    .map(any -> image(any, taken, size))
                    .map(
                        image ->
                            trace(
                                network,
                                image,
                                training,
                                logits -> enlarge ? enlarged(logits, image) : logits))
                    .toList()));
  }

  private static Shape image(Shape any, ImageSizes taken, List<Integer> size) {
    return size.isEmpty()
        ? new Shape(any.get(0), any.get(1), taken.next(any.get(2)), taken.next(any.get(3)))
        : new Shape(any.get(0), any.get(1), size.get(0), size.get(1));
  }

  private static NDArray enlarged(NDArray logits, Shape image) {
    return Functional.interpolate(logits, image.get(2), image.get(3));
  }

  /**
   * Records a function, such as a loss or a single block's forward.
   *
   * @param inputs types and shapes of its arguments, in order
   * @param names of parameters; others are called by their own name
   * @param function what is recorded
   * @return the graph
   * @throws org.riglab.api.RigException if something cannot be traced; names operation and class
   */
  public static Graph trace(
      List<Argument> inputs,
      Map<Parameter, String> names,
      BiFunction<ParameterStore, NDList, NDList> function) {
    Recorder recorder = new Recorder();
    NDList arguments = new NDList();
    inputs.forEach(input -> arguments.add(recorder.input(input.name, input.shape, input.type)));
    return recorder.graph(function.apply(new Store(recorder, names), arguments));
  }

  /**
   * An argument of a traced function.
   *
   * @param name for the listing
   * @param shape of it
   * @param type of its elements
   */
  public record Argument(String name, Shape shape, DataType type) {}

  /** Tells the recorder what runs. */
  private record Runs(Recorder recorder) implements Listener {
    @Override
    public void enter(boolean gate, int block, int iteration, NDList inputs) {
      recorder.enter(gate, block, iteration, ids(inputs));
    }

    @Override
    public void leave(NDList outputs) {
      recorder.leave(ids(outputs));
    }

    private List<Integer> ids(NDList arrays) {
      return arrays.stream().map(array -> Symbol.of(recorder, array).id()).toList();
    }
  }

  /** Hands out symbolic parameters, each one once. */
  private static final class Store extends ParameterStore {
    private final Recorder recorder;
    private final Map<Parameter, String> names;
    private final Map<Parameter, NDArray> values = new IdentityHashMap<>();

    Store(Recorder recorder, Map<Parameter, String> names) {
      // without one, a store makes a manager that nobody closes
      super(recorder.manager(), false);
      this.recorder = recorder;
      this.names = names;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
      return parameter == null ? null : values.computeIfAbsent(parameter, this::symbol);
    }

    private NDArray symbol(Parameter parameter) {
      return recorder.record(
          new Op.Param(
              names.getOrDefault(parameter, parameter.getName()), parameter.requiresGradient()),
          List.of(),
          parameter.isInitialized() ? parameter.getArray().getDataType() : DataType.FLOAT32,
          parameter.getShape());
    }
  }

  static List<Long> list(Shape shape) {
    return LongStream.of(shape.getShape()).boxed().toList();
  }

  static Shape shape(List<Long> sizes) {
    return new Shape(new ArrayList<>(sizes));
  }
}
