package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.networks.data.Normalization;

public class PlansTest {
  private static final PartSpec SCALE = scale(0.5, 1.5);

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

  private static List<PartSpec> transforms(TrainSpec spec) {
    return spec.transforms().transforms();
  }

  private static PartSpec scale(double min, double max) {
    return new PartSpec("scale", Map.of("min", min, "max", max));
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
    assertEquals("sgd", spec.optimiser().optimizer());
    assertEquals(List.of(SCALE, PartSpec.of("crop"), PartSpec.of("flip")), transforms(spec));
    assertEquals(PartSpec.of("cross-entropy"), spec.objective().loss());
    assertEquals(0, spec.budget().steps());
    assertTrue(spec.budget().epochs() > 0);
  }

  @Test
  public void deepLabV2IsTheDocumentedOne() {
    TrainSpec spec = plan(Map.of("recipe", "deeplabv2"));
    assertEquals("deeplabv2", spec.recipe());
    assertEquals(2.5e-4, spec.optimiser().lr(), 0);
    assertEquals(0.9, spec.optimiser().momentum(), 0);
    assertEquals(5e-4, spec.optimiser().weightDecay(), 0);
    assertEquals(10, spec.budget().batch());
    assertEquals(List.of(321, 321), spec.transforms().size());
    assertEquals(List.of(SCALE, PartSpec.of("crop"), PartSpec.of("flip")), transforms(spec));
    assertEquals(20000, spec.budget().steps());
    assertEquals(0, spec.budget().epochs());
    assertEquals(1, spec.optimiser().lrBackbone(), 0);
    assertEquals(10, spec.optimiser().lrHead(), 0);
    assertEquals("poly", spec.schedule().schedule());
    assertEquals(0.9, spec.schedule().power(), 0);
    assertEquals("biases x20", 20, spec.optimiser().lrHead() * spec.optimiser().lrBias(), 0);
    assertEquals("biases do not decay", 0, spec.optimiser().biasDecay(), 0);
    assertTrue(spec.optimiser().freezeBatchNorm());
    assertEquals(0, spec.optimiser().clipNorm(), 0);
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
    assertEquals(3, spec.budget().epochs());
    assertEquals("epochs replace the recipe's steps", 0, spec.budget().steps());
    assertEquals(List.of(240, 180), spec.transforms().size());
    assertEquals(2, spec.optimiser().lrHead(), 0);
    assertEquals(2.5e-4, spec.optimiser().lr(), 0);
    assertEquals(new File("y").getAbsolutePath(), spec.data().data());
  }

  @Test
  public void recipesOfOnesOwn() throws IOException {
    Files.createDirectories(recipes);
    Files.writeString(recipes.resolve("quick.json"), "{\"steps\": 7, \"lr\": 0.5}");
    TrainSpec spec = plan(Map.of("recipe", "quick"));
    assertEquals(7, spec.budget().steps());
    assertEquals(0, spec.budget().epochs());
    assertEquals(0.5, spec.optimiser().lr(), 0);
    assertEquals(8, spec.budget().batch());
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
    assertRefused("schedule", "linear", "poly, cosine, constant");
    assertRefused("lr_end", -1, "0 or more");
    assertRefused("warmup", -1, "0 or more");
    assertRefused("warmup_start", 0, "more than 0");
    assertRefused("ema", 1, "less than 1");
    assertRefused("norm_bias_decay", -1, "0 or more");
    assertTrue(refused(Map.of("steps", 3, "warmup", 4)).contains("at most the number of steps, 3"));
    assertRefused("size", "12", "HxW");
    assertRefused("scale", "1.5,0.5", "smallest");
    assertRefused("std", "1,0,1", "three numbers");
    assertRefused("class_weights", "1,x", "median-frequency");
    assertRefused("class_weights", "logs", "median-frequency");
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
    assertEquals(TrainSpec.Channels.BGR, spec.data().channels());
    assertEquals(255, spec.data().pixelRange());
    assertEquals(caffe.mean(), spec.data().mean());
    assertEquals(caffe.std(), spec.data().std());

    assertEquals(
        TrainSpec.Channels.BGR,
        plans.plan("rig", Map.of("channels", "bgr"), caffe).data().channels());
    assertTrue(
        assertThrows(RigException.class, () -> plans.plan("rig", Map.of("channels", "rgb"), caffe))
            .getMessage()
            .contains("'channels' is rgb; it must be bgr unless 'mean' and 'std' are given too"));
    spec =
        plans.plan(
            "rig",
            Map.of("channels", "rgb", "pixel-range", 1, "mean", "0.5,0.5,0.5", "std", "1,1,1"),
            caffe);
    assertEquals(List.of(0.5, 0.5, 0.5), spec.data().mean());

    Files.createDirectories(recipes);
    Files.writeString(
        recipes.resolve("grey.json"), "{\"mean\": [0.5, 0.5, 0.5], \"std\": [1, 1, 1]}");
    spec = plans.plan("rig", Map.of("recipe", "grey"), caffe);
    assertEquals("the recipe's own", List.of(0.5, 0.5, 0.5), spec.data().mean());
    assertEquals("with the default's order", TrainSpec.Channels.RGB, spec.data().channels());
    assertEquals(1, spec.data().pixelRange());
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
    assertEquals(7, spec.budget().steps());
    assertEquals(copy.toString(), spec.recipe());
    assertEquals(2.5e-4, spec.optimiser().lr(), 0);
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
    assertTrue(refused(Map.of("recipe", copy.toString())).contains("'network'"));
    Files.writeString(copy, "{");
    assertTrue(refused(Map.of("recipe", copy.toString())).contains("is not a JSON object"));
    Files.delete(copy);
    assertTrue(refused(Map.of("recipe", copy.toString())).contains("there is no file"));
    assertTrue(refused(Map.of("recipe", "../mine")).contains("there is no recipe '../mine'"));
  }

  @Test
  public void tablesOfOnesOwnKeepTheirPlace() {
    assertEquals("camvid", table(Map.of("coarse", "camvid")));
    String file = new File("x/groups.json").getAbsolutePath();
    assertEquals(file, table(Map.of("coarse", "x/groups.json")));
    assertEquals(file, table(Map.of("loss", "coarse-to-fine:table=x/groups.json")));
  }

  private String table(Map<String, ?> options) {
    PartSpec loss = plan(options).objective().loss();
    assertEquals("coarse-to-fine", loss.name());
    return (String) loss.options().get("table");
  }

  @Test
  public void scaleFlipAndCoarseAreShortForPartsOfTheSpec() throws IOException {
    PartSpec crop = PartSpec.of("crop");
    PartSpec flip = PartSpec.of("flip");
    assertEquals(List.of(scale(1, 2), crop, flip), transforms(plan(Map.of("scale", "1,2"))));
    assertEquals(List.of(SCALE, crop), transforms(plan(Map.of("flip", "false"))));
    PartSpec mine = new PartSpec("mine", Map.of("by", "3"));
    Map<String, String> list = Map.of("transforms", "crop,mine:by=3");
    assertEquals(List.of(crop, mine), transforms(plan(list)));
    assertEquals(
        "scale comes first, flip last",
        List.of(scale(1, 2), crop, mine, flip),
        transforms(plan(Map.of("transforms", "crop,mine:by=3", "scale", "1,2", "flip", "true"))));
    assertEquals(List.of(), transforms(plan(Map.of("transforms", ""))));

    Files.createDirectories(recipes);
    Files.writeString(
        recipes.resolve("mine.json"),
        "{\"transforms\": [{\"name\": \"mine\", \"by\": 3}, \"crop\"]}");
    Map<String, String> recipe = Map.of("recipe", "mine", "scale", "1,2");
    assertEquals(
        List.of(scale(1, 2), new PartSpec("mine", Map.of("by", 3L)), crop),
        transforms(plan(recipe)));

    assertEquals(
        PartSpec.of("cross-entropy"),
        plan(Map.of("loss", "coarse-to-fine:table=camvid", "coarse", "none")).objective().loss());
    assertEquals(
        PartSpec.of("focal"), plan(Map.of("loss", "focal", "coarse", "none")).objective().loss());
    assertTrue(
        refused(Map.of("loss", "focal", "coarse", "camvid"))
            .contains("option 'coarse' is camvid and option 'loss' is focal; give one of them"));
  }

  /** Version 0.1 reads what it could have written; the rest it could not compute. */
  @Test
  public void specsAreStoredInTheOldSpellingWhereItCanSayThem() {
    Map<String, Object> json = Plans.json(plan(Map.of("scale", "1,2", "flip", "false")));
    assertEquals(List.of(1.0, 2.0), json.get("scale"));
    assertEquals(false, json.get("flip"));
    assertEquals("none", json.get("coarse"));
    for (String key :
        List.of(
            "transforms",
            "loss",
            "deterministic",
            "ema",
            "norm_bias_decay",
            "lr_end",
            "random_iterations",
            "halting",
            "gradient",
            "engine",
            "nodes",
            "per_node",
            "python",
            "warmup",
            "warmup_start",
            "monitor",
            "keep")) {
      assertFalse(key, json.containsKey(key));
    }
    assertEquals(49, json.size());
    assertEquals("camvid", Plans.json(plan(Map.of("coarse", "camvid"))).get("coarse"));

    json = Plans.json(plan(Map.of("transforms", "crop,flip", "loss", "focal:gamma=2")));
    assertEquals(List.of(Map.of("name", "crop"), Map.of("name", "flip")), json.get("transforms"));
    assertEquals(Map.of("name", "focal", "gamma", "2"), json.get("loss"));
    assertFalse(
        json.containsKey("scale") || json.containsKey("flip") || json.containsKey("coarse"));
    assertEquals(true, Plans.json(plan(Map.of("deterministic", "true"))).get("deterministic"));
  }

  @Test
  public void whatIsStoredIsReadAgain() {
    for (Map<String, String> options :
        List.of(
            Map.<String, String>of(),
            Map.of("recipe", "deeplabv2", "flip", "false"),
            Map.of("coarse", "camvid", "iteration_weights", "1,0.5"),
            Map.of("transforms", "crop,scale:min=1:max=2", "deterministic", "true"),
            Map.of("ema", "0.99", "norm_bias_decay", "0"),
            Map.of("keep", "last", "monitor", "IoU:car:1"),
            Map.of("schedule", "cosine", "lr_end", "1e-6", "warmup", "9", "warmup_start", "0.5"),
            Map.of("loss", "focal:gamma=2"))) {
      TrainSpec spec = plan(options);
      TrainSpec again = Plans.read(Path.of("spec.json"), Plans.json(spec));
      assertEquals(Plans.json(spec), Plans.json(again));
      assertEquals(Plans.json(spec), Plans.json(plans.agree(again, Map.of()).spec()));
    }
  }

  @Test
  public void everyOptionSaysWhatItIs() {
    List<OptionInfo> options = plans.options();
    List<String> names = options.stream().map(OptionInfo::name).toList();
    assertEquals(names, names.stream().distinct().toList());
    assertEquals(
        Map.of("scale", "0.5,1.5", "flip", "true", "coarse", "none", "loss", "cross-entropy"),
        options.stream()
            .filter(o -> List.of("scale", "flip", "coarse", "loss").contains(o.name()))
            .collect(Collectors.toMap(OptionInfo::name, OptionInfo::defaultValue)));
    OptionInfo transforms = option("transforms");
    assertEquals("scale:max=1.5:min=0.5,crop,flip", transforms.defaultValue());
    assertEquals("list of part", transforms.type());
    assertEquals(List.of("sgd", "adamw"), option("optimizer").allowed());
    assertEquals(List.of("eager", "compiled"), option("execution").allowed());
    assertEquals("false", option("deterministic").defaultValue());
    for (OptionInfo option : options) {
      boolean plain = List.of("optimizer", "weight_decay", "schedule").contains(option.name());
      assertEquals(option.name(), plain, option.about().isEmpty());
    }
  }

  private OptionInfo option(String name) {
    return plans.options().stream().filter(o -> o.name().equals(name)).findFirst().orElseThrow();
  }

  /** Options of the tables in config, and of their small forms, are options of trainings. */
  @Test
  public void tablesHaveOptionsThatThereAre() throws IOException {
    Path config = Path.of("..", "..", "config");
    int files = 0;
    for (String folder : List.of("tables", "campaign")) {
      try (Stream<Path> tables = Files.list(config.resolve(folder))) {
        for (Path file : tables.toList()) {
          Map<String, Object> table = Json.read(file);
          plan(options(table.get("train")));
          if (table.get("small") instanceof Map<?, ?> small) {
            plan(options(small.get("train")));
          }
          List<?> columns = table.get("columns") instanceof List<?> some ? some : List.of(Map.of());
          List<?> rows = table.get("rows") instanceof List<?> some ? some : List.of();
          for (Object row : rows) {
            for (Object column : columns) {
              Map<String, Object> own = options(table.get("train"));
              own.putAll(options(((Map<?, ?>) column).get("train")));
              own.putAll(options(((Map<?, ?>) row).get("train")));
              plan(own);
            }
          }
          files++;
        }
      }
    }
    assertEquals(14, files);
  }

  /** Fields of the searches in config are options of trainings, or of the network's spec. */
  @Test
  public void searchesHaveOptionsThatThereAre() throws IOException {
    List<String> strange = new ArrayList<>();
    int files = 0;
    try (Stream<Path> searches = Files.list(Path.of("..", "..", "config", "searches"))) {
      for (Path file : searches.toList()) {
        Map<String, Object> search = Json.read(file);
        plan(options(search.get("train")));
        for (Object field : ((Map<?, ?>) search.get("space")).keySet()) {
          if (!field.toString().startsWith("network.")
              && plans.options().stream().noneMatch(o -> o.name().equals(field))) {
            strange.add(file + ": " + field);
          }
        }
        files++;
      }
    }
    assertEquals(List.of(), strange);
    assertEquals(2, files);
  }

  private static Map<String, Object> options(Object json) {
    Map<String, Object> options = new LinkedHashMap<>();
    if (json instanceof Map<?, ?> map) {
      map.forEach((name, value) -> options.put(String.valueOf(name), value));
    }
    return options;
  }

  /** Unreadable, with an option that there is not, and with a value that is wrong. */
  @Test
  public void aServerDoesNotShowARecipesFile() throws IOException {
    Path file = folder.newFile("own.json").toPath();
    for (String json :
        List.of("{\"s3cret\": 1, \"s3cret\": 2}", "{\"s3cret\": 1}", "{\"lr\": \"s3cret\"}")) {
      Files.writeString(file, json);
      Map<String, Object> options = Map.of("recipe", file.toString());
      assertTrue(json, refused(options).contains("s3cret"));
      System.setProperty(FileContents.PROPERTY, "true");
      try {
        assertFalse(json, refused(options).contains("s3cret"));
      } finally {
        System.clearProperty(FileContents.PROPERTY);
      }
    }
  }
}
