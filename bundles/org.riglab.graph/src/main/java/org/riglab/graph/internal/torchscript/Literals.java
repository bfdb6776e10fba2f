package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Node;

/** Numbers, types and lists as TorchScript writes them. */
final class Literals {
  private static final Map<DataType, Integer> CODES =
      Map.of(
          DataType.UINT8, 0,
          DataType.INT8, 1,
          DataType.INT32, 3,
          DataType.INT64, 4,
          DataType.FLOAT16, 5,
          DataType.FLOAT32, 6,
          DataType.FLOAT64, 7,
          DataType.BOOLEAN, 11,
          DataType.BFLOAT16, 15);

  private Literals() {}

  /** PyTorch's number of a type. */
  static int code(DataType type) {
    return CODES.get(type);
  }

  static String cast(String code, DataType type) {
    return "torch.to(" + code + ", " + code(type) + ")";
  }

  static String flag(boolean value) {
    return value ? "True" : "False";
  }

  static String number(double value) {
    if (Double.isNaN(value)) {
      return "float(\"nan\")";
    }
    return Double.isInfinite(value)
        ? "float(\"" + (value > 0 ? "inf" : "-inf") + "\")"
        : Double.toString(value);
  }

  static String sizes(List<Long> shape) {
    return shape.isEmpty() ? "annotate(List[int], [])" : shape.toString();
  }

  static RigException refused(Node node, String what) {
    String where = node.where().toString();
    return new RigException(
        "%s has no counterpart in TorchScript%s"
            .formatted(what, where.isEmpty() ? "" : " (" + where + ")"));
  }
}
