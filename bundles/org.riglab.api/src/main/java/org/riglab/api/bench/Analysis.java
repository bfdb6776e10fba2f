package org.riglab.api.bench;

import java.util.List;
import java.util.Optional;

/**
 * What a pass through a network costs, and how far it sees.
 *
 * <p>Multiply-adds are those of convolutions and matrix products for one image; a product with a
 * constant matrix, which is how a resize that shrinks is written, is not counted, nor is anything
 * else. Bytes are those of a training step's forward pass with the whole batch.
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
 * @param fields of view: of the first iteration's answer, and of the last's
 * @param runs of blocks and gates, in the order in which they run
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
    Fields fields,
    List<Run> runs,
    List<List<Integer>> predictions) {

  /**
   * One block.
   *
   * @param block 1 for B1
   * @param name for example layer3
   * @param outputShape (C, H, W) of its feature
   * @param parameters number of trainable parameters
   * @param runs how often it runs in one pass
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
   * @param block the block at whose input it stands
   * @param feedback the blocks whose outputs it is fed with
   * @param feedbackShapes (C, H, W) of each
   * @param outputShape (C, H, W) of the input that it gates
   * @param parameters number of trainable parameters
   * @param runs how often it runs in one pass
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
   * Bytes of activations after a training step's forward pass; parameters are not among them. A
   * tensor that several operations keep is counted once, where it is made.
   *
   * @param kept what back-propagation needs: all that PyTorch would keep
   * @param held what the eager engine has in memory: every result, since it frees them at the end
   *     of a step, and what back-propagation keeps besides
   */
  public record Memory(long kept, long held) {}

  /**
   * Effective depth in convolutions.
   *
   * @param paper by the paper's formula; empty where it has none for the unroll strategy
   * @param longestPath the most convolutions on a path from the image to the last logits
   * @param longestPathWithoutGates the same where convolutions of gates do not count
   */
  public record Depth(Optional<Integer> paper, int longestPath, int longestPathWithoutGates) {}

  /**
   * Receptive fields of the logit in the middle, borders of the image disregarded.
   *
   * @param first in iteration 1, which has no feedback
   * @param last in the last iteration
   */
  public record Fields(Field first, Field last) {}

  /**
   * A receptive field.
   *
   * @param height in pixels, may exceed the image; the image's where an operation sees all of it
   * @param width as height
   */
  public record Field(long height, long width) {}

  /**
   * One run of a block or a gate.
   *
   * @param gate whether it is a gate's
   * @param block 1 for B1
   * @param iteration as the unroll strategy calls it, 1 for the first
   * @param inputs what its input is made from: indices of earlier runs, -1 for the image
   * @param feedback what a gate is fed with: indices of earlier runs, -1 for the image
   * @param outputShape (C, H, W) of its feature
   * @param multiplyAdds of the run
   */
  public record Run(
      boolean gate,
      int block,
      int iteration,
      List<Integer> inputs,
      List<Integer> feedback,
      List<Long> outputShape,
      long multiplyAdds) {}
}
