package org.riglab.backbones.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

/** What travels between blocks beside the feature. */
public class SkipsTest {
  private static List<Stage> stages(Backbone backbone, Map<String, ?> options) {
    return backbone.stages(new BackboneShape(3), Given.options(options));
  }

  private static List<String> names(List<Stage> stages) {
    return stages.stream().map(stage -> stage.name() + "/" + stage.stride()).toList();
  }

  /** The number of arrays behind each block. */
  private static List<Integer> lengths(List<Stage> stages, Shape image) {
    List<Integer> lengths = new ArrayList<>();
    Shape[] shapes = {image};
    for (Stage stage : stages) {
      shapes = stage.block().getOutputShapes(shapes);
      lengths.add(shapes.length);
    }
    return lengths;
  }

  @Test
  public void vggIsCutAtItsPools() {
    Map<String, ?> options = Map.of("fc", true, "width", 2);
    List<Stage> stages = stages(new Vgg16(), options);
    assertEquals(
        List.of("conv1/2", "conv2/4", "conv3/8", "conv4/16", "conv5/32", "fc/32"), names(stages));
    assertEquals(List.of(1, 1, 1, 1, 1, 1), lengths(stages, new Shape(1, 3, 321, 97)));
    assertEquals(128, stages.get(5).outputChannels());
  }

  @Test
  public void unetCarriesEveryEncodersOutputToItsDecoder() {
    List<Stage> stages = stages(new UNet(), Map.of("depth", 3, "width", 2));
    assertEquals(
        List.of(
            "encoder1/1",
            "encoder2/2",
            "encoder3/4",
            "encoder4/8",
            "decoder3/4",
            "decoder2/2",
            "decoder1/1"),
        names(stages));
    Shape[] shapes = {new Shape(2, 3, 21, 10)};
    int[] lengths = {2, 3, 4, 4, 3, 2, 1};
    long[] heights = {21, 10, 5, 2, 5, 10, 21};
    for (int k = 0; k < lengths.length; k++) {
      shapes = stages.get(k).block().getOutputShapes(shapes);
      assertEquals(stages.get(k).name(), lengths[k], shapes.length);
      assertEquals(
          stages.get(k).name(),
          List.of(2L, (long) stages.get(k).outputChannels(), heights[k]),
          Arrays.stream(shapes[0].getShape()).limit(3).boxed().toList());
    }
  }

  @Test
  public void refusesWhatCannotBeBuilt() {
    assertEquals(
        "backbone unet: depth must be 1 to 8, not 9",
        assertThrows(RigException.class, () -> stages(new UNet(), Map.of("depth", 9)))
            .getMessage());
    assertEquals(
        "backbone vgg16: width must be 1 to 1024, not 0",
        assertThrows(RigException.class, () -> stages(new Vgg16(), Map.of("width", 0)))
            .getMessage());
    assertThrows(RigException.class, () -> stages(new UNet(), Map.of("width", 1 << 30)));
    assertThrows(
        RigException.class,
        () -> stages(new ResNet(), Map.of("layers", new int[] {100, 1, 1, 1}, "width", 1)));
  }
}
