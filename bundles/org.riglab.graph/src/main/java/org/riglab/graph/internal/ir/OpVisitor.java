package org.riglab.graph.internal.ir;

/**
 * What is done for each operation of a graph. There is one method per operation, so that a consumer
 * that lacks an operation does not compile.
 *
 * @param <R> result
 */
public interface OpVisitor<R> {
  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R input(Node node, Op.Input op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R param(Node node, Op.Param op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R fill(Node node, Op.Fill op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R literal(Node node, Op.Literal op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R random(Node node, Op.Random op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R pointwise(Node node, Op.Pointwise op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R cast(Node node, Op.Cast op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R detach(Node node, Op.Detach op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R convolution(Node node, Op.Convolution op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R matMul(Node node, Op.MatMul op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R linear(Node node, Op.Linear op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R batchNorm(Node node, Op.BatchNorm op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R layerNorm(Node node, Op.LayerNorm op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R pool(Node node, Op.Pool op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R resize(Node node, Op.Resize op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R along(Node node, Op.Along op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R reduce(Node node, Op.Reduce op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R concat(Node node, Op.Concat op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R reshape(Node node, Op.Reshape op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R transpose(Node node, Op.Transpose op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R slice(Node node, Op.Slice op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R broadcast(Node node, Op.Broadcast op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R tile(Node node, Op.Tile op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R pad(Node node, Op.Pad op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R gather(Node node, Op.Gather op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R oneHot(Node node, Op.OneHot op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R crossEntropy(Node node, Op.CrossEntropy op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R dropout(Node node, Op.Dropout op);

  /**
   * @param node of the graph
   * @param op its operation, one that only the compiler makes
   * @return the result
   */
  R kernel(Node node, Kernel op);
}
