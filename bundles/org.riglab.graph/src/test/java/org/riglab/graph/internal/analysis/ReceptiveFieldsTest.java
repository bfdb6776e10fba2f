package org.riglab.graph.internal.analysis;

import static org.junit.Assert.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.Test;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;
import org.riglab.nn.Functional;

/**
 * Receptive fields are where the engine's gradient of one output is not zero: all weights are
 * positive, so that nothing cancels.
 */
public class ReceptiveFieldsTest {
  private static final Shape IMAGE = new Shape(1, 2, 33, 47);

  private static void check(UnaryOperator<NDArray> network) {
    Graph graph =
        Tracer.trace(
            List.of(new Argument("image", IMAGE, DataType.FLOAT32)),
            Map.of(),
            (store, inputs) -> new NDList(network.apply(inputs.head())));
    Span[] seen = ReceptiveFields.seen(graph, 0, true);
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray image = manager.ones(IMAGE);
      image.setRequiresGradient(true);
      NDArray out = network.apply(image);
      Shape shape = out.getShape();
      collector.backward(out.get(0, 0, shape.get(2) / 2, shape.get(3) / 2));
      NDArray gradient = image.getGradient().abs().sum(new int[] {0, 1});
      assertEquals(rows(gradient), seen[0].clipped(IMAGE.get(2)));
      assertEquals(rows(gradient.transpose()), seen[1].clipped(IMAGE.get(3)));
    }
  }

  private static Span rows(NDArray gradient) {
    float[] sums = gradient.sum(new int[] {1}).toFloatArray();
    int from = 0;
    while (sums[from] == 0) {
      from++;
    }
    int to = sums.length - 1;
    while (sums[to] == 0) {
      to--;
    }
    return new Span(from, to);
  }

  private static NDArray convolution(NDArray x, int kernel, int stride, int dilation) {
    NDArray weight = x.getManager().full(new Shape(2, x.getShape().get(1), kernel, kernel), 0.01f);
    long padding = (kernel - 1) / 2 * (long) dilation;
    return x.getNDArrayInternal()
        .convolution(
            x,
            weight,
            null,
            new Shape(stride, stride),
            new Shape(padding, padding),
            new Shape(dilation, dilation),
            1)
        .head();
  }

  private static NDArray stem(NDArray x) {
    return Functional.avgPool2d(convolution(x, 5, 2, 1), 2, 2, true);
  }

  @Test
  public void convolutionsAndPooling() {
    check(x -> convolution(convolution(x, 3, 1, 1), 3, 2, 1));
    check(x -> convolution(convolution(x, 3, 2, 1), 3, 1, 2));
    check(x -> convolution(stem(x), 1, 1, 1));
  }

  @Test
  public void resizes() {
    check(x -> Functional.interpolate(stem(x), 33, 47));
    check(x -> Functional.interpolate(x, 50, 61));
    check(x -> Functional.interpolate(convolution(x, 3, 1, 1), 9, 30));
    check(x -> Functional.interpolate(convolution(x, 3, 1, 1), 9, 90));
  }

  @Test
  public void gates() {
    check(
        x -> {
          NDArray y = stem(x);
          NDArray map =
              Functional.sigmoid(convolution(Functional.avgPool2d(y, 2, 2, true), 3, 1, 1));
          return y.mul(Functional.interpolate(map, y.getShape().get(2), y.getShape().get(3)));
        });
  }

  @Test
  public void pieces() {
    check(x -> convolution(x, 3, 1, 1).get(":, :, 5:20, 3::2"));
    check(x -> x.concat(convolution(x, 7, 1, 1), 1).get(":, 3:4"));
    check(x -> convolution(x, 3, 1, 1).concat(convolution(x, 5, 1, 1), 3));
    check(x -> convolution(x.transpose(0, 1, 3, 2), 3, 2, 1));
    check(x -> x.add(convolution(x, 3, 2, 1).mean(new int[] {2}, true).mean(new int[] {3}, true)));
    check(x -> convolution(x.pad(new Shape(3, 0, 1, 2), 0), 3, 1, 1));
  }
}
