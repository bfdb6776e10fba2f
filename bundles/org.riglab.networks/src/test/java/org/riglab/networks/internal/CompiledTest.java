package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.author.Parity;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.base.Json;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.engine.EngineFlags;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

/** Compiled passes compute what eager ones do; skipped where the parity cases are not at hand. */
public class CompiledTest {
  private static final Path CASES =
      Path.of(System.getProperty("riglab.shared", "../../../shared"), "parity", "cases");

  private final CompilerService compiler = new CompilerService();

  @After
  public void close() {
    EngineFlags.deterministic(false);
    compiler.close();
  }

  /** Is given one case after the other. */
  interface Check {
    void of(String name, Assembly assembly, Map<String, HostTensor> values, HostTensor image);
  }

  static void forEveryCase(Check check) throws IOException {
    assumeTrue("no parity cases at " + CASES, Files.isDirectory(CASES));
    List<Path> cases;
    try (Stream<Path> folders = Files.list(CASES)) {
      cases = folders.sorted().toList();
    }
    assertEquals(25, cases.size());
    FakeRegistry registry = Benches.registry();
    for (Path folder : cases) {
      NetworkSpec spec = Specs.read(Json.read(folder.resolve("case.json")), folder.toString());
      Path weights = folder.resolve("weights.safetensors");
      try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu());
          Safetensors batch = Safetensors.open(folder.resolve("batch.safetensors"))) {
        check.of(
            folder.getFileName().toString(),
            assembly,
            WeightMatching.all(assembly.shapes(), weights),
            batch.floats("image"));
      }
    }
  }

  /** Logits, and after a training pass every gradient and running statistic. */
  private static Map<String, HostTensor> pass(
      Assembly assembly, HostTensor image, boolean training, Compilation compilation) {
    Map<String, HostTensor> got = new LinkedHashMap<>();
    Torch.withGrad(
        training,
        () -> {
          try (NDManager manager = assembly.manager().newSubManager()) {
            for (Parameter parameter : assembly.state().values()) {
              if (parameter.requiresGradient()) {
                JniUtils.zeroGrad((PtNDArray) parameter.getArray());
              }
            }
            DataType type = assembly.state().values().iterator().next().getArray().getDataType();
            NDArray x =
                manager.create(image.values(), new Shape(image.shape())).toType(type, false);
            NDList logits =
                compilation == null
                    ? assembly.forward(x, training, null)
                    : compilation.forward(assembly, x, training, 0);
            NDArray loss = null;
            for (int t = 0; t < logits.size(); t++) {
              got.put("logits." + t, host(logits.get(t)));
              NDArray share = logits.get(t).logSoftmax(1).get(":,0").mean();
              loss = loss == null ? share : loss.add(loss).add(share);
            }
            if (training) {
              JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
              if (compilation != null) {
                compilation.backward(compilation.direct());
              }
            }
          }
          return null;
        });
    if (training) {
      assembly
          .state()
          .forEach(
              (name, parameter) -> {
                NDArray value = parameter.getArray();
                if (!parameter.requiresGradient()) {
                  got.put("statistics." + name, host(value));
                } else if (JniUtils.getGradient((PtNDArray) value) != null) {
                  got.put("gradient." + name, host(JniUtils.getGradient((PtNDArray) value)));
                }
              });
    }
    assembly.sweep();
    return got;
  }

  public static HostTensor host(NDArray array) {
    List<Long> shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
    return new HostTensor(shape, array.toType(DataType.FLOAT32, false).toFloatArray());
  }

  /** As {@link #pass}, eagerly and in training, computed in float64. */
  private static Map<String, HostTensor> exactly(Assembly assembly, HostTensor image) {
    try (NDManager manager = assembly.manager().newSubManager()) {
      Map<Parameter, NDArray> kept = new LinkedHashMap<>();
      for (Parameter parameter : assembly.state().values()) {
        NDArray value = parameter.getArray();
        kept.put(parameter, value);
        NDArray wide = value.toType(DataType.FLOAT64, true);
        wide.attach(manager);
        wide.setRequiresGradient(parameter.requiresGradient());
        replace(parameter, wide);
      }
      try {
        return pass(assembly, image, true, null);
      } finally {
        kept.forEach(CompiledTest::replace);
      }
    }
  }

  /** Networks have no other type than float32. */
  private static void replace(Parameter parameter, NDArray value) {
    try {
      Field array = Parameter.class.getDeclaredField("array");
      array.setAccessible(true);
      array.set(parameter, value);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static double norm(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = b == null ? a[i] : (double) a[i] - b[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  public static double worst(Map<String, HostTensor> wanted, Map<String, HostTensor> got) {
    assertEquals(wanted.keySet(), got.keySet());
    double largest =
        wanted.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith("gradient."))
            .mapToDouble(entry -> norm(entry.getValue().values(), null))
            .max()
            .orElse(0);
    double worst = 0;
    for (Map.Entry<String, HostTensor> entry : wanted.entrySet()) {
      float[] values = entry.getValue().values();
      // as in parity: a small gradient counts against a thousandth of the largest
      double floor = entry.getKey().startsWith("gradient.") ? 1e-3 * largest : 1e-6;
      double error =
          norm(values, got.get(entry.getKey()).values()) / Math.max(norm(values, null), floor);
      worst = Math.max(worst, error);
    }
    return worst;
  }

  @Test
  public void inFloat32EveryTensorAgrees() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String> told = new ArrayList<>();
    forEveryCase(
        (name, assembly, values, image) -> {
          for (boolean training : new boolean[] {false, true}) {
            assembly.load(values);
            Map<String, HostTensor> eager = pass(assembly, image, training, null);
            assembly.load(values);
            Map<String, HostTensor> compiled =
                pass(
                    assembly,
                    image,
                    training,
                    new Compilation(compiler, Precision.FP32, false, told::add));
            double worst = worst(eager, compiled);
            if (!(worst <= 1e-5)) {
              wrong.add("%s, training %s: %.1e".formatted(name, training, worst));
            }
          }
        });
    assertEquals(List.of(), wrong);
    assertEquals(List.of(), told);
  }

  @Test
  public void computedAgainEveryTensorIsTheSame() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String> told = new ArrayList<>();
    forEveryCase(
        (name, assembly, values, image) -> {
          assembly.load(values);
          Compilation kept = new Compilation(compiler, Precision.FP32, false, told::add);
          Map<String, HostTensor> once = pass(assembly, image, true, kept);
          assembly.load(values);
          Compilation again = new Compilation(compiler, Precision.FP32, true, told::add);
          double worst = worst(once, pass(assembly, image, true, again));
          // running statistics included: they are updated once
          if (worst > 1e-6) {
            wrong.add("%s: %.1e".formatted(name, worst));
          }
        });
    assertEquals(List.of(), wrong);
    assertEquals(List.of(), told);
  }

  @Test
  public void deterministicallyEveryTensorAgrees() throws IOException {
    List<String> wrong = new ArrayList<>();
    forEveryCase(
        (name, assembly, values, image) -> {
          if (!List.of("parallel-64-u2", "sequential-61-u3", "multirange-64-u3").contains(name)) {
            return;
          }
          assembly.load(values);
          Map<String, HostTensor> eager = pass(assembly, image, true, null);
          EngineFlags.deterministic(true);
          assembly.load(values);
          Compilation compilation = new Compilation(compiler, Precision.FP32, false, wrong::add);
          Map<String, HostTensor> first = pass(assembly, image, true, compilation);
          assembly.load(values);
          Map<String, HostTensor> second = pass(assembly, image, true, compilation);
          EngineFlags.deterministic(false);
          assembly.load(values);
          Map<String, HostTensor> exact = exactly(assembly, image);
          // The two differ by rounding: neither is farther from float64 than the other.
          double rounding = worst(exact, eager);
          double compiled = worst(exact, first);
          if (!(rounding <= Parity.TOLERANCE)
              || !(compiled <= Math.max(1e-5, 2 * rounding))
              || worst(first, second) != 0) {
            wrong.add(
                "%s: %.1e, eager %.1e, %.1e"
                    .formatted(name, compiled, rounding, worst(first, second)));
          }
        });
    assertEquals(List.of(), wrong);
  }

  /** In low precision; fails if anything cannot be compiled. */
  private Compilation compiled(Precision precision) {
    return new Compilation(
        compiler,
        precision,
        false,
        line -> {
          throw new AssertionError(line);
        });
  }

  /** Every value after two steps of gradient descent. */
  private static Map<String, HostTensor> steps(
      Assembly assembly, HostTensor image, Compilation compilation) {
    for (int step = 0; step < 2; step++) {
      pass(assembly, image, true, compilation);
      assembly
          .state()
          .forEach(
              (name, parameter) -> {
                PtNDArray value = (PtNDArray) parameter.getArray();
                PtNDArray gradient =
                    parameter.requiresGradient() ? JniUtils.getGradient(value) : null;
                if (gradient != null) {
                  value.subi(gradient.mul(name.startsWith("backbone.") ? 0.01 : 0.1));
                }
              });
      assembly.sweep();
    }
    return assembly.values();
  }

  @Test
  public void afterTwoStepsTheStateAgrees() throws IOException {
    List<String> wrong = new ArrayList<>();
    forEveryCase(
        (name, assembly, values, image) -> {
          assembly.load(values);
          Map<String, HostTensor> eager = steps(assembly, image, null);
          assembly.load(values);
          Compilation compilation = new Compilation(compiler, Precision.FP32, false, wrong::add);
          double worst = worst(eager, steps(assembly, image, compilation));
          if (!(worst <= 1e-5)) {
            wrong.add("%s: %.1e".formatted(name, worst));
          }
          assertTrue(worst(values, eager) > 1e-4);
        });
    assertEquals(List.of(), wrong);
  }

  @Test
  public void evaluationSeesWhatTrainingChanged() throws IOException {
    forEveryCase(
        (name, assembly, values, image) -> {
          if (!name.equals("parallel-64-u2")) {
            return;
          }
          assembly.load(values);
          Compilation compilation = new Compilation(compiler, Precision.FP32, false, null);
          Map<String, HostTensor> before = pass(assembly, image, false, compilation);
          pass(assembly, image, true, compilation);
          for (Parameter parameter : assembly.state().values()) {
            if (parameter.requiresGradient()) {
              PtNDArray value = (PtNDArray) parameter.getArray();
              value.subi(JniUtils.getGradient(value));
            }
          }
          assembly.sweep();
          Map<String, HostTensor> after = pass(assembly, image, false, compilation);
          assertTrue(worst(before, after) > 1e-2);
          assertTrue(worst(pass(assembly, image, false, null), after) <= 1e-5);
          compilation.changed();
        });
  }

  @Test
  public void everyOtherNetworkCompilesAndAgrees() throws IOException {
    FakeRegistry registry = Benches.registry();
    List<String> wrong = new ArrayList<>();
    List<String> told = new ArrayList<>();
    Random random = new Random(3);
    float[] pixels = new float[2 * 3 * 65 * 97];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    HostTensor image = new HostTensor(List.of(2L, 3L, 65L, 97L), pixels);
    List<List<String>> cases = NetworkCases.all();
    assertTrue(cases.size() >= 20);
    for (List<String> lines : cases) {
      String name = lines.get(0);
      NetworkSpec spec = Specs.read(Json.parse(lines.get(1), name), name);
      try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu())) {
        Map<String, HostTensor> values = assembly.values();
        Map<String, HostTensor> eager = pass(assembly, image, true, null);
        assembly.load(values);
        Compilation compilation = new Compilation(compiler, Precision.FP32, false, told::add);
        double worst = worst(eager, pass(assembly, image, true, compilation));
        if (!(worst <= 1e-4)) {
          wrong.add("%s: %.1e".formatted(name, worst));
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertEquals(List.of(), told);
  }

  @Test
  public void inHalfPrecisionGradientsPointTheSameWay() throws IOException {
    List<String> wrong = new ArrayList<>();
    forEveryCase(
        (name, assembly, values, image) -> {
          if (!List.of("parallel-64-u2", "sequential-61-u3", "multirange-64-u3").contains(name)) {
            return;
          }
          assembly.load(values);
          Map<String, HostTensor> exact = pass(assembly, image, true, null);
          for (Precision precision : List.of(Precision.BF16, Precision.FP16)) {
            assembly.load(values);
            Map<String, HostTensor> low =
                pass(
                    assembly, image, true, new Compilation(compiler, precision, false, wrong::add));
            // two channels wide and few pixels: batch norm makes much of what rounding does
            double cosine = cosine(exact, low);
            if (!(cosine > (precision == Precision.BF16 ? 0.8 : 0.95))) {
              wrong.add("%s %s: %.4f".formatted(name, precision, cosine));
            }
          }
        });
    assertEquals(List.of(), wrong);
  }

  /** Of all gradients as one vector. */
  private static double cosine(Map<String, HostTensor> a, Map<String, HostTensor> b) {
    double product = 0;
    double squares = 0;
    double others = 0;
    for (String name : a.keySet()) {
      float[] x = a.get(name).values();
      float[] y = b.get(name).values();
      for (int i = 0; name.startsWith("gradient.") && i < x.length; i++) {
        product += (double) x[i] * y[i];
        squares += (double) x[i] * x[i];
        others += (double) y[i] * y[i];
      }
    }
    return product / Math.sqrt(squares * others);
  }

  /** Its dilated convolutions are computed as products of all places of the kernel. */
  @Test
  public void asppInBfloat16AgreesToItsPrecision() {
    FakeRegistry registry = Benches.registry();
    NetworkSpec spec =
        new NetworkSpec(
            new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", "4", "output_stride", "8")),
            PartSpec.of("aspp"),
            PartSpec.of("mul-sigmoid"),
            PartSpec.of("parallel"),
            List.of(4, 5, 6),
            2,
            3,
            BatchNormPolicy.PER_ITERATION,
            1);
    float[] values = new float[2 * 3 * 97 * 65];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(0.37 * i + 1e-7 * i * i);
    }
    HostTensor image = new HostTensor(List.of(2L, 3L, 97L, 65L), values);
    for (boolean training : new boolean[] {false, true}) {
      try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu())) {
        Map<String, HostTensor> exact = pass(assembly, image, training, null);
        Map<String, HostTensor> low = pass(assembly, image, training, compiled(Precision.BF16));
        if (training) {
          double cosine = cosine(exact, low);
          assertTrue("cosine " + cosine, cosine > 0.95);
        } else {
          double worst = worst(exact, low);
          assertTrue("worst " + worst, worst > 1e-4 && worst < 0.1);
        }
      }
    }
  }

  @Test
  public void inFloat16LogitsAgreeToItsPrecision() throws IOException {
    forEveryCase(
        (name, assembly, values, image) -> {
          assembly.load(values);
          Map<String, HostTensor> eager = pass(assembly, image, false, null);
          Compilation compilation = compiled(Precision.FP16);
          double worst = worst(eager, pass(assembly, image, false, compilation));
          assertTrue(name + " " + worst, worst > 1e-5 && worst < 0.01);
          compilation.changed();
        });
  }

  @Test
  public void inBfloat16LogitsAgreeToItsPrecision() throws IOException {
    forEveryCase(
        (name, assembly, values, image) -> {
          assembly.load(values);
          Map<String, HostTensor> eager = pass(assembly, image, false, null);
          Map<String, HostTensor> compiled = pass(assembly, image, false, compiled(Precision.BF16));
          double worst = worst(eager, compiled);
          assertTrue(name + " " + worst, worst > 1e-4 && worst < 0.1);
        });
  }
}
