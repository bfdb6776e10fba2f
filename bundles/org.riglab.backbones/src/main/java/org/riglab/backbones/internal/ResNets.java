package org.riglab.backbones.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Layer;

/**
 * Builds ResNets with torchvision's layers and names, cut into six blocks: stem, four layers, and a
 * classifier instead of pooling and fully connected layer.
 */
final class ResNets {
  /** The residual unit. */
  enum Kind {
    BASIC,
    BOTTLENECK
  }

  /** The last block. */
  enum Classifier {
    /** One 1x1 convolution with bias. */
    FCN,
    /** DeepLabV2's four dilated convolutions. */
    ASPP
  }

  private ResNets() {}

  /**
   * @param name of the backbone, for error messages
   * @param shape channels in and out
   * @param kind of the residual units
   * @param layers number of units in layer1 to layer4
   * @param width channels of the stem; the layers are 1, 2, 4 and 8 times as wide
   * @param outputStride 32, 16 or 8: the strides of layer4, then layer3, become dilation
   * @param classifier the last block
   */
  static List<Stage> stages(
      String name,
      BackboneShape shape,
      Kind kind,
      int[] layers,
      int width,
      int outputStride,
      Classifier classifier) {
    check(name, kind, layers, width, outputStride);
    int expansion = kind == Kind.BOTTLENECK ? 4 : 1;
    List<Stage> stages = new ArrayList<>();
    stages.add(
        new Stage(
            "stem",
            "backbone.",
            new Stem(shape.inputChannels(), width),
            shape.inputChannels(),
            width,
            4));
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
      List<Layer> units = new ArrayList<>();
      int out = (width << i) * expansion;
      for (int j = 0; j < layers[i]; j++) {
        // torchvision keeps the dilation of the layer before in the first unit
        units.add(
            kind == Kind.BASIC
                ? Residual.basic(j == 0 ? in : out, width << i, j == 0 ? stride : 1)
                : Residual.bottleneck(
                    j == 0 ? in : out,
                    width << i,
                    j == 0 ? stride : 1,
                    j == 0 ? before : dilation));
      }
      String layer = "layer" + (i + 1);
      stages.add(new Stage(layer, "backbone." + layer + ".", new Sequence(units), in, out, total));
      in = out;
    }
    Layer last =
        classifier == Classifier.FCN
            ? Conv2d.withBias(in, shape.classes(), 1, 1)
            : new Aspp(in, shape.classes());
    stages.add(new Stage("classifier", "classifier.", last, in, shape.classes(), total));
    return stages;
  }

  private static void check(String name, Kind kind, int[] layers, int width, int outputStride) {
    if (layers.length != 4 || java.util.Arrays.stream(layers).anyMatch(n -> n < 1)) {
      throw new RigException(
          "backbone %s: layers must be four numbers from 1 up, for example 3,4,6,3, not %s"
              .formatted(name, java.util.Arrays.toString(layers)));
    }
    if (width < 1) {
      throw new RigException("backbone %s: width must be 1 or more, not %d".formatted(name, width));
    }
    if (outputStride != 32 && outputStride != 16 && outputStride != 8) {
      throw new RigException(
          "backbone %s: output_stride must be 32, 16 or 8, not %d".formatted(name, outputStride));
    }
    if (kind == Kind.BASIC && outputStride != 32) {
      throw new RigException(
          "backbone %s: basic blocks have output_stride 32 only, not %d (bottlenecks can be dilated)"
              .formatted(name, outputStride));
    }
  }
}
