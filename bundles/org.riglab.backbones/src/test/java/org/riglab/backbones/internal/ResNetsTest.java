package org.riglab.backbones.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

public class ResNetsTest {
  private static long parameters(Backbone backbone) {
    List<Stage> stages = backbone.stages(new BackboneShape(3), Given.options(Map.of()));
    return stages.stream()
        .flatMap(stage -> stage.block().getParameters().values().stream())
        .filter(Parameter::requiresGradient)
        .mapToLong(parameter -> parameter.getShape().size())
        .sum();
  }

  /** torchvision's published totals without the fully connected layer. */
  @Test
  public void haveTorchvisionsParameters() {
    assertEquals(11_689_512 - 513_000, parameters(new Preset.ResNet18()));
    assertEquals(21_797_672 - 513_000, parameters(new Preset.ResNet34()));
    assertEquals(25_557_032 - 2_049_000, parameters(new Preset.ResNet50()));
    assertEquals(44_549_160 - 2_049_000, parameters(new Preset.ResNet101()));
    assertEquals(60_192_808 - 2_049_000, parameters(new Preset.ResNet152()));
    assertEquals(parameters(new Preset.ResNet50()), parameters(new ResNet()));
  }

  private static List<Stage> stages(ResNetPlan.Kind kind, int stride) {
    return new ResNetPlan("test", kind, List.of(2, 2, 2, 2), 64, stride, StrideIn.CONV2)
        .stages(new BackboneShape(3));
  }

  private static Shape through(List<Stage> stages, Shape image) {
    Shape[] shapes = {image};
    for (Stage stage : stages) {
      shapes = stage.block().getOutputShapes(shapes);
      assertEquals(stage.name(), stage.outputChannels(), shapes[0].get(1));
    }
    return shapes[0];
  }

  @Test
  public void outputStrideReplacesStridesByDilation() {
    Shape image = new Shape(2, 3, 321, 97);
    assertEquals(new Shape(2, 2048, 11, 4), through(stages(ResNetPlan.Kind.BOTTLENECK, 32), image));
    assertEquals(new Shape(2, 2048, 21, 7), through(stages(ResNetPlan.Kind.BOTTLENECK, 16), image));
    assertEquals(new Shape(2, 2048, 41, 13), through(stages(ResNetPlan.Kind.BOTTLENECK, 8), image));
    assertEquals(
        List.of(4, 4, 8, 8, 8),
        stages(ResNetPlan.Kind.BOTTLENECK, 8).stream().map(Stage::stride).toList());
  }

  @Test
  public void papersNameTheirHeads() {
    assertEquals("aspp", new DeepLabV2().head());
    assertEquals("fcn", new ResNet().head());
  }

  @Test
  public void refusesWhatCannotBeBuilt() {
    assertEquals(
        "backbone test: basic blocks have output_stride 32 only, not 8 (bottlenecks can be"
            + " dilated)",
        assertThrows(RigException.class, () -> stages(ResNetPlan.Kind.BASIC, 8)).getMessage());
    assertThrows(RigException.class, () -> stages(ResNetPlan.Kind.BOTTLENECK, 4));
    assertThrows(
        RigException.class,
        () ->
            new ResNetPlan(
                "test", ResNetPlan.Kind.BOTTLENECK, List.of(3, 4, 6), 64, 32, StrideIn.CONV2));
    assertThrows(
        RigException.class,
        () ->
            new ResNetPlan(
                "test", ResNetPlan.Kind.BASIC, List.of(2, 2, 2, 2), 64, 32, StrideIn.CONV1));
  }
}
