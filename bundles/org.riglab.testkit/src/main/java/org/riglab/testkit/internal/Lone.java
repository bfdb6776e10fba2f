package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.api.author.Assembler;

/**
 * Blocks on their own, one after the other.
 *
 * @param blocks in the order in which they run
 * @param prefixes of their parameters' names
 */
record Lone(NDManager manager, List<Block> blocks, Map<String, Parameter> state) implements Trial {
  private static final int SEED = 7;

  /**
   * Initialises blocks, lends them, and frees them.
   *
   * @param prefixes of the parameters' names, one per block
   * @param inputs of the first block
   */
  static <T> T lend(
      Assembler assembler,
      List<String> prefixes,
      List<Block> blocks,
      DataType type,
      Device device,
      List<Shape> inputs,
      Function<? super Lone, T> use) {
    try (NDManager manager = assembler.arrays(device)) {
      manager.getEngine().setRandomSeed((int) Numbers.seed(SEED));
      Map<String, Parameter> state = new LinkedHashMap<>();
      Shape[] shapes = inputs.toArray(Shape[]::new);
      for (int i = 0; i < blocks.size(); i++) {
        Block block = blocks.get(i);
        String prefix = prefixes.get(i);
        Shape[] before = shapes;
        shapes =
            Broken.unless(
                "initialize",
                () -> {
                  block.initialize(manager, type, before);
                  return block.getOutputShapes(before);
                });
        Map<String, Parameter> own =
            Broken.unless("its state dict", () -> assembler.state(prefix, block));
        own.forEach(
            (name, parameter) -> {
              Broken.unless(
                  state.put(name, parameter) == null,
                  "two parameters are named %s; expected one name per parameter",
                  name);
              Broken.unless(
                  parameter.isInitialized(),
                  "parameter %s has no value after initialize; initialize must give it a shape and"
                      + " a value",
                  name);
              parameter.getArray().setRequiresGradient(parameter.requiresGradient());
            });
      }
      return use.apply(new Lone(manager, blocks, state));
    }
  }

  @Override
  public NDList forward(boolean training, NDArray... inputs) {
    return Broken.unless(
        "forward" + (training ? " in training" : ""),
        () -> {
          NDList result = new NDList(inputs);
          for (Block block : blocks) {
            result = block.forward(STORE, result, training);
          }
          return result;
        });
  }
}
