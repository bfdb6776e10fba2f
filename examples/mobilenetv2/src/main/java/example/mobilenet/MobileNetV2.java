package example.mobilenet;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.Layer;
import org.riglab.nn.Sequence;

/**
 * MobileNetV2 (Sandler et al., CVPR 2018) with torchvision's layers and names, without pooling and
 * fully connected layer, cut into five blocks: one for each stride from 2 to 32. Smaller output strides turn the last strides into dilation, as DeepLab does.
 */
@Component
@Part(name = "mobilenetv2", about = "MobileNetV2 of any width and output stride")
public final class MobileNetV2 implements Backbone {
  /** Table 2 of the paper: expansion t, channels c, repetitions n, stride s of the first unit. */
  private static final int[][] PLAN = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  private static final int STEM = 32;
  private static final int LAST = 1280;

  /** Options: {@code mobilenetv2:width=0.5:output_stride=8}. */
  public @interface Config {
    /** Multiplies all channels; 0.1 to 4. Channels are multiples of 8, as in torchvision. */
    double width() default 1;

    /** Height of the image over height of the last features: 32, 16 or 8. */
    int outputStride() default 32;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    Config config = options.as(Config.class);
    check(config);
    List<Stage> stages = new ArrayList<>();
    int block = shape.inputChannels();
    int in = rounded(STEM * config.width());
    List<Layer> layers = new ArrayList<>(List.of(Units.convolution(block, in, 3, 2)));
    int first = 0; // of the layers, in torchvision's list
    int stride = 2;
    int dilation = 1;
    for (int[] row : PLAN) {
      int out = rounded(row[1] * config.width());
      int step = row[3];
      int before = dilation;
      if (step > 1) {
        stages.add(stage(first, layers, block, in, stride));
        first += layers.size();
        layers = new ArrayList<>();
        block = in;
        if (stride * step > config.outputStride()) {
          dilation *= step;
          step = 1;
        }
        stride *= step;
      }
      for (int n = 0; n < row[2]; n++) {
        // The unit that had the stride keeps the dilation of those before it, as in DeepLab
        layers.add(Units.inverted(in, out, row[0], n == 0 ? step : 1, n == 0 ? before : dilation));
        in = out;
      }
    }
    int last = rounded(LAST * Math.max(1, config.width()));
    layers.add(Units.convolution(in, last, 1, 1));
    stages.add(stage(first, layers, block, last, stride));
    return stages;
  }

  private static Stage stage(int first, List<Layer> layers, int in, int out, int stride) {
    String name = "features." + first + "-" + (first + layers.size() - 1);
    return new Stage(name, "backbone.features.", new Sequence(first, layers), in, out, stride);
  }

  private static void check(Config config) {
    if (!(config.width() >= 0.1 && config.width() <= 4)) {
      throw new RigException("backbone mobilenetv2: width must be 0.1 to 4, not " + config.width());
    }
    if (!List.of(32, 16, 8).contains(config.outputStride())) {
      throw new RigException(
          "backbone mobilenetv2: output_stride must be 32, 16 or 8, not " + config.outputStride());
    }
  }

  /** The nearest multiple of 8 that is not less than nine tenths of it. */
  private static int rounded(double channels) {
    int nearest = Math.max(8, (int) (channels + 4) / 8 * 8);
    return nearest < 0.9 * channels ? nearest + 8 : nearest;
  }
}
