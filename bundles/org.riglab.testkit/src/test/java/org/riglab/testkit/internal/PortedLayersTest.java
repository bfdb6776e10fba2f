package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Stage;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.ConvTranspose2d;
import org.riglab.nn.Dropout;
import org.riglab.nn.Functional;
import org.riglab.nn.GroupNorm;
import org.riglab.nn.Layer;
import org.riglab.nn.LayerNorm;
import org.riglab.nn.Linear;
import org.riglab.nn.PReLU;
import org.riglab.nn.Sequence;

/** Layers for ports of published networks trace and compile, with the same gradients. */
public class PortedLayersTest {
  /** All of them, one after the other; the shape stays. */
  private static final class Mixed extends Layer {
    private final int channels;
    private final Conv2d down;
    private final ConvTranspose2d up;
    private final GroupNorm group;
    private final LayerNorm norm;
    private final Linear linear;
    private final PReLU prelu;
    private final Conv2d wide;
    private final Dropout dropout;

    Mixed(int channels) {
      this.channels = channels;
      down =
          addChildBlock(
              "down",
              Conv2d.builder(channels, 4 * channels).kernel(3, 1).stride(2).padding(1, 0).build());
      up = addChildBlock("up", new ConvTranspose2d(4 * channels, channels, 3, 2, 1, 1));
      group = addChildBlock("group", new GroupNorm(1, channels, 1e-3));
      norm = addChildBlock("norm", new LayerNorm(new Shape(channels)));
      linear = addChildBlock("linear", new Linear(channels, channels, true));
      prelu = addChildBlock("prelu", new PReLU(channels));
      wide =
          addChildBlock(
              "wide", Conv2d.builder(4 * channels, 4 * channels).kernel(1).groups(4).build());
      dropout = addChildBlock("dropout", new Dropout(0));
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      long height = x.getShape().get(2);
      long width = x.getShape().get(3);
      NDArray small = Functional.gelu(down.forward(context, x));
      NDArray large = Functional.pixelShuffle(wide.forward(context, small), 2);
      NDArray enlarged = group.forward(context, up.forward(context, small));
      NDArray pooled =
          Functional.avgPool2d(
              enlarged.add(large), new Shape(3, 2), new Shape(2, 2), new Shape(1, 0), true, false);
      NDArray resized =
          Functional.interpolateNearest(pooled, height, width)
              .add(Functional.interpolateAlignCorners(pooled, height, width));
      NDArray last = resized.transpose(0, 2, 3, 1);
      NDArray mixed = linear.forward(context, norm.forward(context, last));
      return dropout.forward(context, prelu.forward(context, mixed.transpose(0, 3, 1, 2))).add(x);
    }

    @Override
    public Shape outputShape(Shape input) {
      return new Shape(input.get(0), channels, input.get(2), input.get(3));
    }
  }

  private static Backbone backbone() {
    return (shape, options) -> {
      List<Stage> stages = new ArrayList<>(Partners.BACKBONE.stages(shape, options));
      Stage last = stages.remove(stages.size() - 1);
      int out = last.outputChannels();
      stages.add(
          new Stage(
              last.name(),
              last.prefix(),
              new Sequence(List.of((Layer) last.block(), new Mixed(out))),
              last.inputChannels(),
              out,
              last.stride()));
      return stages;
    };
  }

  @Test
  public void traceCompileAndLearn() {
    for (Check<Subject<Backbone>> check :
        List.of(
            BackboneChecks.GRADIENT,
            BackboneChecks.TYPES,
            BackboneChecks.TRACE,
            BackboneChecks.COMPILED)) {
      Check.Outcome outcome =
          check.run(
              new Subject<>(Backbone.KIND, "test", backbone(), Map.of(), Tools.onClassPath()));
      // Transposed convolutions and resized maps are literals: they fit one size of images.
      Verdict expected = check == BackboneChecks.TRACE ? Verdict.NOTE : Verdict.PASSED;
      assertEquals(outcome.sentence(), expected, outcome.verdict());
      if (check == BackboneChecks.TRACE) {
        assertTrue(
            outcome.sentence(),
            outcome.sentence().contains("torchscript for images of one size only")
                && outcome.sentence().contains("onnx for images of one size only"));
      }
      if (check == BackboneChecks.COMPILED) {
        assertTrue(outcome.sentence(), outcome.sentence().startsWith("float32 within"));
      }
    }
  }
}
