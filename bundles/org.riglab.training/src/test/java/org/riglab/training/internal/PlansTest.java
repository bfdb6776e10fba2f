package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.base.Json;
import org.riglab.networks.data.Normalization;

public class PlansTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path recipes;
  private Plans plans;

  @Before
  public void setUp() {
    recipes = folder.getRoot().toPath().resolve("recipes");
    plans = new Plans(new Recipes(recipes));
  }

  private TrainSpec plan(Map<String, ?> options) {
    return plans.plan("rig", options, Normalization.IMAGENET);
  }

  private String refused(Map<String, ?> options) {
    String message = assertThrows(RigException.class, () -> plan(options)).getMessage();
    assertEquals(message, 1, message.lines().count());
    return message;
  }

  private void assertRefused(String option, Object value, String right) {
    String message = refused(Map.of(option, value));
    assertTrue(message, message.contains("'" + option + "'") && message.contains(right));
  }

  @Test
  public void theDefaultRecipeIsComplete() {
    TrainSpec spec = plan(Map.of());
    assertEquals("rig", spec.network());
    assertEquals("default", spec.recipe());
    assertEquals("sgd", spec.optimizer());
    assertEquals(List.of(0.5, 1.5), spec.scale());
    assertEquals(0, spec.steps());
    assertTrue(spec.epochs() > 0);
  }

  @Test
  public void deepLabV2IsTheDocumentedOne() {
    TrainSpec spec = plan(Map.of("recipe", "deeplabv2"));
    assertEquals("deeplabv2", spec.recipe());
    assertEquals(2.5e-4, spec.lr(), 0);
    assertEquals(0.9, spec.momentum(), 0);
    assertEquals(5e-4, spec.weightDecay(), 0);
    assertEquals(10, spec.batch());
    assertEquals(List.of(321, 321), spec.size());
    assertEquals(List.of(0.5, 1.5), spec.scale());
    assertTrue(spec.flip());
    assertEquals(20000, spec.steps());
    assertEquals(0, spec.epochs());
    assertEquals(1, spec.lrBackbone(), 0);
    assertEquals(10, spec.lrHead(), 0);
    assertEquals("poly", spec.schedule());
    assertEquals(0.9, spec.power(), 0);
    assertEquals("biases x20", 20, spec.lrHead() * spec.lrBias(), 0);
    assertEquals("biases do not decay", 0, spec.biasDecay(), 0);
    assertTrue(spec.freezeBatchNorm());
    assertEquals(0, spec.clipNorm(), 0);
  }

  @Test
  public void optionsGoBeforeTheRecipe() {
    TrainSpec spec =
        plan(
            Map.of(
                "recipe",
                "deeplabv2",
                "epochs",
                "3",
                "size",
                "240x180",
                "lr-head",
                "2",
                "flip",
                "false",
                "data",
                "x/../y"));
    assertEquals(3, spec.epochs());
    assertEquals("epochs replace the recipe's steps", 0, spec.steps());
    assertEquals(List.of(240, 180), spec.size());
    assertEquals(2, spec.lrHead(), 0);
    assertEquals(2.5e-4, spec.lr(), 0);
    assertEquals(new File("y").getAbsolutePath(), spec.data());
  }

  @Test
  public void recipesOfOnesOwn() throws IOException {
    Files.createDirectories(recipes);
    Files.writeString(recipes.resolve("quick.json"), "{\"steps\": 7, \"lr\": 0.5}");
    TrainSpec spec = plan(Map.of("recipe", "quick"));
    assertEquals(7, spec.steps());
    assertEquals(0, spec.epochs());
    assertEquals(0.5, spec.lr(), 0);
    assertEquals(8, spec.batch());
    OptionInfo recipe =
        plans.options().stream().filter(o -> o.name().equals("recipe")).findFirst().orElseThrow();
    assertEquals(List.of("deeplabv2", "default", "quick"), recipe.allowed());
    assertEquals("default", recipe.defaultValue());
  }

  @Test
  public void refusesWhatMakesNoSense() {
    assertRefused("batch", 0, "1 or more");
    assertRefused("lr", -1, "0 or more");
    assertRefused("lr", "fast", "a number");
    assertRefused("momentum", 1, "less than 1");
    assertRefused("optimizer", "adam", "sgd, adamw");
    assertRefused("schedule", "cosine", "poly, constant");
    assertRefused("size", "12", "HxW");
    assertRefused("scale", "1.5,0.5", "smallest");
    assertRefused("std", "1,0,1", "three numbers");
    assertRefused("class_weights", "1,x", "median-frequency");
    assertRefused("iteration_weights", "0,0", "not all 0");
    assertRefused("truncate", -1, "0 or more");
    assertRefused("lr_bias", -1, "0 or more");
    assertRefused("bias_decay", -1, "0 or more");
    assertRefused("input_scales", "0.5,0.75", "1 and others");
    assertRefused("input_scales", "1,1", "each once");
    assertRefused("channels", "rbg", "rgb, bgr");
    assertRefused("pixel_range", 256, "1 or 255");
    assertRefused("pixel_range", 255, "1 unless 'mean' and 'std' are given too");
    assertRefused("mean", "104,117,123", "0 to pixel_range, which is 1");
    assertRefused("workers", 0, "1 to 256");
    assertRefused("device", "gpu", "gpu0");
    assertRefused("epochs", 0, "more than 0");
    assertTrue(refused(Map.of("steps", 3, "epochs", 3)).contains("not both"));
    assertTrue(refused(Map.of("lerning_rate", 1)).contains("'lerning_rate'"));
    assertTrue(refused(Map.of("recipe", "none")).contains("deeplabv2, default"));
    assertTrue(refused(Map.of("patience", 2, "val_split", "none")).contains("'patience'"));
  }

  @Test
  public void pixelsAreWhatTheWeightsWantUnlessSomebodySaysAnother() throws IOException {
    Normalization caffe =
        new Normalization(
            TrainSpec.Channels.BGR, 255, List.of(104.008, 116.669, 122.675), List.of(1., 1., 1.));
    TrainSpec spec = plans.plan("rig", Map.of("recipe", "deeplabv2"), caffe);
    assertEquals(TrainSpec.Channels.BGR, spec.channels());
    assertEquals(255, spec.pixelRange());
    assertEquals(caffe.mean(), spec.mean());
    assertEquals(caffe.std(), spec.std());

    assertEquals(
        TrainSpec.Channels.BGR, plans.plan("rig", Map.of("channels", "bgr"), caffe).channels());
    assertTrue(
        assertThrows(RigException.class, () -> plans.plan("rig", Map.of("channels", "rgb"), caffe))
            .getMessage()
            .contains("'channels' is rgb; it must be bgr unless 'mean' and 'std' are given too"));
    spec =
        plans.plan(
            "rig",
            Map.of("channels", "rgb", "pixel-range", 1, "mean", "0.5,0.5,0.5", "std", "1,1,1"),
            caffe);
    assertEquals(List.of(0.5, 0.5, 0.5), spec.mean());

    Files.createDirectories(recipes);
    Files.writeString(
        recipes.resolve("grey.json"), "{\"mean\": [0.5, 0.5, 0.5], \"std\": [1, 1, 1]}");
    spec = plans.plan("rig", Map.of("recipe", "grey"), caffe);
    assertEquals("the recipe's own", List.of(0.5, 0.5, 0.5), spec.mean());
    assertEquals("with the default's order", TrainSpec.Channels.RGB, spec.channels());
    assertEquals(1, spec.pixelRange());
  }

  @Test
  public void aRecipeIsAFileThatCanBeCopiedAndChanged() throws IOException {
    Recipes all = new Recipes(recipes);
    Trainer.Recipe built = all.recipe("deeplabv2");
    assertEquals("", built.file());
    assertTrue(built.about(), built.about().contains("an assumption"));
    assertEquals(20000L, built.options().get("steps"));

    Path copy = folder.getRoot().toPath().resolve("mine.json");
    Map<String, Object> changed = new LinkedHashMap<>(built.options());
    changed.put("about", "shorter");
    changed.put("steps", 7L);
    Json.write(copy, changed);
    TrainSpec spec = plan(Map.of("recipe", copy.toString()));
    assertEquals(7, spec.steps());
    assertEquals(copy.toString(), spec.recipe());
    assertEquals(2.5e-4, spec.lr(), 0);
    assertEquals("shorter", all.recipe(copy.toString()).about());

    Files.createDirectories(recipes);
    Files.copy(copy, recipes.resolve("mine.json"));
    assertEquals(
        List.of("deeplabv2", "default", "mine"),
        all.all().stream().map(Trainer.Recipe::name).toList());
    assertEquals(recipes.resolve("mine.json").toString(), all.recipe("mine").file());

    Files.writeString(copy, "{\"stepz\": 7}");
    assertTrue(refused(Map.of("recipe", copy.toString())).contains("'stepz'"));
    Files.writeString(copy, "{\"network\": \"other\"}");
    assertTrue(refused(Map.of("recipe", copy.toString())).contains("names a network"));
    Files.writeString(copy, "{");
    assertTrue(refused(Map.of("recipe", copy.toString())).contains("is not a JSON object"));
    Files.delete(copy);
    assertTrue(refused(Map.of("recipe", copy.toString())).contains("there is no file"));
    assertTrue(refused(Map.of("recipe", "../mine")).contains("there is no recipe '../mine'"));
  }

  @Test
  public void tablesOfOnesOwnKeepTheirPlace() {
    assertEquals("camvid", plan(Map.of("coarse", "camvid")).coarse());
    assertEquals(
        new File("x/groups.json").getAbsolutePath(),
        plan(Map.of("coarse", "x/groups.json")).coarse());
  }
}
