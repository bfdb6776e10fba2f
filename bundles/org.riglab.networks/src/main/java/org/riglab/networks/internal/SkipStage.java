package org.riglab.networks.internal;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParameterList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.network.Stage;
import org.riglab.nn.AbstractLayer;
import org.riglab.nn.Context;

/**
 * A backbone's stage in a network whose head is given skips. These travel between the feature and
 * what the backbone itself carries along: {@code (feature, skips..., carried...)}. The stage sees
 * {@code (feature, carried...)} only, and behind the last one the skips alone are left for the
 * head.
 */
final class SkipStage extends AbstractLayer {
  private final Block stage;
  private final int before;
  private final boolean skip;
  private final boolean last;

  /** A stage whose names have no prefix keeps its place in them, as if it were this block. */
  private final boolean transparent;

  /**
   * @param stage of the backbone
   * @param before how many skips come from stages in front of it
   * @param skip whether its own output becomes one
   * @param last whether the head comes next
   */
  private SkipStage(Stage stage, int before, boolean skip, boolean last) {
    this.stage = stage.block();
    this.before = before;
    this.skip = skip;
    this.last = last;
    String prefix = stage.prefix();
    transparent = prefix.isEmpty();
    if (!transparent) {
      addChildBlock(prefix.substring(0, prefix.length() - 1), stage.block());
    }
  }

  /**
   * @param stages of a backbone
   * @param skips block numbers of those whose outputs the head is given; ascending
   * @return stages that carry these outputs to the head
   */
  static List<Stage> carrying(List<Stage> stages, List<Integer> skips) {
    if (skips.isEmpty()) {
      return stages;
    }
    List<Stage> carrying = new ArrayList<>();
    for (int k = 1; k <= stages.size(); k++) {
      int block = k;
      Stage stage = stages.get(k - 1);
      int before = (int) skips.stream().filter(skip -> skip < block).count();
      boolean last = k == stages.size();
      carrying.add(
          new Stage(
              stage.name(),
              "",
              new SkipStage(stage, before, skips.contains(k), last),
              stage.inputChannels(),
              stage.outputChannels(),
              stage.stride()));
    }
    return List.copyOf(carrying);
  }

  @Override
  public NDList forward(Context context, NDList inputs) {
    NDList own = new NDList(inputs.head());
    own.addAll(inputs.subNDList(1 + before));
    NDList outputs = context.forward(stage, own);
    NDList result = new NDList(outputs.head());
    result.addAll(inputs.subList(1, 1 + before));
    if (skip) {
      result.add(outputs.head());
    }
    if (!last) {
      result.addAll(outputs.subNDList(1));
    }
    return result;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    List<Shape> outputs = List.of(stage.getOutputShapes(own(inputs)));
    List<Shape> result = new ArrayList<>(outputs.subList(0, 1));
    result.addAll(List.of(inputs).subList(1, 1 + before));
    if (skip) {
      result.add(outputs.get(0));
    }
    if (!last) {
      result.addAll(outputs.subList(1, outputs.size()));
    }
    return result.toArray(Shape[]::new);
  }

  private Shape[] own(Shape... inputs) {
    List<Shape> own = new ArrayList<>(List.of(inputs[0]));
    own.addAll(Arrays.asList(inputs).subList(1 + before, inputs.length));
    return own.toArray(Shape[]::new);
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    stage.initialize(manager, type, own(inputs));
  }

  @Override
  public BlockList getChildren() {
    return transparent ? stage.getChildren() : super.getChildren();
  }

  @Override
  public ParameterList getDirectParameters() {
    return transparent ? stage.getDirectParameters() : super.getDirectParameters();
  }
}
