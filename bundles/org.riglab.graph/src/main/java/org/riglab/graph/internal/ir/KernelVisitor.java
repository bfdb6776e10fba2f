package org.riglab.graph.internal.ir;

/**
 * What is done for each kernel of a graph. There is one method per kernel, so that a consumer that
 * lacks one does not compile.
 *
 * @param <R> result
 */
public interface KernelVisitor<R> {
  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R part(Node node, Kernel.Part op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R arrange(Node node, Kernel.Arrange op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R identity(Node node, Kernel.Identity op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R columns(Node node, Kernel.Columns op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R packedWeight(Node node, Kernel.PackedWeight op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R fusedConvolution(Node node, Kernel.FusedConvolution op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R seed(Node node, Kernel.Seed op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R store(Node node, Kernel.Store op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R storeProduct(Node node, Kernel.StoreProduct op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R pointwiseBackward(Node node, Kernel.PointwiseBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R convolutionBackward(Node node, Kernel.ConvolutionBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R batchNormBackward(Node node, Kernel.BatchNormBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R layerNormBackward(Node node, Kernel.LayerNormBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R poolBackward(Node node, Kernel.PoolBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R resizeBackward(Node node, Kernel.ResizeBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R softmaxBackward(Node node, Kernel.SoftmaxBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R dropoutBackward(Node node, Kernel.DropoutBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R sliceBackward(Node node, Kernel.SliceBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R gatherBackward(Node node, Kernel.GatherBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R columnsBackward(Node node, Kernel.ColumnsBackward op);

  /**
   * @param node of the graph
   * @param op its operation
   * @return the result
   */
  R enlargedCrossEntropy(Node node, Kernel.EnlargedCrossEntropy op);
}
