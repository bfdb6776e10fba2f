package org.riglab.api.bench;

import java.util.List;
import java.util.Optional;

/**
 * The cost of a pass through a network, and its receptive fields.
 *
 * <p>Multiply-adds are those of convolutions and matrix products for one image; products with a
 * constant matrix, which implement downsampling, and all other operations are not counted. Bytes
 * are those of a training step's forward pass with the whole batch.
 *
 * @param network its name
 * @param spec its spec
 * @param batch images per training step
 * @param height of an image in pixels
 * @param width of an image in pixels
 * @param blocks B1 first
 * @param gates by block, ascending
 * @param parameters number of trainable parameters, gates included
 * @param multiplyAdds of all iterations, gates included
 * @param memory of the whole pass
 * @param depth of the unrolled network
 * @param fields receptive fields of the predictions of the first and the last iteration
 * @param runs of blocks and gates, in execution order
 * @param predictions for each prediction the indices of the runs that end in its logits
 */
public record Analysis(
    String network,
    NetworkSpec spec,
    int batch,
    int height,
    int width,
    List<BlockFigures> blocks,
    List<GateFigures> gates,
    long parameters,
    long multiplyAdds,
    Memory memory,
    Depth depth,
    ReceptiveFields fields,
    List<BlockCall> runs,
    List<List<Integer>> predictions) {

  /**
   * One block.
   *
   * @param block 1 for B1
   * @param name for example layer3
   * @param outputShape (C, H, W) of its feature
   * @param parameters number of trainable parameters
   * @param runs number of runs in one pass
   * @param multiplyAdds of each run, in order
   * @param totalMultiplyAdds of all runs
   * @param memory of all runs
   * @param convolutions on the longest path through one run
   */
  public record BlockFigures(
      int block,
      String name,
      List<Long> outputShape,
      long parameters,
      int runs,
      List<Long> multiplyAdds,
      long totalMultiplyAdds,
      Memory memory,
      int convolutions) {}

  /**
   * One gate.
   *
   * @param block the gated block
   * @param feedback the blocks whose outputs are its feedback
   * @param feedbackShapes (C, H, W) of each
   * @param outputShape (C, H, W) of the input that it gates
   * @param parameters number of trainable parameters
   * @param runs number of runs in one pass
   * @param multiplyAdds of one run
   * @param totalMultiplyAdds of all runs
   * @param memory of all runs
   */
  public record GateFigures(
      int block,
      List<Integer> feedback,
      List<List<Long>> feedbackShapes,
      List<Long> outputShape,
      long parameters,
      int runs,
      long multiplyAdds,
      long totalMultiplyAdds,
      Memory memory) {}

  /**
   * Bytes of activations after a training step's forward pass; without parameters. A tensor that
   * several operations keep is counted once, for the operation that creates it.
   *
   * @param kept bytes required for back-propagation: those that PyTorch would keep
   * @param held bytes in memory in eager execution: every result, since results are freed at the
   *     end of a step, and additional values for back-propagation
   */
  public record Memory(long kept, long held) {}

  /**
   * Effective depth in convolutions.
   *
   * @param paper according to the paper's formula; empty if it does not cover the unroll strategy
   * @param longestPath the most convolutions on a path from the image to the last logits
   * @param longestPathWithoutGates the same without convolutions of gates
   */
  public record Depth(Optional<Integer> paper, int longestPath, int longestPathWithoutGates) {}

  /**
   * Receptive fields of the central logit, without the limits of the image.
   *
   * @param first in iteration 1, which has no feedback
   * @param last in the last iteration
   */
  public record ReceptiveFields(Field first, Field last) {}

  /**
   * A receptive field.
   *
   * @param height in pixels, may exceed the image; the height of the image if an operation depends
   *     on the whole image
   * @param width as height
   */
  public record Field(long height, long width) {}

  /**
   * One run of a block or a gate.
   *
   * @param gate whether it is a run of a gate
   * @param block 1 for B1
   * @param iteration as numbered by the unroll strategy, 1 for the first
   * @param inputs sources of its input: indices of earlier runs, -1 for the image
   * @param feedback sources of a gate's feedback: indices of earlier runs, -1 for the image
   * @param outputShape (C, H, W) of its feature
   * @param multiplyAdds of the run
   */
  public record BlockCall(
      boolean gate,
      int block,
      int iteration,
      List<Integer> inputs,
      List<Integer> feedback,
      List<Long> outputShape,
      long multiplyAdds) {}
}
