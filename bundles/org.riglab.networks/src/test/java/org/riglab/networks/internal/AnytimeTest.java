package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.bench.Analysis;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.graph.internal.analysis.AnalystService;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;

/** Passes of more or fewer iterations than the spec's, eager and compiled. */
public class AnytimeTest {
  private static final List<String> PARALLEL =
      List.of(
          "parallel", "parallel-multi-range", "rethinking", "network-wide", "network-wide-gated");

  private final CompilerService compiler = new CompilerService();

  @After
  public void close() {
    compiler.close();
  }

  private static NetworkSpec spec(String unroll, int iterations) {
    NetworkSpec toy = Toy.spec(unroll);
    return new NetworkSpec(
        toy.backbone(),
        toy.head(),
        toy.gate(),
        toy.unroll(),
        toy.feedback(),
        iterations,
        toy.classes(),
        toy.batchNorm(),
        toy.seed());
  }

  /** With batch norm. */
  private static NetworkSpec resnet(int iterations) {
    return new NetworkSpec(
        new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", "4", "output_stride", "8")),
        NetworkSpec.OWN_HEAD,
        PartSpec.of("mul-tanh"),
        PartSpec.of("parallel"),
        List.of(4, 5, 6),
        iterations,
        5,
        BatchNormPolicy.PER_ITERATION,
        3);
  }

  private static FakeRegistry registry() {
    FakeRegistry registry = Benches.registry();
    registry.put("toy", new Toy());
    registry.put("toy-head", new Toy.ToyHead());
    return registry;
  }

  private static List<float[]> run(NetworkSpec spec, PassLength length, Compilation compilation) {
    FakeRegistry registry = registry();
    try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = manager.arange(2 * 3 * 32 * 48f).mul(0.37f).sin();
      image = image.reshape(new Shape(2, 3, 32, 48));
      NDArray input = image;
      NDList logits =
          Torch.withoutGrad(
              () ->
                  compilation == null
                      ? assembly.forward(input, length, null)
                      : compilation.forward(assembly, input, length));
      List<float[]> values = new ArrayList<>();
      logits.forEach(array -> values.add(array.toFloatArray()));
      if (compilation != null) {
        compilation.forget();
      }
      return values;
    }
  }

  private Compilation compilation() {
    return new Compilation(
        compiler,
        Precision.FP32,
        false,
        reason -> {
          throw new AssertionError(reason);
        });
  }

  private static void assertClose(String what, List<float[]> expected, List<float[]> got) {
    assertEquals(what, expected.size(), got.size());
    for (int t = 0; t < expected.size(); t++) {
      float most = 0;
      for (float value : expected.get(t)) {
        most = Math.max(most, Math.abs(value));
      }
      assertArrayEquals(what + " t" + (t + 1), expected.get(t), got.get(t), 1e-4f * most);
    }
  }

  @Test
  public void stepsComputeWhatTheWholePassDoes() {
    PassLength one = new PassLength(0, Optional.of((t, logits) -> false));
    List<float[]> first = run(spec("parallel", 3), PassLength.of(1), null);
    assertClose("the first", first, run(spec("parallel", 3), one, compilation()));
    for (String unroll : PARALLEL) {
      NetworkSpec spec = spec(unroll, 3);
      List<float[]> whole = run(spec, PassLength.WHOLE, null);
      assertEquals(unroll, 3, whole.size());
      List<Integer> asked = new ArrayList<>();
      PassLength all = new PassLength(0, Optional.of((t, logits) -> asked.add(t)));
      assertClose(unroll, whole, run(spec, all, compilation()));
      assertEquals(unroll, List.of(1, 2), asked);
      asked.clear();
      assertClose(unroll, whole, run(spec, all, null));
      assertEquals(unroll, List.of(1, 2), asked);
      PassLength two = new PassLength(0, Optional.of((t, logits) -> t < 2));
      assertClose(unroll, whole.subList(0, 2), run(spec, two, null));
    }
  }

  @Test
  public void runsAsManyIterationsAsAskedFor() {
    for (String unroll : PARALLEL) {
      NetworkSpec spec = spec(unroll, 2);
      // fresh statistics are the same in every set, so that u = 4 is what u = 2 does beyond its end
      List<float[]> four = run(spec(unroll, 4), PassLength.WHOLE, null);
      assertClose(unroll, four, run(spec, PassLength.of(4), null));
      assertClose(unroll, four.subList(0, 1), run(spec, PassLength.of(1), null));
    }
    NetworkSpec parallel = spec("parallel", 2);
    assertClose(
        "parallel",
        run(spec("parallel", 4), PassLength.WHOLE, null),
        run(parallel, PassLength.of(4), compilation()));
    assertClose(
        "batch norm",
        run(resnet(4), PassLength.WHOLE, null),
        run(resnet(2), PassLength.of(4), null));
    NetworkSpec spec = spec("sequential", 2);
    List<float[]> four = run(spec("sequential", 4), PassLength.WHOLE, null);
    assertClose("sequential", four, run(spec, PassLength.of(4), null));
  }

  @Test
  public void blocksOfIterationsThatAreLeftOutDoNotRun() {
    FakeRegistry registry = registry();
    TreeSet<String> ran = new TreeSet<>();
    ActivationListener listener =
        new ActivationListener() {
          @Override
          public boolean wants(String name) {
            ran.add(name);
            return false;
          }

          @Override
          public void take(String name, NDArray map) {}
        };
    try (Assembly assembly =
            new Assembly(spec("parallel", 4), registry, registry, "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      PassLength two = new PassLength(0, Optional.of((t, logits) -> t < 2));
      Torch.withoutGrad(
          () -> assembly.forward(manager.ones(new Shape(1, 3, 32, 32)), two, listener));
    }
    assertTrue(ran.contains("block.2.t2"));
    assertFalse(ran.toString(), ran.stream().anyMatch(name -> name.contains(".t3")));
  }

  @Test
  public void countsMultiplyAddsUpToEachPrediction() throws Exception {
    Path home = Files.createTempDirectory("anytime");
    try (Bench bench = Benches.create(home, registry())) {
      bench.connect(compiler, null, null);
      bench.networks.assemble("p", spec("parallel", 3), true);
      Analysis analysis = new AnalystService(bench.networks, compiler).analyse("p", 1, 64, 96);
      long first = analysis.blocks().stream().mapToLong(b -> b.multiplyAdds().get(0)).sum();
      long more =
          analysis.blocks().stream()
                  .filter(b -> b.block() >= 2)
                  .mapToLong(b -> b.multiplyAdds().get(1))
                  .sum()
              + analysis.gates().stream().mapToLong(g -> g.multiplyAdds()).sum();
      try (Session session = bench.networks.open("p", "test")) {
        assertEquals(
            List.of(first, first + more, first + 2 * more), session.multiplyAdds(64, 96, 0));
        assertEquals(List.of(first), session.multiplyAdds(64, 96, 1));
        assertEquals(5, session.multiplyAdds(64, 96, 5).size());
      }
      assertEquals(analysis.multiplyAdds(), first + 2 * more);
    }
  }

  /** Gradients of a gate after steps of two iterations and of one. */
  private static List<Float> gateGradients(Session session) {
    List<Float> sums = new ArrayList<>();
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      for (int iterations : List.of(2, 1, 2)) {
        NDArray image = manager.arange(3 * 32 * 32f).mul(0.37f).sin();
        NDArray input = image.reshape(new Shape(1, 3, 32, 32));
        Torch.withGrad(
            true,
            () -> {
              NDList logits = session.forward(input, true, 0, iterations);
              assertEquals(iterations, logits.size());
              session.backward(logits.get(iterations - 1).logSoftmax(1).get(":,0").mean(), true);
              return null;
            });
        NDArray weight = session.state().get("gates.3.conv.weight").getArray();
        sums.add(weight.getGradient().abs().sum().getFloat());
      }
    }
    session.sweep();
    return sums;
  }

  @Test
  public void aStepOfFewerIterationsLeavesNoOldGradients() throws Exception {
    Path home = Files.createTempDirectory("anytime");
    List<List<Float>> all = new ArrayList<>();
    for (boolean compiled : List.of(false, true)) {
      try (Bench bench = Benches.create(home, registry())) {
        bench.connect(compiler, null, null);
        bench.networks.assemble("p", spec("parallel", 2), true);
        try (Session session = bench.networks.open("p", "test")) {
          if (compiled) {
            session.compile(
                Precision.FP32,
                false,
                reason -> {
                  throw new AssertionError(reason);
                });
          }
          all.add(gateGradients(session));
        }
      }
    }
    assertTrue(all.toString(), all.get(0).get(0) > 0);
    assertEquals("a gate of the second iteration", 0, all.get(0).get(1), 0);
    for (int i = 0; i < 3; i++) {
      assertEquals(all.get(0).get(i), all.get(1).get(i), 1e-3 * all.get(0).get(0));
    }
  }
}
