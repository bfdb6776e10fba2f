package org.riglab.graph.internal.rewrite;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.Function;
import org.junit.Test;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

public class ConstantFoldingTest {
  private static Sizes folded(Function<NDArray, NDList> code, long... heights) {
    return new DeadCode().apply(new ConstantFolding().apply(Traces.record(code, heights)));
  }

  private static NDArray numbers(NDArray x, float... values) {
    return x.getManager().create(values);
  }

  /** The engine's values of what folding leaves as one constant, and that constant. */
  private static void same(Function<NDArray, NDArray> code) {
    Sizes sizes = folded(x -> new NDList(code.apply(x)));
    Node result = sizes.first().node(sizes.first().outputs().get(0));
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray real = code.apply(manager.zeros(new Shape(2, 3, 6, 4)));
      float[] wanted = real.toType(DataType.FLOAT32, false).toFloatArray();
      assertEquals(real.getShape(), new Shape(result.shape()));
      for (int i = 0; i < wanted.length; i++) {
        double got =
            result.op() instanceof Op.Fill fill
                ? fill.value()
                : ((Op.Literal) result.op()).values().get(i);
        assertEquals("element " + i + " of " + result, wanted[i], got, 0);
      }
    }
  }

  @Test
  public void arithmeticIsTheEnginesToTheLastBit() {
    same(x -> numbers(x, 0.1f, 3, -7).add(numbers(x, 0.2f, 1e8f, 7)));
    same(x -> numbers(x, 1, 2, 3).div(numbers(x, 3, 7, 11)));
    same(x -> numbers(x, 0.1f, 0.7f).mul(0.3).sub(0.1).square().neg().abs());
    same(x -> numbers(x, 1.5f, -1.5f).floor().maximum(numbers(x, -1, -9)).ceil());
    same(x -> x.getNDArrayInternal().relu().getManager().create(new float[] {-1, 2}).neg());
    same(x -> x.getManager().full(new Shape(2, 3), 0.1f).add(0.2).mul(3));
    same(x -> x.getManager().create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3)).transpose());
    same(
        x ->
            x.getManager()
                .create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 1, 2))
                .transpose(2, 0, 1)
                .reshape(3, 2));
    // broadcast from both sides
    same(x -> numbers(x, 1, 2, 3).reshape(3, 1).add(numbers(x, 10, 20)));
    same(x -> x.getManager().ones(new Shape(4, 1)).mul(numbers(x, 1, 2, 3)));
    same(x -> x.getManager().create(new long[] {1, 2}).toType(DataType.FLOAT32, false).add(0.1));
    same(x -> x.getManager().zeros(new Shape(2, 1)).broadcast(new Shape(2, 5)).sub(4));
  }

  @Test
  public void constantsOfTheImagesSizeStaySo() {
    Sizes sizes =
        folded(x -> new NDList(x.zerosLike().add(1).mul(x.add(x.onesLike().neg()))), 6, 9);
    assertEquals("Input Fill Fill add mul", Traces.operations(sizes));
    Node one = sizes.graphs().get(1).nodes().get(1);
    assertEquals("%1 = Fill() value=1.0 : float32(2, 3, 9, 4)", one.toString());
  }

  @Test
  public void whatIsNoConstantStays() {
    Function<NDArray, NDList> code =
        x ->
            new NDList(
                x.getManager().randomNormal(new Shape(3)).add(1),
                x.add(1).mul(numbers(x, 1, 2, 3, 4)),
                // rounded to whole numbers
                x.getManager().create(new float[] {1.5f, 2}).toType(DataType.INT64, false),
                // not the same on every machine
                numbers(x, 1, 2).sqrt(),
                // large
                x.getManager().arange(0f, 70000f, 1f).add(1));
    assertEquals(Traces.record(code), new ConstantFolding().apply(Traces.record(code)));
  }
}
