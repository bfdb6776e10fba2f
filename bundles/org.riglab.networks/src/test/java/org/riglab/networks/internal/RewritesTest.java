package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.base.Json;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Rewrites;
import org.riglab.graph.internal.torchscript.ScriptFile;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.nn.script.Value;
import org.riglab.tensors.HostTensor;

/** Rewritten sizes compute what the network does. */
public class RewritesTest {
  /** A rewritten pass in libtorch, with the network's weights as they are now. */
  private static double error(Assembly assembly, Graph graph, HostTensor image) {
    Map<String, Value> state = new LinkedHashMap<>();
    assembly
        .values()
        .forEach(
            (name, tensor) ->
                state.put(
                    name, new Value(tensor.shape(), false, FloatBuffer.wrap(tensor.values()))));
    Sizes sizes = new Sizes(List.of(graph));
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try {
      ScriptFile.write(sizes, sizes, state, archive);
      return error(assembly, archive.toByteArray(), image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double error(Assembly assembly, byte[] archive, HostTensor image)
      throws IOException {
    try (NDManager manager = NDManager.newBaseManager();
        PtSymbolBlock block =
            JniUtils.loadModule(
                (PtNDManager) manager, new ByteArrayInputStream(archive), false, false)) {
      return CompiledTest.worst(
          ExportTest.logits(assembly, image, x -> assembly.forward(x, false, null)),
          ExportTest.logits(
              assembly, image, x -> IValueUtils.forward(block, new NDList(x), false)));
    }
  }

  private static Graph traced(Assembly assembly, HostTensor image) {
    List<Long> shape = image.shape();
    return assembly.show(
        network ->
            Tracer.trace(
                network,
                shape.get(0).intValue(),
                shape.get(2).intValue(),
                shape.get(3).intValue(),
                false));
  }

  private static long count(Graph graph, Class<? extends Op> op) {
    return graph.nodes().stream().filter(node -> op.isInstance(node.op())).count();
  }

  @Test
  public void everyCaseAgreesWithBatchNormFolded() throws IOException {
    List<String> wrong = new ArrayList<>();
    CompiledTest.forEveryCase(
        (name, assembly, values, image) -> {
          assembly.load(values);
          Graph traced = traced(assembly, image);
          Graph rewritten = Rewrites.inference(traced);
          long norms = count(traced, Op.BatchNorm.class);
          long left = count(rewritten, Op.BatchNorm.class);
          double found = error(assembly, rewritten, image);
          if (!(found <= 1e-5) || norms == 0 || left != 0) {
            wrong.add("%s: %.1e, %d of %d left".formatted(name, found, left, norms));
          }
        });
    assertEquals(List.of(), wrong);
  }

  /** A strategy that runs the whole network in each iteration, also what has not changed. */
  private static final class Wasteful implements Unroll {
    @Override
    public int applications(UnrollSpec spec, int block, Options options) {
      return spec.iterations();
    }

    @Override
    public NDList forward(Pass pass, NDArray image, Options options) {
      NDList logits = new NDList();
      NDArray[] before = new NDArray[pass.blocks() + 1];
      for (int t = 1; t <= pass.spec().iterations(); t++) {
        NDList y = new NDList(image);
        for (int k = 1; k <= pass.blocks(); k++) {
          y = pass.block(k, t, t > 1 && pass.gated(k) ? pass.gate(k, t, y, before[k]) : y);
          before[k] = y.head();
        }
        logits.add(y.head());
      }
      return logits;
    }
  }

  @Test
  public void stemsThatAStrategyRunsAgainRunOnce() {
    FakeRegistry registry = Benches.registry();
    registry.put("wasteful", new Wasteful());
    String json =
        """
        {"classes": 3, "iterations": 3, "feedback": [5, 6], "unroll": "%s", "batch_norm": "shared",
         "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "width": 4}}\
        """;
    HostTensor image = ExportTest.image(2, 65, 97);
    Graph wanted;
    NetworkSpec parallel = Specs.read(Json.parse(json.formatted("parallel"), "spec"), "spec");
    try (Assembly assembly = new Assembly(parallel, registry, registry, "test", Device.cpu())) {
      wanted = traced(assembly, image);
    }
    NetworkSpec wasteful = Specs.read(Json.parse(json.formatted("wasteful"), "spec"), "spec");
    try (Assembly assembly = new Assembly(wasteful, registry, registry, "test", Device.cpu())) {
      Graph traced = traced(assembly, image);
      Graph once = Rewrites.plain(new Sizes(List.of(traced))).first();
      // the stem and three of four layers, once instead of three times
      assertEquals(
          count(traced, Op.Convolution.class) - 2 * (1 + 3 * 4), count(once, Op.Convolution.class));
      assertEquals(count(wanted, Op.Convolution.class), count(once, Op.Convolution.class));
      double error = error(assembly, once, image);
      assertTrue("" + error, error <= 1e-5);
    }
  }

  @Test
  public void everyOtherNetworkAgreesWithBatchNormFolded() throws IOException {
    List<String> wrong = new ArrayList<>();
    FakeRegistry registry = Benches.registry();
    for (List<String> lines : NetworkCases.all()) {
      String name = lines.get(0);
      NetworkSpec spec = Specs.read(Json.parse(lines.get(1), name), name);
      try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu())) {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        assembly.shapes().forEach((key, shape) -> weights.put(key, Formula.weights(1, key, shape)));
        assembly.load(weights);
        HostTensor image = ExportTest.image(2, 65, 97);
        double found = error(assembly, Rewrites.inference(traced(assembly, image)), image);
        if (!(found <= 1e-5)) {
          wrong.add("%s: %.1e".formatted(name, found));
        }
      }
    }
    assertEquals(List.of(), wrong);
  }
}
