package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.Test;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.network.Stage;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.PartSpecs;

/** Every backbone with every strategy, all blocks gated, on images of awkward sizes. */
public class CombinationsTest {
  private static final List<String> BACKBONES =
      List.of(
          "resnet:layers=1,1,1,1:width=2:classifier=fcn8s",
          "resnet:layers=1,1,1,1:width=2:output_stride=8:classifier=aspp:stride_in=conv1",
          "vgg16:width=1:fc=true:classifier=fcn16s",
          "vgg16:width=1:batch_norm=true:classifier=fcn8s",
          "unet:width=2:depth=3");
  private static final List<String> STRATEGIES =
      List.of(
          "sequential",
          "parallel",
          "parallel:source=next",
          "parallel-multi-range",
          "parallel-multi-range:source=next",
          "rethinking",
          "network-wide",
          "network-wide-gated");
  private static final List<String> GATES =
      List.of(
          "mul-sigmoid:init=twice",
          "mul-tanh:pool=max",
          "add-relu:pool=none",
          "basic:activation=tanh:combine=add",
          "identity");
  private static final int[][] SIZES = {{1, 1}, {5, 7}, {1, 9}, {11, 1}, {33, 20}, {31, 65}};

  private static Assembly assembly(String backbone, String unroll, String gate, int iterations) {
    int blocks = backbone.startsWith("unet") ? 8 : backbone.contains("fc=true") ? 7 : 6;
    NetworkSpec spec =
        new NetworkSpec(
            PartSpecs.read(backbone),
            NetworkSpec.OWN_HEAD,
            PartSpecs.read(gate),
            PartSpecs.read(unroll),
            IntStream.rangeClosed(1, blocks).boxed().toList(),
            iterations,
            3,
            BatchNormPolicy.PER_ITERATION,
            1);
    FakeRegistry registry = Benches.registry();
    return new Assembly(spec, registry, registry, "test", Device.cpu());
  }

  private static NDArray image(NDManager manager, int height, int width) {
    return manager.create(
        Formula.image(1, 2, height, width).values(), new Shape(2, 3, height, width));
  }

  private static List<float[]> logits(Assembly assembly, int height, int width) {
    return Torch.withoutGrad(
        () -> {
          try (NDManager manager = assembly.manager().newSubManager()) {
            NDArray image = image(manager, height, width);
            NDList logits = assembly.forward(image, false, null);
            List<float[]> result = new ArrayList<>();
            for (NDArray array : logits) {
              Shape[] shapes = {image.getShape()};
              for (Stage stage : assembly.block().stages()) {
                shapes = stage.block().getOutputShapes(shapes);
              }
              assertEquals(shapes[0], array.getShape());
              result.add(array.toFloatArray());
            }
            return result;
          }
        });
  }

  @Test
  public void everyCombinationComputesOnEverySize() {
    int gate = 0;
    for (String backbone : BACKBONES) {
      for (String strategy : STRATEGIES) {
        try (Assembly assembly =
            assembly(backbone, strategy, GATES.get(gate++ % GATES.size()), 2)) {
          for (int[] size : SIZES) {
            List<float[]> logits = logits(assembly, size[0], size[1]);
            String where = assembly.spec() + " at " + size[0] + "x" + size[1];
            assertEquals(where, strategy.equals("sequential") ? 1 : 2, logits.size());
            for (float[] values : logits) {
              for (float value : values) {
                assertTrue(where, Float.isFinite(value));
              }
            }
          }
        }
      }
    }
  }

  /** Skips and carried features are what the plain network's are when no gate does anything. */
  @Test
  public void identityGatesLeaveEveryIterationAsThePlainNetwork() {
    for (String backbone : BACKBONES) {
      float[] plain;
      try (Assembly assembly = assembly(backbone, "feed-forward", "identity", 1)) {
        plain = logits(assembly, 37, 22).get(0);
      }
      for (String strategy :
          List.of("sequential", "parallel:source=next", "parallel-multi-range", "rethinking")) {
        try (Assembly assembly = assembly(backbone, strategy, "identity", 3)) {
          for (float[] values : logits(assembly, 37, 22)) {
            assertArrayEquals(backbone + " " + strategy, plain, values, 1e-6f);
          }
        }
      }
    }
  }
}
