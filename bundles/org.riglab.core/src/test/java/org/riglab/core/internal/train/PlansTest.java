package org.riglab.core.internal.train;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.TrainSpec;
import org.riglab.core.internal.data.Normalization;

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
    assertRefused("workers", 0, "1 to 256");
    assertRefused("device", "gpu", "gpu0");
    assertRefused("epochs", 0, "more than 0");
    assertTrue(refused(Map.of("steps", 3, "epochs", 3)).contains("not both"));
    assertTrue(refused(Map.of("lerning_rate", 1)).contains("'lerning_rate'"));
    assertTrue(refused(Map.of("recipe", "none")).contains("deeplabv2, default"));
    assertTrue(refused(Map.of("patience", 2, "val_split", "none")).contains("'patience'"));
  }
}
