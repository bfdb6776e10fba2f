package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * What a layer is told beside its inputs: where the values of parameters come from, whether the
 * network trains, and which iteration of an unrolled network the call belongs to. Layers pass it on
 * to the layers they consist of. Between DJL's blocks it travels in the parameters of {@link
 * Block#forward(ParameterStore, NDList, boolean, PairList)}.
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
   * The context of a layer that runs once, outside of an unrolled network.
   *
   * @param store hands out the values of parameters
   * @param training whether the network trains
   */
  public Context(ParameterStore store, boolean training) {
    this(UNKNOWN, store, training);
  }

  /**
   * @param store hands out the values of parameters
   * @param training whether the network trains
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
   * The context in which a DJL block is called.
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
   * @return hands out the values of parameters
   */
  public ParameterStore store() {
    return store;
  }

  /**
   * @return whether the network trains: batch statistics are used, and running statistics updated
   */
  public boolean training() {
    return training;
  }

  /**
   * @return the iteration that the call belongs to, 1 for the first; 1 outside of an unrolled
   *     network
   */
  public int iteration() {
    return Math.max(1, iteration);
  }

  /** Whether somebody has said which iteration this is. */
  boolean knowsIteration() {
    return iteration != UNKNOWN;
  }

  /**
   * @param parameter of a layer
   * @param like an array on the wanted device
   * @return the parameter's value
   */
  public NDArray value(Parameter parameter, NDArray like) {
    return store.getValue(parameter, like.getDevice(), training);
  }

  /**
   * Runs any block in this context, one of DJL's own for example.
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
