package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * The context of a forward call: the store of parameter values, whether the network is trained, and
 * the iteration of an unrolled network. Layers pass it on to the layers they consist of. Between
 * DJL blocks it is passed in the parameters of {@link Block#forward(ParameterStore, NDList,
 * boolean, PairList)}.
 */
public final class Context {
  private static final String ITERATION = "riglab.iteration";
  private static final int UNKNOWN = 0;

  private final ParameterStore store;
  private final boolean training;
  private final int iteration;

  private Context(int iteration, ParameterStore store, boolean training) {
    this.store = store;
    this.training = training;
    this.iteration = iteration;
  }

  /**
   * Creates the context of a layer that runs once, outside of an unrolled network.
   *
   * @param store provides the values of parameters
   * @param training whether the network is trained
   */
  public Context(ParameterStore store, boolean training) {
    this(UNKNOWN, store, training);
  }

  /**
   * @param store provides the values of parameters
   * @param training whether the network is trained
   * @param iteration 1 for the first
   * @throws IllegalArgumentException if the iteration is less than 1
   */
  public Context(ParameterStore store, boolean training, int iteration) {
    this(iteration, store, training);
    if (iteration < 1) {
      throw new IllegalArgumentException("the iteration is " + iteration + ", not 1 or more");
    }
  }

  /**
   * Returns the context of a call of a DJL block.
   *
   * @param store see {@link Block#forward(ParameterStore, NDList, boolean, PairList)}
   * @param training see there
   * @param params see there; may be null
   * @return the context
   */
  public static Context of(
      ParameterStore store, boolean training, PairList<String, Object> params) {
    boolean known = params != null && params.get(ITERATION) instanceof Integer;
    return new Context(known ? (Integer) params.get(ITERATION) : UNKNOWN, store, training);
  }

  /**
   * @return the store of parameter values
   */
  public ParameterStore store() {
    return store;
  }

  /**
   * @return whether the network is trained: batch statistics are used, and running statistics
   *     updated
   */
  public boolean training() {
    return training;
  }

  /**
   * @return the iteration of the call, 1 for the first; 1 outside of an unrolled network
   */
  public int iteration() {
    return Math.max(1, iteration);
  }

  /** Whether the iteration is known. */
  boolean knowsIteration() {
    return iteration != UNKNOWN;
  }

  /**
   * @param parameter of a layer
   * @param like an array on the required device
   * @return the parameter's value
   */
  public NDArray value(Parameter parameter, NDArray like) {
    return store.getValue(parameter, like.getDevice(), training);
  }

  /**
   * The value of a parameter in another shape. Results of an operation belong to the manager of its
   * first operand; the value's own manager is that of the network, where they would accumulate with
   * each pass.
   *
   * @param parameter of a layer
   * @param like an array on the required device
   * @param shape with as many elements
   * @return the value, which belongs to the manager of {@code like}
   */
  public NDArray value(Parameter parameter, NDArray like, long... shape) {
    NDArray value = value(parameter, like).reshape(shape);
    value.attach(like.getManager());
    return value;
  }

  /**
   * Runs any block in this context, for example a block of DJL.
   *
   * @param block to run
   * @param inputs of the block
   * @return its outputs
   */
  public NDList forward(Block block, NDList inputs) {
    PairList<String, Object> params = new PairList<>();
    if (knowsIteration()) {
      params.add(ITERATION, iteration);
    }
    return block.forward(store, inputs, training, params);
  }
}
