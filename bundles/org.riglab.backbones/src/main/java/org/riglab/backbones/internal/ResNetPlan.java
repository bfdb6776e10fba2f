package org.riglab.backbones.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.Layer;
import org.riglab.nn.Sequence;

/**
 * A ResNet with torchvision's layers and names, cut into five blocks: stem and four layers, without
 * pooling and fully connected layer.
 *
 * @param name of the backbone, for error messages
 * @param kind of the residual units
 * @param layers number of units in layer1 to layer4
 * @param width channels of the stem; the layers are 1, 2, 4 and 8 times as wide
 * @param outputStride 32, 16 or 8: the strides of layer4, then layer3, become dilation
 * @param strideIn where a bottleneck has its stride
 */
record ResNetPlan(
    String name, Kind kind, List<Integer> layers, int width, int outputStride, StrideIn strideIn) {
  /** The residual unit. */
  enum Kind {
    BASIC,
    BOTTLENECK
  }

  /** Checks what can be built. */
  ResNetPlan {
    layers = List.copyOf(layers);
    if (layers.size() != 4 || layers.stream().anyMatch(n -> n < 1 || n > 99)) {
      throw new RigException(
          "backbone %s: layers must be four numbers from 1 to 99, for example 3,4,6,3, not %s"
              .formatted(name, layers));
    }
    Widths.check(name, width);
    if (outputStride != 32 && outputStride != 16 && outputStride != 8) {
      throw new RigException(
          "backbone %s: output_stride must be 32, 16 or 8, not %d".formatted(name, outputStride));
    }
    if (kind == Kind.BASIC && outputStride != 32) {
      throw new RigException(
          "backbone %s: basic blocks have output_stride 32 only, not %d (bottlenecks can be dilated)"
              .formatted(name, outputStride));
    }
    if (kind == Kind.BASIC && strideIn == StrideIn.CONV1) {
      throw new RigException(
          "backbone %s: stride_in is for bottlenecks; basic blocks have no 1x1 convolution"
              .formatted(name));
    }
  }

  /**
   * @param shape channels in
   * @return fresh blocks
   */
  List<Stage> stages(BackboneShape shape) {
    int expansion = kind == Kind.BOTTLENECK ? 4 : 1;
    List<Stage> stages = new ArrayList<>();
    int channels = shape.inputChannels();
    stages.add(new Stage("stem", "backbone.", new Stem(channels, width), channels, width, 4));
    int in = width;
    int total = 4;
    int dilation = 1;
    for (int i = 0; i < 4; i++) {
      int stride = i == 0 ? 1 : 2;
      int before = dilation;
      if (total * stride > outputStride) {
        dilation *= stride;
        stride = 1;
      }
      total *= stride;
      int out = (width << i) * expansion;
      List<Layer> units = new ArrayList<>();
      // torchvision keeps the dilation of the layer before in the first unit
      units.add(unit(in, width << i, stride, before));
      while (units.size() < layers.get(i)) {
        units.add(unit(out, width << i, 1, dilation));
      }
      String layer = "layer" + (i + 1);
      stages.add(new Stage(layer, "backbone." + layer + ".", new Sequence(units), in, out, total));
      in = out;
    }
    return stages;
  }

  private Layer unit(int in, int channels, int stride, int dilation) {
    return kind == Kind.BASIC
        ? Residual.basic(in, channels, stride)
        : Residual.bottleneck(in, channels, stride, strideIn, dilation);
  }
}
