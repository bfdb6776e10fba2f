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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.nn.script.Value;

/** Writes a graph's operations as ONNX operators, sizes asked of the arrays that have them. */
final class Operators {
  private static final Map<String, String> UNARY =
      names(
          "relu sigmoid tanh softPlus=Softplus neg abs sqrt floor ceil round exp log sin cos tan",
          "asin acos atan sinh cosh asinh acosh atanh erf sign logicalNot=Not isNaN=IsNaN",
          "copy=Identity");
  private static final Map<String, String> BINARY =
      names("add sub mul div pow maximum=Max minimum=Min prelu=PRelu");
  private static final Map<String, String> COMPARED =
      names("eq=Equal gt=Greater gte=GreaterOrEqual lt=Less lte=LessOrEqual");
  private static final Map<String, String> LOGICAL =
      names("logicalAnd=And logicalOr=Or logicalXor=Xor");

  private final Sizes sizes;
  private final Graph graph;
  private final Map<String, Value> state;
  private final GraphProto.Builder out;
  private final Map<Integer, String> names = new HashMap<>();
  private final Map<String, String> constants = new HashMap<>();
  private final Map<Sizes.Side, String> sides = new HashMap<>();
  private int count;

  Operators(Sizes sizes, Map<String, Value> state, GraphProto.Builder out) {
    this.sizes = sizes;
    this.graph = sizes.first();
    this.state = state;
    this.out = out;
  }

  private static Map<String, String> names(String... words) {
    Map<String, String> names = new HashMap<>();
    for (String word : String.join(" ", words).split(" ")) {
      String[] pair = word.split("=");
      String name = pair[pair.length - 1];
      names.put(pair[0], Character.toUpperCase(name.charAt(0)) + name.substring(1));
    }
    return names;
  }

  /** Writes every operation; returns the outputs' names. */
  List<String> write() {
    for (Node node : graph.nodes()) {
      names.put(node.id(), value(node));
    }
    List<String> outputs = new ArrayList<>();
    for (int id : graph.outputs()) {
      String name = "logits_t" + (outputs.size() + 1);
      out.addNode(
          NodeProto.newBuilder().setOpType("Identity").addInput(names.get(id)).addOutput(name));
      outputs.add(name);
    }
    return outputs;
  }

  private String value(Node node) {
    List<Integer> in = node.inputs();
    if (node.op() instanceof Op.Input input) {
      return input.name();
    } else if (node.op() instanceof Op.Param given) {
      return parameter(given.name());
    } else if (node.op() instanceof Op.Fill op) {
      return emit(
          "ConstantOfShape",
          List.of(sizes(node)),
          attribute("value")
              .setType(AttributeProto.AttributeType.TENSOR)
              .setT(tensor(node.type(), List.of(1L), i -> op.value())));
    } else if (node.op() instanceof Op.Literal op) {
      return constant(node.type(), node.shape(), i -> op.values().get(i), "of node " + node.id());
    } else if (node.op() instanceof Op.Pointwise op) {
      return pointwise(node, op);
    } else if (node.op() instanceof Op.Cast) {
      return cast(names.get(in.get(0)), node.type());
    } else if (node.op() instanceof Op.Detach || node.op() instanceof Op.Dropout) {
      return names.get(in.get(0));
    } else if (node.op() instanceof Op.Convolution op) {
      return emit(
          "Conv",
          operands(in),
          ints("strides", op.stride()),
          ints("pads", twice(op.padding())),
          ints("dilations", op.dilation()),
          number("group", op.groups()));
    } else if (node.op() instanceof Op.MatMul) {
      return emit("MatMul", operands(in));
    } else if (node.op() instanceof Op.Linear) {
      String weight = emit("Transpose", operands(in.subList(1, 2)), ints("perm", List.of(1L, 0L)));
      String product = emit("MatMul", List.of(names.get(in.get(0)), weight));
      return in.size() > 2 ? emit("Add", List.of(product, names.get(in.get(2)))) : product;
    } else if (node.op() instanceof Op.BatchNorm op) {
      return batchNorm(node, op);
    } else if (node.op() instanceof Op.LayerNorm op) {
      return emit(
          "LayerNormalization",
          operands(in),
          number("axis", -op.axes()),
          real("epsilon", op.epsilon()));
    } else if (node.op() instanceof Op.Pool op) {
      return pool(node, op);
    } else if (node.op() instanceof Op.Resize op) {
      return resize(node, op);
    } else if (node.op() instanceof Op.Along op) {
      return along(node, op);
    } else if (node.op() instanceof Op.Reduce op) {
      return reduce(node, op);
    } else if (node.op() instanceof Op.Concat op) {
      List<String> parts = in.stream().map(id -> as(id, node.type())).toList();
      return emit("Concat", parts, number("axis", op.axis()));
    } else if (node.op() instanceof Op.Reshape) {
      return emit("Reshape", List.of(names.get(in.get(0)), sizes(node)));
    } else if (node.op() instanceof Op.Transpose op) {
      List<Long> order = op.order().stream().map(Integer::longValue).toList();
      return emit("Transpose", operands(in), ints("perm", order));
    } else if (node.op() instanceof Op.Slice op) {
      return slice(node, op);
    } else if (node.op() instanceof Op.Broadcast) {
      return emit("Expand", List.of(names.get(in.get(0)), sizes(node)));
    } else if (node.op() instanceof Op.Tile op && !op.interleaved()) {
      return emit("Tile", List.of(names.get(in.get(0)), whole(op.times())));
    } else if (node.op() instanceof Op.Pad op) {
      return pad(node, op);
    } else if (node.op() instanceof Op.Gather op && op.kind().equals("gather")) {
      return emit("GatherElements", operands(in), number("axis", op.axis()));
    } else if (node.op() instanceof Op.Gather op && op.kind().equals("embedding")) {
      return emit("Gather", operands(in), number("axis", 0));
    } else if (node.op() instanceof Op.OneHot) {
      long depth = node.shape().get(node.shape().size() - 1);
      String choice = constant(node.type(), List.of(2L), i -> i, "off, on");
      return emit("OneHot", List.of(names.get(in.get(0)), whole(List.of(depth)), choice));
    }
    throw refused(node, node.op().getClass().getSimpleName());
  }

  private static RigException refused(Node node, String what) {
    String where = node.where().toString();
    return new RigException(
        "%s has no counterpart in ONNX%s"
            .formatted(what, where.isEmpty() ? "" : " (" + where + ")"));
  }

  private String parameter(String name) {
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

  private String batchNorm(Node node, Op.BatchNorm op) {
    List<Integer> in = node.inputs();
    List<Long> channels = graph.node(in.get(1)).shape();
    return emit(
        "BatchNormalization",
        List.of(
            names.get(in.get(0)),
            in.size() > 3
                ? names.get(in.get(3))
                : constant(DataType.FLOAT32, channels, i -> 1, "ones"),
            in.size() > 4
                ? names.get(in.get(4))
                : constant(DataType.FLOAT32, channels, i -> 0, "zeros"),
            names.get(in.get(1)),
            names.get(in.get(2))),
        real("epsilon", op.epsilon()));
  }

  private String pointwise(Node node, Op.Pointwise op) {
    String function = op.function();
    List<Integer> in = node.inputs();
    List<Double> numbers = op.numbers();
    DataType type = in.stream().map(id -> graph.node(id).type()).reduce(this::wider).orElseThrow();
    if (numbers.stream().anyMatch(value -> value != Math.rint(value)) && !type.isFloating()) {
      type = DataType.FLOAT32;
    }
    if (node.type() != DataType.BOOLEAN) {
      type = node.type();
    }
    if (function.equals("where")) {
      return emit(
          "Where",
          List.of(
              cast(names.get(in.get(0)), DataType.BOOLEAN),
              as(in.get(1), type),
              as(in.get(2), type)));
    }
    List<String> operands = new ArrayList<>();
    for (int id : in) {
      operands.add(as(id, LOGICAL.containsKey(function) ? DataType.BOOLEAN : type));
    }
    String x = operands.get(0);
    if (UNARY.containsKey(function) && operands.size() == 1 && numbers.isEmpty()) {
      return emit(UNARY.get(function), operands);
    } else if (function.equals("leakyRelu")) {
      return emit("LeakyRelu", operands, real("alpha", numbers.get(0)));
    } else if (function.equals("elu")) {
      return emit("Elu", operands, real("alpha", numbers.get(0)));
    } else if (function.equals("square")) {
      return emit("Mul", List.of(x, x));
    } else if (function.equals("gelu")) {
      String half = emit("Mul", List.of(x, scalar(type, 0.5)));
      String erf = emit("Erf", List.of(emit("Div", List.of(x, scalar(type, Math.sqrt(2))))));
      return emit("Mul", List.of(half, emit("Add", List.of(erf, scalar(type, 1)))));
    }
    for (double value : numbers) {
      operands.add(scalar(type, value));
    }
    if (function.equals("clip") && operands.size() == 3) {
      return emit("Clip", operands);
    } else if (operands.size() == 2) {
      if (BINARY.containsKey(function)) {
        return emit(BINARY.get(function), operands);
      } else if (COMPARED.containsKey(function)) {
        return emit(COMPARED.get(function), operands);
      } else if (LOGICAL.containsKey(function)) {
        return emit(LOGICAL.get(function), operands);
      } else if (function.equals("neq")) {
        return emit("Not", List.of(emit("Equal", operands)));
      } else if (function.startsWith("r") && BINARY.containsKey(function.substring(1))) {
        Collections.reverse(operands);
        return emit(BINARY.get(function.substring(1)), operands);
      }
    }
    throw refused(node, function);
  }

  private DataType wider(DataType a, DataType b) {
    if (a.isFloating() != b.isFloating()) {
      return a.isFloating() ? a : b;
    }
    return a.getNumOfBytes() >= b.getNumOfBytes() ? a : b;
  }

  private String pool(Node node, Op.Pool op) {
    List<AttributeProto.Builder> attributes =
        new ArrayList<>(
            List.of(
                ints("kernel_shape", op.kernel()),
                ints("strides", op.stride()),
                ints("pads", twice(op.padding())),
                number("ceil_mode", op.ceilMode() ? 1 : 0)));
    boolean padded = op.padding().stream().anyMatch(side -> side > 0);
    if (op.kind().equals("avg") && !(padded && op.ceilMode() && op.countPadding())) {
      // what hangs over the edge never counts, the padding if it is said to
      attributes.add(number("count_include_pad", padded && op.countPadding() ? 1 : 0));
    } else if (!op.kind().equals("max")) {
      throw refused(node, op.kind() + "Pool");
    }
    return emit(
        op.kind().equals("max") ? "MaxPool" : "AveragePool",
        operands(node.inputs()),
        attributes.toArray(AttributeProto.Builder[]::new));
  }

  private String resize(Node node, Op.Resize op) {
    boolean linear = op.mode() == 1;
    if (!linear && op.mode() != 0) {
      throw refused(node, "resize of mode " + op.mode());
    }
    String steps = linear ? op.alignCorners() ? "align_corners" : "half_pixel" : "asymmetric";
    return emit(
        "Resize",
        List.of(names.get(node.inputs().get(0)), "", "", sizes(node)),
        text("mode", linear ? "linear" : "nearest"),
        text("coordinate_transformation_mode", steps),
        text("nearest_mode", "floor"));
  }

  private String along(Node node, Op.Along op) {
    List<String> operands = operands(node.inputs());
    return switch (op.function()) {
      case "softmax" -> emit("Softmax", operands, number("axis", op.axis()));
      case "logSoftmax" -> emit("LogSoftmax", operands, number("axis", op.axis()));
      case "cumSum" -> emit("CumSum", List.of(operands.get(0), scalar(DataType.INT64, op.axis())));
      case "flip" ->
          emit(
              "Slice",
              List.of(
                  operands.get(0),
                  whole(List.of(-1L)),
                  whole(List.of(Long.MIN_VALUE)),
                  whole(List.of((long) op.axis())),
                  whole(List.of(-1L))));
      default -> throw refused(node, op.function());
    };
  }

  private String reduce(Node node, Op.Reduce op) {
    int operand = node.inputs().get(0);
    boolean kept = node.shape().size() == graph.node(operand).shape().size();
    AttributeProto.Builder keep = number("keepdims", kept ? 1 : 0);
    List<Long> axes = op.axes().stream().map(Integer::longValue).toList();
    List<String> x = List.of(as(operand, node.type()));
    return switch (op.function()) {
      case "sum" -> emit("ReduceSum", List.of(x.get(0), whole(axes)), keep);
      case "mean" -> emit("ReduceMean", x, ints("axes", axes), keep);
      case "max" -> emit("ReduceMax", x, ints("axes", axes), keep);
      case "min" -> emit("ReduceMin", x, ints("axes", axes), keep);
      case "prod" -> emit("ReduceProd", x, ints("axes", axes), keep);
      case "argMax", "argMin" -> {
        if (axes.size() != 1) {
          throw refused(node, op.function() + " over several axes");
        }
        yield emit(
            op.function().equals("argMax") ? "ArgMax" : "ArgMin",
            operands(node.inputs()),
            number("axis", axes.get(0)),
            keep);
      }
      default -> throw refused(node, op.function());
    };
  }

  private String slice(Node node, Op.Slice op) {
    int operand = node.inputs().get(0);
    List<Long> ends = new ArrayList<>();
    for (int axis = 0; axis < node.shape().size(); axis++) {
      int side = axis;
      List<Long> found =
          sizes.graphs().stream()
              .map(
                  pass -> {
                    long start = op.start().get(side);
                    long step = op.step().get(side);
                    long end = start + (pass.node(node.id()).shape().get(side) - 1) * step + 1;
                    boolean all = end + step > pass.node(operand).shape().get(side);
                    return all ? Long.MAX_VALUE : end;
                  })
              .distinct()
              .toList();
      if (found.size() > 1) {
        throw Sizes.refusal(node);
      }
      ends.add(found.get(0));
    }
    List<Long> axes = IntStream.range(0, ends.size()).mapToObj(axis -> (long) axis).toList();
    return emit(
        "Slice",
        List.of(names.get(operand), whole(op.start()), whole(ends), whole(axes), whole(op.step())));
  }

  private String pad(Node node, Op.Pad op) {
    int operand = node.inputs().get(0);
    List<Long> borders = new ArrayList<>(op.before());
    for (int axis = 0; axis < node.shape().size(); axis++) {
      int side = axis;
      List<Long> found =
          sizes.graphs().stream()
              .map(
                  pass ->
                      pass.node(node.id()).shape().get(side)
                          - pass.node(operand).shape().get(side)
                          - op.before().get(side))
              .distinct()
              .toList();
      if (found.size() > 1) {
        throw Sizes.refusal(node);
      }
      borders.add(found.get(0));
    }
    return emit(
        "Pad", List.of(names.get(operand), whole(borders), scalar(node.type(), op.value())));
  }

  /** The shape of a result: numbers where it is always the same, else sides of other arrays. */
  private String sizes(Node node) {
    List<String> parts = new ArrayList<>();
    boolean fixed = true;
    boolean open = false;
    for (int axis = 0; axis < node.shape().size(); axis++) {
      Sizes.Side source = sizes.source(node.id(), axis, names::containsKey).orElse(null);
      if (source == null && (open || !(node.op() instanceof Op.Reshape))) {
        throw Sizes.refusal(node);
      } else if (source == null) {
        open = true;
        parts.add(whole(List.of(-1L)));
      } else if (source.id() == node.id()) {
        parts.add(whole(List.of(node.shape().get(axis))));
      } else {
        fixed = false;
        parts.add(
            sides.computeIfAbsent(
                source,
                side ->
                    emit(
                        "Shape",
                        List.of(names.get(side.id())),
                        number("start", side.axis()),
                        number("end", side.axis() + 1))));
      }
    }
    if (fixed && !open) {
      return whole(node.shape());
    }
    return emit("Concat", parts, number("axis", 0));
  }

  private List<String> operands(List<Integer> ids) {
    return ids.stream().map(names::get).toList();
  }

  private String as(int id, DataType type) {
    return graph.node(id).type() == type ? names.get(id) : cast(names.get(id), type);
  }

  private String cast(String value, DataType type) {
    return emit("Cast", List.of(value), number("to", OnnxFile.code(type)));
  }

  private String emit(String operator, List<String> inputs, AttributeProto.Builder... attributes) {
    String name = "value/" + count++; // no parameter's name has a slash
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(operator).addAllInput(inputs).addOutput(name);
    for (AttributeProto.Builder attribute : attributes) {
      node.addAttribute(attribute);
    }
    out.addNode(node);
    return name;
  }

  private static AttributeProto.Builder attribute(String name) {
    return AttributeProto.newBuilder().setName(name);
  }

  private static AttributeProto.Builder number(String name, long value) {
    return attribute(name).setType(AttributeProto.AttributeType.INT).setI(value);
  }

  private static AttributeProto.Builder ints(String name, List<Long> values) {
    return attribute(name).setType(AttributeProto.AttributeType.INTS).addAllInts(values);
  }

  private static AttributeProto.Builder real(String name, double value) {
    return attribute(name).setType(AttributeProto.AttributeType.FLOAT).setF((float) value);
  }

  private static AttributeProto.Builder text(String name, String value) {
    return attribute(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value));
  }

  private static List<Long> twice(List<Long> padding) {
    List<Long> both = new ArrayList<>(padding);
    both.addAll(padding);
    return both;
  }

  private String whole(List<Long> values) {
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

  private String scalar(DataType type, double value) {
    return constant(type, List.of(), i -> value, Double.toString(value));
  }

  private String constant(
      DataType type, List<Long> shape, Function<Integer, Number> values, String label) {
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

  private static TensorProto tensor(
      DataType type, List<Long> shape, Function<Integer, Number> values) {
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
