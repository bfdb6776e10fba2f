package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Layer;

/** Compiled passes within the limits of the engine. */
public class EngineLimitsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** A sum of two convolutions of a feature in channels-last layout. */
  public static final class Sum implements Backbone {
    @Override
    public List<Stage> stages(BackboneShape shape, Options options) {
      return List.of(
          new Stage(
              "sum",
              "backbone.",
              new Layer() {
                private final Conv2d wide = addChildBlock("wide", Conv2d.withBias(3, 4, 3, 1));
                private final Conv2d one = addChildBlock("one", Conv2d.withBias(4, 1, 3, 1));
                private final Conv2d two = addChildBlock("two", Conv2d.withBias(4, 1, 3, 2));

                @Override
                public NDArray forward(Context context, NDArray x) {
                  NDArray y = wide.forward(context, x);
                  NDArray first = one.forward(context, y);
                  NDArray sum = first.add(two.forward(context, y));
                  return NDArrays.concat(new NDList(first, sum), 1);
                }

                @Override
                public Shape outputShape(Shape input) {
                  return new Shape(input.get(0), 2, input.get(2), input.get(3));
                }
              },
              3,
              2,
              1));
    }
  }

  /** Adds an array of more values than a list of the interpreter can have. */
  public static final class Large implements Backbone {
    @Override
    public List<Stage> stages(BackboneShape shape, Options options) {
      return List.of(
          new Stage(
              "large",
              "backbone.",
              new Layer() {
                @Override
                public NDArray forward(Context context, NDArray x) {
                  long height = x.getShape().get(2);
                  long width = x.getShape().get(3);
                  float[] values = new float[Math.toIntExact(height * width)];
                  for (int i = 0; i < values.length; i++) {
                    values[i] = i % 97;
                  }
                  return x.add(x.getManager().create(values, new Shape(1, 1, height, width)));
                }

                @Override
                public Shape outputShape(Shape input) {
                  return input;
                }
              },
              3,
              3,
              1));
    }
  }

  /** oneDNN cannot make one operation of them. */
  @Test
  public void sumsOfConvolutionsWithOneChannel() {
    assertCompiledEqualsEager(new Sum(), 8);
  }

  @Test
  public void arraysOfManyValues() {
    assertCompiledEqualsEager(new Large(), 260);
  }

  private void assertCompiledEqualsEager(Backbone backbone, int side) {
    FakeRegistry registry = Benches.registry();
    registry.put("sum", backbone);
    Bench bench = Benches.create(folder.getRoot().toPath(), registry);
    CompilerService compiler = new CompilerService();
    bench.connect(compiler, null, null);
    NetworkSpec spec =
        new NetworkSpec(
            PartSpec.of("sum"),
            PartSpec.of("fcn"),
            PartSpec.of("identity"),
            PartSpec.of("feed-forward"),
            List.of(),
            1,
            2,
            NetworkSpec.BatchNormPolicy.SHARED,
            1);
    bench.networks.assemble("sum", spec, false);
    try (Session session = bench.networks.open("sum", "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = manager.arange(3f * side * side).sin().reshape(1, 3, side, side);
      float[] eager = Torch.withoutGrad(() -> session.forward(image, false)).head().toFloatArray();
      session.compile(
          Precision.FP32,
          false,
          line -> {
            throw new AssertionError(line);
          });
      float[] compiled =
          Torch.withoutGrad(() -> session.forward(image, false)).head().toFloatArray();
      assertArrayEquals(eager, compiled, 1e-4f);
    } finally {
      bench.close();
      compiler.close();
    }
  }
}
