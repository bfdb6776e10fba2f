package org.riglab.graph.internal.trace;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.trace.Tracer.Argument;

/** Shapes and types of traced operations are those that the engine gives. */
public class OperationsTest {
  private static final Shape X = new Shape(2, 4, 5, 6);
  private static final Shape TWO = new Shape(2, 2);
  private static final Shape ONE = new Shape(1, 1);
  private static final Shape ZERO = new Shape(0, 0);

  private final Map<String, Function<NDArray, NDArray>> operations = new LinkedHashMap<>();

  private void put(String name, Function<NDArray, NDArray> operation) {
    operations.put(name, operation);
  }

  private static NDArray ones(NDArray like, long... sizes) {
    return like.getManager().ones(new Shape(sizes));
  }

  @Test
  public void shapesAndTypesAreTheEngines() {
    fill();
    List<String> wrong = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      operations.forEach(
          (name, operation) -> {
            NDArray real = operation.apply(manager.ones(X));
            Node traced = last(trace(operation));
            String want = real.getDataType() + " " + Tracer.list(real.getShape());
            String got = traced.type() + " " + traced.shape();
            if (!want.equals(got)) {
              wrong.add("%s: %s, engine %s".formatted(name, got, want));
            }
          });
    }
    assertEquals(List.of(), wrong);
  }

  private void fill() {
    put("relu", x -> x.getNDArrayInternal().relu());
    put("sigmoid of whole numbers", x -> sigmoid(x.toType(DataType.INT64, true)));
    put("leakyRelu", x -> x.getNDArrayInternal().leakyRelu(0.1f));
    put("gelu", x -> x.getNDArrayInternal().gelu());
    put("selu", x -> x.getNDArrayInternal().selu());
    put("elu", x -> x.getNDArrayInternal().elu(1f));
    put("swish", x -> x.getNDArrayInternal().swish(1f));
    put("mish", x -> x.getNDArrayInternal().mish());
    put("softPlus", x -> x.getNDArrayInternal().softPlus());
    put("add number", x -> x.add(2));
    put("whole add fraction", x -> x.toType(DataType.INT32, true).add(0.5));
    put("whole add whole", x -> x.toType(DataType.INT32, true).add(2));
    put("flag mul float", x -> x.gt(0).mul(x));
    put("flag mul whole", x -> x.gt(0).mul(x.toType(DataType.INT64, true)));
    put("whole div whole", x -> x.toType(DataType.INT64, true).div(2));
    put("flag add number", x -> x.gt(0).add(2));
    put("flag mul fraction", x -> x.gt(0).mul(0.5f));
    put("rsub", x -> x.getNDArrayInternal().rsub(1));
    put("rdiv", x -> x.getNDArrayInternal().rdiv(x.add(1)));
    put("broadcast add", x -> x.add(ones(x, 4, 1, 6)));
    put("broadcast outwards", x -> ones(x, 6).mul(x));
    put("maximum", x -> x.maximum(0));
    put("clip", x -> x.clip(0, 1));
    put("eq", x -> x.eq(1));
    put("logicalNot", x -> x.eq(1).logicalNot());
    put("where", x -> x.getNDArrayInternal().where(x.gt(0), x.neg()));
    put("duplicate", NDArray::duplicate);
    put("in place", x -> x.duplicate().addi(1).muli(x).negi());
    put("convolution", x -> convolution(x, ones(x, 3, 4, 3, 2), TWO, ONE, 1));
    put("grouped convolution", x -> convolution(x, ones(x, 6, 2, 3, 3), ONE, ZERO, 2));
    put("linear", x -> x.getNDArrayInternal().linear(x, ones(x, 3, 6), ones(x, 3)).head());
    put("batchNorm", OperationsTest::batchNorm);
    put(
        "layerNorm",
        x ->
            x.getNDArrayInternal()
                .layerNorm(x, new Shape(5, 6), ones(x, 5, 6), ones(x, 5, 6), 1e-5f)
                .head());
    put("maxPool", x -> x.getNDArrayInternal().maxPool(new Shape(3, 3), TWO, ONE, false));
    put("maxPool ceil", x -> x.getNDArrayInternal().maxPool(TWO, TWO, ZERO, true));
    put(
        "maxPool ceil padded",
        x -> x.getNDArrayInternal().maxPool(TWO, new Shape(3, 3), ONE, true));
    put("avgPool ceil", x -> x.getNDArrayInternal().avgPool(TWO, TWO, ZERO, true, true));
    put("globalAvgPool", x -> x.getNDArrayInternal().globalAvgPool());
    put("globalMaxPool", x -> x.getNDArrayInternal().globalMaxPool());
    put("interpolation", x -> x.getNDArrayInternal().interpolation(new long[] {9, 7}, 1, false));
    put("matMul", x -> x.matMul(ones(x, 6, 3)));
    put("matMul from the left", x -> ones(x, 7, 5).matMul(x));
    put("softmax", x -> x.softmax(1));
    put("logSoftmax", x -> x.logSoftmax(-1));
    put("cumSum", x -> x.cumSum(2));
    put("argSort", x -> x.argSort(1, true));
    put("argSort along the last", x -> x.argSort(-1, false));
    put("sort", x -> x.sort(1));
    put("sort the last", NDArray::sort);
    put("topK", x -> x.topK(2, 1, true, true).get(0));
    put("topK places", x -> x.topK(5, -1, false, true).get(1));
    put("sum", NDArray::sum);
    put("sum of flags", x -> x.gt(0).sum());
    put("sum axes", x -> x.sum(new int[] {2, 3}, true));
    put("mean axis", x -> x.mean(new int[] {-1}));
    put("max axis", x -> x.max(new int[] {1}, true));
    put("argMax", x -> x.argMax(1));
    put("concat", x -> x.concat(x, 1));
    put("stack", x -> x.stack(x, 1));
    put("reshape", x -> x.reshape(2, -1, 6));
    put("flatten", x -> x.flatten(1, 2));
    put("flatten all", NDArray::flatten);
    put("expandDims", x -> x.expandDims(-1));
    put("squeeze", x -> ones(x, 1, 3, 1).squeeze());
    put("squeeze axis", x -> ones(x, 1, 3, 1).squeeze(-1));
    put("transpose", NDArray::transpose);
    put("transpose order", x -> x.transpose(0, 2, 3, 1));
    put("swapAxes", x -> x.swapAxes(1, 3));
    put("flip", x -> x.flip(2, 3));
    put("broadcast", x -> ones(x, 4, 1, 1).broadcast(new Shape(2, 4, 5, 6)));
    put("repeat", x -> x.repeat(1, 3));
    put("tile", x -> x.tile(new long[] {1, 2, 1, 3}));
    put("pad", x -> x.pad(new Shape(1, 2, 3, 4), 0));
    put("get slice", x -> x.get(":, 1:3"));
    put("get step", x -> x.get(":, :, 1::2, ::3"));
    put("get fixed", x -> x.get(1, 2));
    put("get negative", x -> x.get(":, -1"));
    put("get ellipsis", x -> x.get("..., 2:4"));
    put("get trailing ellipsis", x -> x.get("1, ..."));
    put("get inner ellipsis", x -> x.get("0, ..., 3"));
    put("get index", x -> x.get(new NDIndex().addAllDim().addSliceDim(0, 2)));
    put("split", x -> x.split(new long[] {1, 3}, 1).get(1));
    put("split in halves", x -> x.split(2, 1).get(1));
    put("gather", x -> x.gather(x.getManager().zeros(new Shape(2, 1, 5, 6), DataType.INT64), 1));
    put("oneHot", x -> x.argMax(1).oneHot(4));
    put("toType", x -> x.toType(DataType.FLOAT64, false));
    put("stopGradient", NDArray::stopGradient);
    put("scaleGradient", x -> x.scaleGradient(0.5));
    put("onesLike", NDArray::onesLike);
    put("zeros", x -> x.getManager().zeros(new Shape(3), DataType.INT64));
    put("full", x -> x.getManager().full(new Shape(3), 2f));
    put("arange", x -> x.getManager().arange(0, 7, 2));
    put("arange of fractions", x -> x.getManager().arange(0f, 1f, 0.25f));
    put("eye", x -> x.getManager().eye(3));
    put("linspace", x -> x.getManager().linspace(0f, 1f, 5));
    put("create number", x -> x.getManager().create(2.5f));
    put("create numbers", x -> x.getManager().create(new long[] {1, 2}));
    put("create matrix", x -> x.getManager().create(new float[][] {{1, 2, 3}, {4, 5, 6}}));
    put("create shaped", x -> x.getManager().create(new float[] {1, 2, 3, 4}, TWO));
    put("random", x -> x.getManager().randomUniform(0, 1, TWO));
    put("dropout", x -> x.getNDArrayInternal().dropout(x, 0.5f, true).head());
  }

  private static NDArray sigmoid(NDArray x) {
    return x.getNDArrayInternal().sigmoid();
  }

  private static NDArray convolution(
      NDArray x, NDArray weight, Shape stride, Shape padding, int groups) {
    return x.getNDArrayInternal().convolution(x, weight, null, stride, padding, ONE, groups).head();
  }

  private static NDArray batchNorm(NDArray x) {
    return x.getNDArrayInternal()
        .batchNorm(x, ones(x, 4), ones(x, 4), ones(x, 4), ones(x, 4), -1, 0.9f, 1e-5f, false)
        .head();
  }

  private static Graph trace(Function<NDArray, NDArray> operation) {
    return Tracer.trace(
        List.of(new Argument("x", X, DataType.FLOAT32)),
        Map.of(),
        (store, inputs) -> new NDList(operation.apply(inputs.head())));
  }

  private static Node last(Graph graph) {
    return graph.node(graph.outputs().get(0));
  }

  private static String refused(Function<NDArray, NDArray> operation) {
    return assertThrows(RigException.class, () -> trace(operation)).getMessage();
  }

  @Test
  public void whatCannotBeTracedIsNamed() {
    String me = OperationsTest.class.getName();
    assertEquals(
        me
            + " cannot be traced: it calls toFloatArray, which reads values; compute with arrays"
            + " instead",
        refused(x -> x.getManager().create(x.toFloatArray())));
    assertEquals(
        me
            + " cannot be traced: it calls getFloat, which reads values; compute with arrays"
            + " instead",
        refused(x -> x.mul(x.getFloat(0, 0, 0, 0))));
    assertEquals(
        me + " cannot be traced: it calls fft, which is no operation of a graph",
        refused(x -> x.fft(3, 0)));
    assertEquals(
        me + " cannot be traced: it calls get with an array, whose values decide on the shape",
        refused(x -> x.get(x.gt(0))));
    assertEquals(
        me + " cannot be traced: it calls add on shapes (2, 4, 5, 6) and (3), which do not fit",
        refused(x -> x.add(ones(x, 3))));
    assertEquals(
        me + " cannot be traced: it calls maxPool on shape (2, 4, 5, 6), which is too small for it",
        refused(x -> x.getNDArrayInternal().maxPool(new Shape(9, 9), TWO, ZERO, false)));
    assertEquals(
        me + " cannot be traced: it calls addi on an array that shares memory with another",
        refused(x -> x.add(1).reshape(-1).addi(1)));
    assertEquals(
        me + " cannot be traced: it calls addi on a parameter or an input",
        refused(x -> x.addi(1)));
    assertEquals(
        me
            + " cannot be traced: it asks its manager for randomPermutation; use Dropout of"
            + " org.riglab.nn; noise on images belongs into a transform",
        refused(x -> x.getManager().randomPermutation(3)));
    try (NDManager manager = NDManager.newBaseManager()) {
      assertEquals(
          me
              + " cannot be traced: it uses an array that is neither an input, nor a parameter, nor"
              + " made in the pass",
          refused(x -> x.add(manager.ones(X))));
    }
  }

  @Test
  public void sameCodeGivesTheSameGraph() {
    Function<NDArray, NDArray> code =
        x -> x.mul(x.getManager().create(new float[] {1, 2, 3, 4, 5, 6})).addi(1).get(":, 1:3");
    assertEquals(trace(code), trace(code));
    assertEquals(
        """
        %0 = Input() name=x : float32(2, 4, 5, 6)
        %1 = Literal() values=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0] : float32(6)
        %2 = Pointwise(%0, %1) function=mul numbers=[] : float32(2, 4, 5, 6)
        %3 = Pointwise(%2) function=add numbers=[1.0] : float32(2, 4, 5, 6)
        %4 = Slice(%3) start=[0, 1, 0, 0] step=[1, 1, 1, 1] : float32(2, 2, 5, 6)
        return %4
        """,
        trace(code).toString());
    assertEquals(
        false,
        trace(code)
            .equals(
                trace(
                    x ->
                        x.mul(x.getManager().create(new float[] {1, 2, 3, 4, 5, 7}))
                            .addi(1)
                            .get(":, 1:3"))));
  }
}
