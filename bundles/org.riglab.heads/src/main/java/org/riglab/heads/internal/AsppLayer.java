package org.riglab.heads.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Layer;

/** DeepLabV2's classifier: the sum of four 3x3 convolutions with dilations 6, 12, 18 and 24. */
final class AsppLayer extends Layer {
  private final List<Conv2d> branches = new ArrayList<>();

  AsppLayer(int in, int classes) {
    for (int dilation : new int[] {6, 12, 18, 24}) {
      branches.add(
          addChildBlock(
              Integer.toString(branches.size()), Conv2d.withBias(in, classes, 3, dilation)));
    }
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray sum = branches.get(0).forward(context, x);
    for (Conv2d branch : branches.subList(1, branches.size())) {
      sum = sum.add(branch.forward(context, x));
    }
    return sum;
  }

  @Override
  public Shape outputShape(Shape input) {
    return branches.get(0).outputShape(input);
  }
}
