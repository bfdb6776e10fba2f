package org.riglab.parts;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Setting;
import org.riglab.base.Json;

public class OptionsTest {
  enum Pool {
    AVG,
    MAX_ALL,
    NONE
  }

  @interface GateOptions {
    Pool pool() default Pool.AVG;

    int outputStride() default 32;

    long seed() default 1;

    double bias() default 2.5e-4;

    boolean open() default false;

    int[] layers() default {2, 2};

    Pool[] pools() default {};

    String init() default "paper";
  }

  @interface Bad {
    Class<?> type() default Object.class;
  }

  private static GateOptions as(Map<String, ?> values) {
    return AnnotationOptions.check("gate g", GateOptions.class, values).as(GateOptions.class);
  }

  private static String error(Map<String, ?> values) {
    return assertThrows(
            RigException.class, () -> AnnotationOptions.check("gate g", GateOptions.class, values))
        .getMessage();
  }

  @Test
  public void describes() {
    List<OptionInfo> options = AnnotationOptions.describe("gate g", GateOptions.class);
    assertEquals(
        List.of("bias", "init", "layers", "open", "output_stride", "pool", "pools", "seed"),
        options.stream().map(OptionInfo::name).toList());
    assertEquals(new OptionInfo("bias", "number", "0.00025", List.of()), options.get(0));
    assertEquals(new OptionInfo("layers", "list of int", "2,2", List.of()), options.get(2));
    assertEquals(
        new OptionInfo("pool", "choice", "avg", List.of("avg", "max-all", "none")), options.get(5));
  }

  @Test
  public void convertsJsonAndText() {
    GateOptions json =
        as(
            Map.of(
                "outputStride",
                8L,
                "pool",
                "max_all",
                "bias",
                4L,
                "open",
                true,
                "layers",
                List.of(3L, 4L, 6.0),
                "pools",
                List.of("none", "max-all"),
                "seed",
                Long.MAX_VALUE));
    GateOptions text =
        as(
            Map.of(
                "output-stride", "8",
                "pool", "max-all",
                "bias", "4",
                "open", "true",
                "layers", "3,4,6",
                "pools", "none,max-all",
                "seed", "9223372036854775807"));
    for (GateOptions o : List.of(json, text)) {
      assertEquals(8, o.outputStride());
      assertEquals(Pool.MAX_ALL, o.pool());
      assertEquals(4.0, o.bias(), 0);
      assertEquals(true, o.open());
      assertArrayEquals(new int[] {3, 4, 6}, o.layers());
      assertArrayEquals(new Pool[] {Pool.NONE, Pool.MAX_ALL}, o.pools());
      assertEquals(Long.MAX_VALUE, o.seed());
      assertEquals("paper", o.init());
    }
  }

  @Test
  public void defaultsHold() {
    GateOptions o = as(Map.of());
    assertEquals(32, o.outputStride());
    assertEquals(Pool.AVG, o.pool());
    assertEquals(2.5e-4, o.bias(), 0);
    assertArrayEquals(new int[] {2, 2}, o.layers());
    assertEquals(0, o.pools().length);
    AnnotationOptions.check("m", Provider.None.class, Map.of()).as(Provider.None.class);
  }

  @Test
  public void refuses() {
    assertEquals(
        "gate g has no option 'pol'; it has pool, bias, init, layers, open, output_stride, pools,"
            + " seed",
        error(Map.of("pol", "avg")));
    assertEquals(
        "gate g: option 'output_stride' is '7.5'; it must be an int",
        error(Map.of("output_stride", 7.5)));
    assertEquals(
        "gate g: option 'output_stride' is '4294967304'; it must be an int",
        error(Map.of("output_stride", "4294967304")));
    assertEquals(
        "gate g: option 'pool' is 'big'; it must be one of avg, max-all, none",
        error(Map.of("pool", "big")));
    assertEquals(
        "gate g: option 'open' is 'yes'; it must be true or false", error(Map.of("open", "yes")));
    assertEquals(
        "gate g: option 'bias' is 'NaN'; it must be a number", error(Map.of("bias", "NaN")));
    assertEquals(
        "gate g: option 'layers' is [2, x]; it must be a list, each an int",
        error(Map.of("layers", List.of(2L, "x"))));
    assertEquals("gate g: option 'init' is '3'; it must be a text", error(Map.of("init", 3L)));
    assertEquals(
        "gate g: option 'output_stride' is given twice",
        error(Map.of("output_stride", 8L, "output-stride", 8L)));
    assertEquals(
        "metric m has no option 'x'; it has none",
        assertThrows(
                RigException.class,
                () -> AnnotationOptions.check("metric m", Provider.None.class, Map.of("x", 1L)))
            .getMessage());
    assertEquals(
        "gate b declares option 'type' as Class: it must be int, long, double, boolean, String, an"
            + " enum or an array of these",
        assertThrows(RigException.class, () -> AnnotationOptions.describe("gate b", Bad.class))
            .getMessage());
  }

  @Test
  public void normalises() {
    assertEquals(
        Map.of("layers", List.of(3L, 4L), "pool", "max-all"),
        AnnotationOptions.normalise(
            "g",
            GateOptions.class,
            Map.of("layers", "3,4", "pool", "MAX_ALL", "outputStride", "32")));
  }

  @Test
  public void makesRecords() {
    Map<String, ?> defaults =
        Map.of("iterations", 2, "batch_norm", BatchNormPolicy.PER_ITERATION, "seed", 1L);
    NetworkSpec text =
        RecordOptions.record(
            "network",
            NetworkSpec.class,
            Map.of(
                "backbone", "resnet:layers=1,1,1,1:width=8",
                "head", "fcn",
                "gate", "mul-sigmoid",
                "unroll", "parallel",
                "feedback", "6..4",
                "classes", "11",
                "batch-norm", "shared"),
            defaults);
    assertEquals(List.of(4, 5, 6), text.feedback());
    assertEquals(
        new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", "8")), text.backbone());
    assertEquals(BatchNormPolicy.SHARED, text.batchNorm());
    assertEquals(2, text.iterations());
    Map<String, Object> written = RecordOptions.values(text);
    assertEquals("shared", written.get("batch_norm"));
    assertEquals(
        text,
        RecordOptions.record(
            "network", NetworkSpec.class, Json.parse(Json.text(written), "text"), Map.of()));
    assertEquals(
        "network needs option 'backbone', NAME or NAME:OPTION=VALUE",
        assertThrows(
                RigException.class,
                () -> RecordOptions.record("network", NetworkSpec.class, Map.of(), defaults))
            .getMessage());
    assertEquals(
        "network: option 'gate': 'init' in 'mul:init' is no option; options are written NAME=VALUE",
        assertThrows(
                RigException.class,
                () ->
                    RecordOptions.record(
                        "network", NetworkSpec.class, Map.of("gate", "mul:init"), defaults))
            .getMessage());
    assertEquals(
        new OptionInfo(
            "batch_norm", "choice", "per-iteration", List.of("per-iteration", "shared", "frozen")),
        RecordOptions.describe(NetworkSpec.class, defaults).get(7));
  }

  private record Outer(@Setting(about = "for people") String title, Inner inner, long last) {}

  private record Inner(
      @Setting(about = "A: first", least = 1, most = 3, before = "2") int firstOne,
      @Setting(about = "", above = 0, below = 1) double share,
      @Setting(
              about = "",
              least = 1,
              lengths = {0, 2},
              right = "AxB")
          List<Integer> sides,
      @Setting(
              about = "",
              choices = {"eager", "compiled"})
          Execution execution,
      @Setting(about = "", pattern = "a+") String text) {}

  private static final Map<String, Object> NESTED =
      Map.of(
          "title",
          "t",
          "first_one",
          2,
          "share",
          0.5,
          "sides",
          "3x4",
          "execution",
          "eager",
          "text",
          "aa",
          "last",
          7);

  private static String refused(String option, Object value) {
    return assertThrows(
            RigException.class,
            () -> RecordOptions.record("it", Outer.class, Map.of(option, value), NESTED))
        .getMessage();
  }

  @Test
  public void nestedRecordsAreFlatWhereTheyAreWritten() {
    Outer outer = RecordOptions.record("it", Outer.class, Map.of("first-one", "3"), NESTED);
    assertEquals(new Outer("t", new Inner(3, 0.5, List.of(3, 4), Execution.EAGER, "aa"), 7), outer);
    Map<String, Object> values = RecordOptions.values(outer);
    assertEquals(
        List.of("title", "first_one", "share", "sides", "execution", "text", "last"),
        List.copyOf(values.keySet()));
    assertEquals(outer, RecordOptions.record("it", Outer.class, values, Map.of()));
    List<OptionInfo> options = RecordOptions.describe(Outer.class, NESTED);
    assertEquals(new OptionInfo("first_one", "int", "2", List.of(), "A: first"), options.get(1));
    assertEquals(
        new OptionInfo("execution", "choice", "eager", List.of("eager", "compiled")),
        options.get(4));
    assertEquals(Map.of("first_one", "2"), RecordOptions.before(Outer.class));
  }

  @Test
  public void whatASettingSaysIsChecked() {
    assertEquals("it: option 'first_one' is 4; it must be 1 to 3", refused("first_one", 4));
    assertEquals("it: option 'first_one' is 0; it must be 1 to 3", refused("first_one", 0));
    assertEquals(
        "it: option 'share' is 0.0; it must be more than 0 to less than 1", refused("share", 0));
    assertEquals(
        "it: option 'share' is 1.0; it must be more than 0 to less than 1", refused("share", 1));
    assertEquals("it: option 'sides' is [3]; it must be AxB", refused("sides", "3"));
    assertEquals("it: option 'sides' is [3, 0]; it must be AxB", refused("sides", "3x0"));
    assertEquals(
        "it: option 'execution' is onnx; it must be one of eager, compiled",
        refused("execution", "onnx"));
    assertEquals("it: option 'text' is ab; it must be text that matches a+", refused("text", "ab"));
    assertEquals(
        List.of(),
        RecordOptions.record("it", Outer.class, Map.of("sides", ""), NESTED).inner().sides());
  }

  record Size(List<Integer> size, List<Double> scale, long steps) {}

  @Test
  public void readsSizes() {
    assertEquals(
        new Size(List.of(240, 180), List.of(0.5, 1.5), 10),
        RecordOptions.record(
            "s", Size.class, Map.of("size", "240x180", "scale", "0.5,1.5"), Map.of("steps", 10)));
  }
}
