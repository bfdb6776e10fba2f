package org.riglab.backbones.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

public class ResNetsTest {
  private static final Options DEFAULTS =
      new Options() {
        @Override
        public <T extends Annotation> T as(Class<T> type) {
          return type.cast(
              Proxy.newProxyInstance(
                  type.getClassLoader(),
                  new Class<?>[] {type},
                  (proxy, method, arguments) -> method.getDefaultValue()));
        }
      };

  private static long parameters(Backbone backbone) {
    List<Stage> stages = backbone.stages(new BackboneShape(3, 21), DEFAULTS);
    return stages.subList(0, 5).stream()
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

  private static List<Stage> stages(ResNets.Kind kind, int stride, ResNets.Classifier classifier) {
    return ResNets.stages(
        "test", new BackboneShape(3, 21), kind, new int[] {2, 2, 2, 2}, 64, stride, classifier);
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
    for (ResNets.Classifier classifier : ResNets.Classifier.values()) {
      assertEquals(
          new Shape(2, 21, 11, 4), through(stages(ResNets.Kind.BOTTLENECK, 32, classifier), image));
      assertEquals(
          new Shape(2, 21, 21, 7), through(stages(ResNets.Kind.BOTTLENECK, 16, classifier), image));
      assertEquals(
          new Shape(2, 21, 41, 13), through(stages(ResNets.Kind.BOTTLENECK, 8, classifier), image));
    }
    assertEquals(
        List.of(4, 4, 8, 8, 8, 8),
        stages(ResNets.Kind.BOTTLENECK, 8, ResNets.Classifier.FCN).stream()
            .map(Stage::stride)
            .toList());
  }

  @Test
  public void refusesWhatCannotBeBuilt() {
    assertEquals(
        "backbone test: basic blocks have output_stride 32 only, not 8 (bottlenecks can be"
            + " dilated)",
        assertThrows(
                RigException.class, () -> stages(ResNets.Kind.BASIC, 8, ResNets.Classifier.FCN))
            .getMessage());
    assertThrows(
        RigException.class, () -> stages(ResNets.Kind.BOTTLENECK, 4, ResNets.Classifier.FCN));
    assertThrows(
        RigException.class,
        () ->
            ResNets.stages(
                "test",
                new BackboneShape(3, 21),
                ResNets.Kind.BOTTLENECK,
                new int[] {3, 4, 6},
                64,
                32,
                ResNets.Classifier.FCN));
  }
}
