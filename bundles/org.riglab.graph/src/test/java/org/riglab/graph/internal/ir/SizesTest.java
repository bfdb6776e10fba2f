package org.riglab.graph.internal.ir;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.graph.internal.onnx.OnnxFile;
import org.riglab.graph.internal.rewrite.Rewrites;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;

/** Sizes that come from the image stay symbolic: one recording serves images of every size. */
public class SizesTest {
  private static final List<Shape> IMAGES = List.of(new Shape(2, 3, 8, 12), new Shape(5, 3, 7, 10));

  private static Sizes record(UnaryOperator<NDArray> code) {
    return new Sizes(
        IMAGES.stream()
            .map(
                image ->
                    Tracer.trace(
                        List.of(new Argument("image", image, DataType.FLOAT32)),
                        Map.of(),
                        (store, inputs) -> new NDList(code.apply(inputs.head()))))
            .toList());
  }

  private static NDArray resized(NDArray x, long height, long width) {
    return x.getNDArrayInternal().interpolation(new long[] {height, width}, 1, false);
  }

  @Test
  public void aSideIsANumberOrAnotherArraysSide() {
    Sizes sizes =
        Rewrites.plain(
            record(
                x -> {
                  Shape shape = x.getShape();
                  NDArray small =
                      x.getNDArrayInternal()
                          .avgPool(new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false, true);
                  NDArray large = resized(small, shape.get(2), shape.get(3));
                  return large.reshape(shape.get(0), 3 * shape.get(2), shape.get(3));
                }));
    int small = 1;
    int large = 2;
    int flat = 3;
    assertEquals(Optional.of(new Sizes.Side(small, 1)), sizes.source(small, 1, id -> true));
    assertEquals(Optional.of(new Sizes.Side(0, 2)), sizes.source(large, 2, id -> true));
    assertEquals(Optional.of(new Sizes.Side(0, 3)), sizes.source(flat, 2, id -> true));
    assertEquals(
        "three times a side is no side", Optional.empty(), sizes.source(flat, 1, id -> true));
    assertEquals(
        "what may not be asked", Optional.empty(), sizes.source(large, 2, id -> id == small));
    assertTrue(sizes.sameSize(0, large));
    assertTrue(sizes.constant(large, 1) && !sizes.constant(large, 0));
    assertEquals(List.of(5L, 21L, 10L), sizes.others().get(0).first().node(flat).shape());
  }

  private static String refused(UnaryOperator<NDArray> code) {
    return assertThrows(
            RigException.class,
            () -> OnnxFile.write(record(code), Map.of(), new ByteArrayOutputStream()))
        .getMessage();
  }

  @Test
  public void whatDependsOnTheSizeOtherwiseIsNamed() {
    String words =
        "cannot be exported for images of any size: what %s computes depends on the size";
    for (String operation : List.of("Literal", "Pointwise", "Fill", "Resize", "Input")) {
      assertEquals(
          words.formatted(operation),
          refused(
              x -> {
                long height = x.getShape().get(2);
                return switch (operation) {
                  case "Literal" -> x.add(x.getManager().create((float) height));
                  case "Pointwise" -> x.mul(height);
                  case "Fill" -> x.getManager().ones(new Shape(1, 3, 2 * height, 5));
                  case "Resize" -> resized(x, 2 * height, 30);
                  // an operation more at an odd size
                  default -> height % 2 == 0 ? x : x.neg();
                };
              }));
    }
    assertEquals(
        words.formatted("Slice"), refused(x -> x.get(":, :, :" + x.getShape().get(2) / 2)));
  }
}
