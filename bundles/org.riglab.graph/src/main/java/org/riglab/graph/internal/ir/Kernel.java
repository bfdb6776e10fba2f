package org.riglab.graph.internal.ir;

import java.util.List;

/**
 * An operation that no network is written in: the compiler makes it, for a gradient or because a
 * library computes it faster. Names of PyTorch's kernels are in {@code torchscript.KernelCode}.
 */
public sealed interface Kernel extends Op {
  @Override
  default <R> R accept(OpVisitor<R> visitor, Node node) {
    return visitor.kernel(node, this);
  }

  /**
   * @param visitor of kernels
   * @param node that this operation computes
   * @param <R> the visitor's result
   * @return what the visitor's method for this operation returns
   */
  <R> R visit(KernelVisitor<R> visitor, Node node);

  /**
   * Another result of its operand, where that operation has several; a node stands for the first.
   *
   * @param index 1 for the second result
   */
  record Part(int index) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.part(node, this);
    }
  }

  /** Conversion to the layout of the node. */
  record Arrange() implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.arrange(node, this);
    }
  }

  /** A matrix with ones on its diagonal. */
  record Identity() implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.identity(node, this);
    }
  }

  /**
   * Windows of (N, C, H, W) as columns (N, C times kernel, windows): PyTorch's im2col.
   *
   * @param kernel per side
   * @param dilation per side
   * @param padding per side
   * @param stride per side
   */
  record Columns(List<Long> kernel, List<Long> dilation, List<Long> padding, List<Long> stride)
      implements Kernel {
    /** Copies the lists. */
    public Columns {
      kernel = List.copyOf(kernel);
      dilation = List.copyOf(dilation);
      padding = List.copyOf(padding);
      stride = List.copyOf(stride);
    }

    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.columns(node, this);
    }
  }

  /**
   * Weights of a convolution in the order in which oneDNN reads them.
   *
   * @param convolution that reads them
   */
  record PackedWeight(Op.Convolution convolution) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.packedWeight(node, this);
    }
  }

  /**
   * Convolution by oneDNN of x with packed weights and perhaps a bias, and what follows it.
   *
   * @param convolution its sizes
   * @param sum whether the last operand is added
   * @param relu whether a ReLU follows
   * @param inPlace whether the sum is written over its last operand
   */
  record FusedConvolution(Op.Convolution convolution, boolean sum, boolean relu, boolean inPlace)
      implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.fusedConvolution(node, this);
    }
  }

  /**
   * Gradient of a result of the graph, which the caller passes in.
   *
   * @param output index of the result
   */
  record Seed(int output) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.seed(node, this);
    }
  }

  /**
   * Stores a gradient, the second operand, as that of a parameter, the first.
   *
   * @param replace whether it replaces the gradient there is rather than being added to it
   */
  record Store(boolean replace) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.store(node, this);
    }
  }

  /**
   * Computes the gradient of a parameter (M, ...), the first operand, in its place: the transposed
   * second operand (K, M) times the third (K, N).
   */
  record StoreProduct() implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.storeProduct(node, this);
    }
  }

  /**
   * Gradient of a function of one array: from the gradient of its result and either its result or
   * its operand, as the engine's kernel wants.
   *
   * @param function as in {@link Op.Pointwise}
   * @param numbers as in {@link Op.Pointwise}
   */
  record PointwiseBackward(String function, List<Double> numbers) implements Kernel {
    /** Copies the list. */
    public PointwiseBackward {
      numbers = List.copyOf(numbers);
    }

    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.pointwiseBackward(node, this);
    }
  }

  /**
   * Gradients of x, weights and bias: from the gradient of the result, x and weights.
   *
   * @param convolution its sizes
   * @param input whether the first is computed
   * @param weight whether the second is computed
   * @param bias whether the third is computed
   */
  record ConvolutionBackward(
      Op.Convolution convolution, boolean input, boolean weight, boolean bias) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.convolutionBackward(node, this);
    }
  }

  /**
   * Gradients of x, weight and bias: from the gradient of the result, x, the mean and the inverse
   * deviation that the forward pass computed, the weight if there is one, and running mean and
   * variance unless batch statistics were used.
   *
   * @param norm the operation
   * @param affine whether there is a weight
   * @param input whether the first is computed
   * @param weight whether the second is computed
   * @param bias whether the third is computed
   */
  record BatchNormBackward(
      Op.BatchNorm norm, boolean affine, boolean input, boolean weight, boolean bias)
      implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.batchNormBackward(node, this);
    }
  }

  /**
   * Gradients of x, weight and bias: from the gradient of the result, x, mean, inverse deviation,
   * weight and bias.
   *
   * @param norm the operation
   */
  record LayerNormBackward(Op.LayerNorm norm) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.layerNormBackward(node, this);
    }
  }

  /**
   * Gradient of x: from the gradient of the result, x and, of max pooling, the indices.
   *
   * @param pool the operation
   */
  record PoolBackward(Op.Pool pool) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.poolBackward(node, this);
    }
  }

  /**
   * Gradient of x in the size of the node: from the gradient of the result.
   *
   * @param resize the operation
   */
  record ResizeBackward(Op.Resize resize) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.resizeBackward(node, this);
    }
  }

  /**
   * Gradient of x: from the gradient of the result and the result.
   *
   * @param along softmax or logSoftmax
   */
  record SoftmaxBackward(Op.Along along) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.softmaxBackward(node, this);
    }
  }

  /**
   * Gradient of x: from the gradient of the result and the mask.
   *
   * @param scale by which what was kept was multiplied
   */
  record DropoutBackward(double scale) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.dropoutBackward(node, this);
    }
  }

  /**
   * Gradient of x in the shape of the node, zero outside of the slice: from the gradient of the
   * slice.
   *
   * @param slice the operation
   */
  record SliceBackward(Op.Slice slice) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.sliceBackward(node, this);
    }
  }

  /**
   * Gradient of x in the shape of the node, zero where nothing was picked: from the gradient of
   * what was picked, and the indices.
   *
   * @param gather the operation
   */
  record GatherBackward(Op.Gather gather) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.gatherBackward(node, this);
    }
  }

  /**
   * Columns of pixels, added up where the pixels lie in an array of the node's size: the gradient
   * of {@link Columns}.
   *
   * @param columns the operation
   */
  record ColumnsBackward(Columns columns) implements Kernel {
    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.columnsBackward(node, this);
    }
  }

  /**
   * Cross entropy, weighted per class and summed, of logits (N, C, h, w) that two matrix products
   * enlarge: from the logits, the matrices (H, h) and (w, W), labels (N, H, W) and weights (C). It
   * is computed some rows at a time, and its gradient with it.
   *
   * @param ignored label of pixels that do not count
   * @param rows of the enlarged logits at a time
   * @param bands for each time the first column of the first matrix that has a value, and that
   *     after the last one
   */
  record EnlargedCrossEntropy(int ignored, long rows, List<Band> bands) implements Kernel {
    /**
     * Columns of a matrix.
     *
     * @param first of them
     * @param end the one after them
     */
    public record Band(long first, long end) {}

    @Override
    public <R> R visit(KernelVisitor<R> visitor, Node node) {
      return visitor.enlargedCrossEntropy(node, this);
    }
  }
}
