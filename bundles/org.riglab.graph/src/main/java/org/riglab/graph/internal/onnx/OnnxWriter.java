package org.riglab.graph.internal.onnx;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.nn.script.Value;

/** Adds operators, constants and parameters to an ONNX graph; gives each value a name. */
final class OnnxWriter {
  private final Map<String, Value> state;
  private final GraphProto.Builder out;
  private final Map<String, String> constants = new HashMap<>();
  private int count;

  /**
   * @param state every tensor of the state dict
   * @param out gets operators and initializers
   */
  OnnxWriter(Map<String, Value> state, GraphProto.Builder out) {
    this.state = state;
    this.out = out;
  }

  /** Gives a value the name under which it is a result of the graph. */
  void output(String value, String name) {
    out.addNode(NodeProto.newBuilder().setOpType("Identity").addInput(value).addOutput(name));
  }

  String parameter(String name) {
    if (constants.putIfAbsent(name, name) == null) {
      Value value = state.get(name);
      ByteBuffer bytes =
          ByteBuffer.allocate(4 * value.values().remaining()).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(value.values().duplicate());
      out.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(OnnxFile.code(DataType.FLOAT32))
              .addAllDims(value.shape())
              .setRawData(UnsafeByteOperations.unsafeWrap(bytes)));
    }
    return name;
  }

  String cast(String value, DataType type) {
    return emit("Cast", List.of(value), number("to", OnnxFile.code(type)));
  }

  String emit(String operator, List<String> inputs, AttributeProto.Builder... attributes) {
    String name = "value/" + count++; // no parameter's name has a slash
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(operator).addAllInput(inputs).addOutput(name);
    for (AttributeProto.Builder attribute : attributes) {
      node.addAttribute(attribute);
    }
    out.addNode(node);
    return name;
  }

  static AttributeProto.Builder attribute(String name) {
    return AttributeProto.newBuilder().setName(name);
  }

  static AttributeProto.Builder number(String name, long value) {
    return attribute(name).setType(AttributeProto.AttributeType.INT).setI(value);
  }

  static AttributeProto.Builder ints(String name, List<Long> values) {
    return attribute(name).setType(AttributeProto.AttributeType.INTS).addAllInts(values);
  }

  static AttributeProto.Builder real(String name, double value) {
    return attribute(name).setType(AttributeProto.AttributeType.FLOAT).setF((float) value);
  }

  static AttributeProto.Builder text(String name, String value) {
    return attribute(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value));
  }

  static List<Long> twice(List<Long> padding) {
    List<Long> both = new ArrayList<>(padding);
    both.addAll(padding);
    return both;
  }

  String whole(List<Long> values) {
    return constants.computeIfAbsent(
        "int64 " + values,
        key -> {
          TensorProto.Builder tensor =
              TensorProto.newBuilder()
                  .setName("constant/" + constants.size())
                  .setDataType(OnnxFile.code(DataType.INT64))
                  .addDims(values.size())
                  .addAllInt64Data(values);
          out.addInitializer(tensor);
          return tensor.getName();
        });
  }

  String scalar(DataType type, double value) {
    return constant(type, List.of(), i -> value, Double.toString(value));
  }

  String constant(DataType type, List<Long> shape, Function<Integer, Number> values, String label) {
    return constants.computeIfAbsent(
        type + " " + shape + " " + label,
        key -> {
          TensorProto tensor =
              tensor(type, shape, values).toBuilder()
                  .setName("constant/" + constants.size())
                  .build();
          out.addInitializer(tensor);
          return tensor.getName();
        });
  }

  static TensorProto tensor(DataType type, List<Long> shape, Function<Integer, Number> values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDataType(OnnxFile.code(type)).addAllDims(shape);
    long elements = shape.stream().reduce(1L, (a, b) -> a * b);
    for (int i = 0; i < elements; i++) {
      Number value = values.apply(i);
      switch (type) {
        case FLOAT32 -> tensor.addFloatData(value.floatValue());
        case FLOAT64 -> tensor.addDoubleData(value.doubleValue());
        case INT64 -> tensor.addInt64Data(value.longValue());
        default -> tensor.addInt32Data(value.intValue());
      }
    }
    return tensor.build();
  }
}
