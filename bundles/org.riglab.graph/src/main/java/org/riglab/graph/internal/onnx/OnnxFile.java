package org.riglab.graph.internal.onnx;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.nn.script.Value;

/** A network for inference as an ONNX model that holds its weights. */
public final class OnnxFile {
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  private OnnxFile() {}

  /**
   * @param inference the pass of evaluation
   * @param state every tensor of the state dict
   * @param out gets the model; stays open
   * @throws org.riglab.api.RigException if an operation has no counterpart, or depends on the
   *     image's size
   * @throws IOException if it cannot be written
   */
  public static void write(Sizes inference, Map<String, Value> state, OutputStream out)
      throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("network");
    List<String> outputs = new Operators(inference, state, graph).write();
    Graph pass = inference.first();
    graph.addInput(info("image", 3));
    for (int t = 0; t < outputs.size(); t++) {
      graph.addOutput(info(outputs.get(t), pass.node(pass.outputs().get(t)).shape().get(1)));
    }
    ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("riglab")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(graph)
        .build()
        .writeTo(out);
  }

  /** An array (batch, channels, height, width), all but the channels open. */
  private static ValueInfoProto info(String name, long channels) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("batch");
    shape.addDimBuilder().setDimValue(channels);
    shape.addDimBuilder().setDimParam("height");
    shape.addDimBuilder().setDimParam("width");
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(code(DataType.FLOAT32)).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  static int code(DataType type) {
    return switch (type) {
      case FLOAT32 -> TensorProto.DataType.FLOAT_VALUE;
      case FLOAT64 -> TensorProto.DataType.DOUBLE_VALUE;
      case UINT8 -> TensorProto.DataType.UINT8_VALUE;
      case INT8 -> TensorProto.DataType.INT8_VALUE;
      case INT32 -> TensorProto.DataType.INT32_VALUE;
      case INT64 -> TensorProto.DataType.INT64_VALUE;
      case BOOLEAN -> TensorProto.DataType.BOOL_VALUE;
      default -> throw new IllegalArgumentException(type + " in an ONNX model");
    };
  }
}
