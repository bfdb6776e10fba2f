package org.riglab.graph.internal.torchscript;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.graph.internal.backward.Joint;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Lowering;
import org.riglab.graph.internal.torchscript.Modules.Arrays;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;
import org.riglab.nn.Functional;

/** The way back that is written here finds the gradients that the engine finds. */
public class AdjointTest {
  private static final Shape IMAGE = new Shape(2, 4, 5, 6);
  private static final Shape ONE = new Shape(1, 1);
  private static final Shape ZERO = new Shape(0, 0);
  private static final List<DataType> TYPES =
      List.of(DataType.FLOAT32, DataType.BFLOAT16, DataType.FLOAT16);

  private final Modules modules = new Modules();
  private final Map<String, Case> cases = new LinkedHashMap<>();

  /** A function of the image and of a trained parameter. */
  private record Case(Shape parameter, BinaryOperator<NDArray> function) {}

  @After
  public void close() {
    modules.close();
  }

  private void put(String name, Shape parameter, BinaryOperator<NDArray> function) {
    cases.put(name, new Case(parameter, function));
  }

  private void fill() {
    Shape channel = new Shape(1, 4, 1, 1);
    put("add", channel, NDArray::add);
    put("sub", channel, (x, p) -> x.sub(p));
    put("sub from", channel, (x, p) -> p.sub(x));
    put("mul", channel, NDArray::mul);
    put("div", channel, (x, p) -> x.div(p.add(3)));
    put("square of the same", IMAGE, (x, p) -> p.mul(p));
    put("doubled", IMAGE, (x, p) -> p.add(p).add(x));
    put("maximum", IMAGE, NDArray::maximum);
    put("minimum", IMAGE, (x, p) -> x.minimum(p));
    put("maximum of equals", IMAGE, (x, p) -> p.maximum(p.mul(1)));
    put("maximum of a number", IMAGE, (x, p) -> p.maximum(0.5).mul(x));
    put("minimum of a number", IMAGE, (x, p) -> p.minimum(-0.5).mul(x));
    put(
        "whole numbers",
        IMAGE,
        (x, p) -> p.gather(x.argMax(3).expandDims(3).add(7).sub(6).minimum(4).maximum(2), 3));
    put("numbers", IMAGE, (x, p) -> p.mul(3).add(2).sub(1).div(4));
    put("rsub", IMAGE, (x, p) -> p.getNDArrayInternal().rsub(2));
    put("rdiv", IMAGE, (x, p) -> p.square().add(1).getNDArrayInternal().rdiv(2));
    put("relu", IMAGE, (x, p) -> p.getNDArrayInternal().relu());
    put("relu of a sum", IMAGE, (x, p) -> x.add(p).getNDArrayInternal().relu());
    put("leakyRelu", IMAGE, (x, p) -> p.getNDArrayInternal().leakyRelu(0.1f));
    put("elu", IMAGE, (x, p) -> p.getNDArrayInternal().elu(1f));
    put("gelu", IMAGE, (x, p) -> p.getNDArrayInternal().gelu());
    put("swish", IMAGE, (x, p) -> p.getNDArrayInternal().swish(1f));
    put("selu", IMAGE, (x, p) -> p.getNDArrayInternal().selu());
    put("mish", IMAGE, (x, p) -> p.getNDArrayInternal().mish());
    put("softPlus", IMAGE, (x, p) -> p.getNDArrayInternal().softPlus());
    put("sigmoid", IMAGE, (x, p) -> ai.djl.nn.Activation.sigmoid(p));
    put("tanh", IMAGE, (x, p) -> p.tanh());
    put("exp", IMAGE, (x, p) -> p.exp());
    put("log", IMAGE, (x, p) -> p.square().add(1).log());
    put("sqrt", IMAGE, (x, p) -> p.square().add(1).sqrt());
    put("abs and neg", IMAGE, (x, p) -> p.abs().neg());
    put("clip", IMAGE, (x, p) -> p.clip(-0.5, 0.5));
    put("softmax", IMAGE, (x, p) -> p.softmax(1));
    put("logSoftmax", IMAGE, (x, p) -> p.logSoftmax(1));
    put("flip", IMAGE, (x, p) -> p.flip(3).mul(x));
    put("cumSum", IMAGE, (x, p) -> p.cumSum(2).mul(x));
    put("sort", IMAGE, (x, p) -> p.sort(3).mul(x));
    put("gather in order", IMAGE, (x, p) -> p.gather(x.argSort(1, false), 1).mul(x));
    put("gather some", IMAGE, (x, p) -> p.gather(x.argMax(1).expandDims(1), 1));
    put("topK", IMAGE, (x, p) -> p.topK(3, 2, true, true).head().square());
    put("sum", IMAGE, (x, p) -> x.mul(p.sum(new int[] {2, 3}, true)));
    put("sum of everything", IMAGE, (x, p) -> x.mul(p.sum()));
    put("sum without axes", IMAGE, (x, p) -> p.sum(new int[] {1}));
    put("mean", IMAGE, (x, p) -> x.mul(p.mean(new int[] {1}, true)));
    put("max", IMAGE, (x, p) -> x.mul(p.max(new int[] {2, 3}, true)));
    put("min", IMAGE, (x, p) -> p.min(new int[] {1}));
    put("concat", IMAGE, (x, p) -> NDArrays.concat(new NDList(p, x, p.mul(2)), 1));
    put("reshape", IMAGE, (x, p) -> p.reshape(2, 4, 30).mul(x.reshape(2, 4, 30)));
    put("transpose", IMAGE, (x, p) -> p.transpose(0, 2, 3, 1).mul(x.transpose(0, 2, 3, 1)));
    put("slice", IMAGE, (x, p) -> p.get(new NDIndex(":, 1:3, ::2, 1:5")));
    put("broadcast", channel, (x, p) -> p.broadcast(IMAGE).mul(x));
    put("pad", IMAGE, (x, p) -> p.pad(new Shape(1, 2, 0, 1), 0).square());
    put("matMul", new Shape(2, 4, 6, 3), (x, p) -> x.matMul(p));
    put("matMul, broadcast", new Shape(6, 3), (x, p) -> x.matMul(p));
    put(
        "linear",
        new Shape(7, 6),
        (x, p) -> x.getNDArrayInternal().linear(x, p, null).singletonOrThrow());
    put("pointwise", new Shape(3, 4, 1, 1), (x, p) -> convolution(x, p, ONE, ZERO));
    put(
        "pointwise, stride",
        new Shape(3, 4, 1, 1),
        (x, p) ->
            convolution(convolution(x, p, ONE, ZERO), ones(p, 5, 3, 1, 1), new Shape(2, 2), ZERO));
    put("convolution", new Shape(3, 4, 3, 3), (x, p) -> convolution(x, p, ONE, ONE));
    put(
        "convolution, stride",
        new Shape(3, 4, 3, 3),
        (x, p) ->
            convolution(convolution(x, p, ONE, ONE), ones(p, 2, 3, 3, 3), new Shape(2, 2), ONE));
    Shape three = new Shape(3, 3);
    put(
        "dilated",
        new Shape(1, 4, 2, 2),
        (x, p) -> dilated(x, p, null, new Shape(1, 2), three).mul(3));
    put(
        "dilated, gradient of the image",
        new Shape(20, 4, 1, 1),
        (x, p) -> dilated(convolution(x, p, ONE, ZERO), ramp(p, 2, 20, 3, 3), null, three, three));
    put(
        "dilated, bias",
        new Shape(2),
        (x, p) ->
            dilated(
                convolution(x, ramp(p, 20, 4, 1, 1), ONE, ZERO),
                ramp(p, 2, 20, 3, 3),
                p,
                new Shape(1, 2),
                new Shape(3, 4)));
    put(
        "more weights than pixels",
        new Shape(128, 4, 3, 3),
        (x, p) -> convolution(convolution(x, p, ONE, ONE), ones(p, 160, 128, 3, 3), ONE, ONE));
    put(
        "weights shared by products",
        new Shape(64, 6),
        (x, p) -> {
          NDArray few = x.get(new NDIndex(":, 0, :1, :"));
          NDArray once = few.getNDArrayInternal().linear(few, p, null).singletonOrThrow();
          NDArray scaled = few.mul(0.5).add(1);
          NDArray again = scaled.getNDArrayInternal().linear(scaled, p, null).singletonOrThrow();
          return once.mul(again).add(few.neg().matMul(p.transpose()));
        });
    put(
        "weights shared by convolutions",
        new Shape(16, 64, 3, 3),
        (x, p) -> {
          NDArray small = convolution(x.get(new NDIndex(":1")), ramp(p, 64, 4, 1, 1), ONE, ZERO);
          NDArray once = convolution(small, p, ONE, ONE);
          return once.mul(convolution(small.mul(0.5).add(1), p, ONE, ONE));
        });
    put(
        "bias",
        new Shape(3),
        (x, p) ->
            x.getNDArrayInternal()
                .convolution(x, ones(p, 3, 4, 3, 3), p, ONE, ZERO, ONE, 1)
                .singletonOrThrow());
    put(
        "maxPool",
        IMAGE,
        (x, p) -> p.getNDArrayInternal().maxPool(new Shape(3, 3), new Shape(2, 2), ONE, false));
    put(
        "avgPool",
        IMAGE,
        (x, p) ->
            p.getNDArrayInternal().avgPool(new Shape(3, 3), new Shape(2, 2), ONE, true, false));
    put("larger", IMAGE, (x, p) -> Functional.interpolate(p, 11, 13));
    put("smaller", IMAGE, (x, p) -> Functional.interpolate(p, 3, 2));
    put(
        "batchNorm",
        IMAGE,
        (x, p) -> {
          NDArray one = ones(p, 4);
          NDArray mean = ones(p, 4);
          NDArray variance = ones(p, 4);
          return p.getNDArrayInternal()
              .batchNorm(p, mean, variance, one.mul(2), one, 1, 0.9f, 1e-5f, true)
              .singletonOrThrow()
              .square();
        });
    put(
        "batchNorm between convolutions",
        new Shape(12, 4, 3, 3),
        (x, p) -> {
          NDArray one = ones(p, 12);
          NDArray made = convolution(x, p, ONE, ONE);
          NDArray normed =
              made.getNDArrayInternal()
                  .batchNorm(made, one.mul(0), one, one.mul(2), one, 1, 0.9f, 1e-5f, true)
                  .singletonOrThrow();
          return convolution(normed.add(made), ones(p, 16, 12, 3, 3), ONE, ONE);
        });
    put(
        "batchNorm with running statistics",
        IMAGE,
        (x, p) -> {
          NDArray one = ones(p, 4);
          return p.getNDArrayInternal()
              .batchNorm(p, one, one.mul(3), one.mul(2), one, 1, 0.9f, 1e-5f, false)
              .singletonOrThrow();
        });
    put("detached", IMAGE, (x, p) -> p.stopGradient().mul(p));
  }

  /** The joint graphs of all cases. */
  List<Joint> joints(DataType low) {
    fill();
    return cases.values().stream()
        .map(some -> Joint.of(Lowering.training(trace(some), low, true), true, false, false))
        .toList();
  }

  /** Values that differ, so that one in a wrong place is noticed. */
  private static NDArray ramp(NDArray like, long... sizes) {
    Shape shape = new Shape(sizes);
    float step = 2f / shape.size();
    return like.getManager().arange(-1f, 1f - step / 2, step).reshape(shape);
  }

  private static NDArray dilated(
      NDArray x, NDArray weight, NDArray bias, Shape padding, Shape dilation) {
    return x.getNDArrayInternal()
        .convolution(x, weight, bias, ONE, padding, dilation, 1)
        .singletonOrThrow();
  }

  private static NDArray ones(NDArray like, long... sizes) {
    return like.getManager().ones(new Shape(sizes));
  }

  private static NDArray convolution(NDArray x, NDArray weight, Shape stride, Shape padding) {
    return x.getNDArrayInternal()
        .convolution(x, weight, null, stride, padding, ONE, 1)
        .singletonOrThrow();
  }

  /** What an operation meets: the types of its operands and of what reads its result. */
  private enum Neighbours {
    /** Arrays as they are. */
    NONE,
    /** A parameter in the low precision, an image in float32, a product that reads the result. */
    LOW_PARAMETER,
    /** A parameter in float32, an image in the low precision. */
    LOW_IMAGE,
    /** Both in the low precision, a product that reads the result. */
    LOW;

    NDArray of(Case some, NDArray x, NDArray p) {
      NDArray image = this == LOW_IMAGE || this == LOW ? product(x) : x;
      boolean low = this == LOW_PARAMETER || this == LOW;
      NDArray result = some.function.apply(image, low ? product(p) : p);
      return low ? product(result) : result;
    }

    /** The same values as a matrix product: in the precision of these. */
    private static NDArray product(NDArray array) {
      Shape shape = array.getShape();
      return shape.dimension() < 2
          ? array
          : array.matMul(array.getManager().eye((int) shape.tail()));
    }
  }

  private static Graph trace(Case some) {
    return trace(some, Neighbours.NONE);
  }

  private static Graph trace(Case some, Neighbours neighbours) {
    Parameter parameter =
        Parameter.builder()
            .setName("p")
            .setType(Parameter.Type.WEIGHT)
            .optShape(some.parameter)
            .build();
    return Tracer.trace(
        List.of(new Argument("image", IMAGE, DataType.FLOAT32)),
        Map.of(parameter, "p"),
        (store, inputs) ->
            new NDList(neighbours.of(some, inputs.head(), store.getValue(parameter, null, true))));
  }

  private static NDArray wave(NDManager manager, Shape shape, double step) {
    int size = Math.toIntExact(shape.size());
    float[] values = new float[size];
    IntStream.range(0, size).forEach(i -> values[i] = (float) (2 * Math.sin(step * i + 1)));
    return manager.create(values, shape);
  }

  /** The engine's gradient of the sum of the results times a wave, after a given one. */
  private float[] engines(Graph graph, DataType low, Case some) {
    List<String> lines = Script.whole(Lowering.engine(graph, low), name -> "p[0]");
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray parameter = wave(manager, some.parameter, 0.7);
      parameter.setRequiresGradient(true);
      parameter.setName(Modules.LIST);
      JniUtils.setGradMode(true);
      try {
        NDArray result =
            modules
                .run(
                    String.join("\n", lines),
                    parameter.getDevice(),
                    new NDList(wave(manager, IMAGE, 0.3), parameter))
                .head();
        NDArray loss = result.mul(wave(manager, result.getShape(), 0.11)).sum();
        JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
      } finally {
        JniUtils.setGradMode(false);
      }
      return parameter.getGradient().toFloatArray();
    }
  }

  private float[] ours(Graph graph, DataType low, Case some, boolean recompute, boolean replace) {
    return ours(Joint.of(Lowering.training(graph, low, true), replace, recompute, false), some);
  }

  private float[] ours(Joint joint, Case some) {
    JointScript script = JointScript.of(joint, name -> "p[0]");
    try (NDManager manager = NDManager.newBaseManager()) {
      JniUtils.setGradMode(false);
      PtNDArray parameter = (PtNDArray) wave(manager, some.parameter, 0.7);
      parameter.setRequiresGradient(true);
      JniUtils.setGradMode(true);
      PtNDArray seven = parameter.sum();
      JniUtils.backward(seven, (PtNDArray) seven.onesLike().mul(7), false, false);
      JniUtils.setGradMode(false);
      PtNDArray image = (PtNDArray) wave(manager, IMAGE, 0.3);
      Arrays list = new Arrays("p", parameter);
      NDList forward = modules.run(script.forward(), image, list);
      PtNDArray[] saved = forward.subList(1, forward.size()).toArray(PtNDArray[]::new);
      PtNDArray gradient = (PtNDArray) wave(manager, forward.head().getShape(), 0.11);
      modules.run(
          script.backward(), image, list, new Arrays("s", saved), new Arrays("g", gradient));
      return parameter.getGradient().toFloatArray();
    }
  }

  private static double distance(float[] a, float[] b, double offset) {
    double most = 0;
    double scale = 1e-3;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - (b[i] - offset)));
      scale = Math.max(scale, Math.abs(a[i]));
    }
    return most / scale;
  }

  @Test
  public void gradientsAreTheEngines() {
    fill();
    List<String> wrong = new ArrayList<>();
    cases.forEach(
        (name, some) -> {
          Graph graph = trace(some);
          for (DataType low : TYPES) {
            float[] want = engines(graph, low, some);
            for (boolean recompute : new boolean[] {false, true}) {
              double error = distance(want, ours(graph, low, some, recompute, true), 0);
              if (!(error <= most(low))) {
                wrong.add("%s, %s, %s: %.1e".formatted(name, low, recompute, error));
              }
            }
            double error = distance(want, ours(graph, low, some, false, false), 7);
            if (!(error <= most(low))) {
              wrong.add("%s, %s, added: %.1e".formatted(name, low, error));
            }
          }
        });
    assertEquals(List.of(), wrong);
    assertTrue(cases.size() > 50);
  }

  private static double most(DataType low) {
    return switch (low) {
      case FLOAT32 -> 1e-5;
      case FLOAT16 -> 3e-3;
      default -> 2e-2;
    };
  }

  @Test
  public void gradientsAreTheEnginesBesideOtherTypes() {
    fill();
    List<String> wrong = new ArrayList<>();
    cases.forEach(
        (name, some) -> {
          for (Neighbours neighbours : Neighbours.values()) {
            Graph graph = trace(some, neighbours);
            for (DataType low : List.of(DataType.BFLOAT16, DataType.FLOAT16)) {
              String what = "%s, %s, %s: ".formatted(name, low, neighbours);
              try {
                float[] want = engines(graph, low, some);
                double error = distance(want, ours(graph, low, some, false, true), 0);
                if (!(error <= most(low))) {
                  wrong.add("%s%.1e".formatted(what, error));
                }
              } catch (EngineException e) {
                wrong.add(what + e.getMessage());
              }
            }
          }
        });
    assertEquals(List.of(), wrong);
  }

  @Test
  public void resizingGoesBackAsMatrixProducts() {
    List<List<Integer>> sizes = List.of(List.of(11, 13), List.of(3, 2), List.of(9, 3));
    List<String> wrong = new ArrayList<>();
    for (List<Integer> size : sizes) {
      for (boolean align : new boolean[] {false, true}) {
        Case some =
            new Case(
                IMAGE,
                (x, p) ->
                    p.getNDArrayInternal()
                        .interpolation(new long[] {size.get(0), size.get(1)}, 1, align));
        Graph graph = trace(some);
        Joint joint = Joint.of(Lowering.training(graph, DataType.FLOAT32, true), true, false, true);
        assertTrue(
            joint.graph().nodes().stream()
                .noneMatch(node -> node.op() instanceof Kernel.ResizeBackward));
        double error = distance(engines(graph, DataType.FLOAT32, some), ours(joint, some), 0);
        if (!(error <= 1e-6)) {
          wrong.add("%s, %s: %.1e".formatted(size, align, error));
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  public void whatIsNotKnownIsNamed() {
    Graph graph = trace(new Case(IMAGE, (x, p) -> p.tile(1, 2)));
    Sizes forward = Lowering.training(graph, DataType.FLOAT32, true);
    RigException e = assertThrows(RigException.class, () -> Joint.of(forward, true, false, false));
    assertEquals("the gradient of Tile is left to the engine", e.getMessage());
  }
}
