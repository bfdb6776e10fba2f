package org.riglab.graph.internal.onnx;

import static org.riglab.graph.internal.onnx.OnnxWriter.attribute;
import static org.riglab.graph.internal.onnx.OnnxWriter.ints;
import static org.riglab.graph.internal.onnx.OnnxWriter.number;
import static org.riglab.graph.internal.onnx.OnnxWriter.real;
import static org.riglab.graph.internal.onnx.OnnxWriter.tensor;
import static org.riglab.graph.internal.onnx.OnnxWriter.text;
import static org.riglab.graph.internal.onnx.OnnxWriter.twice;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.OpVisitor;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.nn.script.Value;

/** Writes a graph's operations as ONNX operators, sizes asked of the arrays that have them. */
final class Operators implements OpVisitor<String> {
  private final Sizes sizes;
  private final Graph graph;
  private final OnnxWriter out;
  private final Map<Integer, String> names = new HashMap<>();
  private final OnnxDimensions dimensions;

  Operators(Sizes sizes, Map<String, Value> state, GraphProto.Builder out) {
    this.sizes = sizes;
    this.graph = sizes.first();
    this.out = new OnnxWriter(state, out);
    this.dimensions = new OnnxDimensions(sizes, names, this.out);
  }

  /** Writes every operation; returns the outputs' names. */
  List<String> write() {
    for (Node node : graph.nodes()) {
      names.put(node.id(), node.op().accept(this, node));
    }
    List<String> outputs = new ArrayList<>();
    for (int id : graph.outputs()) {
      String name = "logits_t" + (outputs.size() + 1);
      out.output(names.get(id), name);
      outputs.add(name);
    }
    return outputs;
  }

  static RigException refused(Node node, String what) {
    String where = node.where().toString();
    return new RigException(
        "%s has no counterpart in ONNX%s"
            .formatted(what, where.isEmpty() ? "" : " (" + where + ")"));
  }

  private String first(Node node) {
    return names.get(node.inputs().get(0));
  }

  @Override
  public String input(Node node, Op.Input op) {
    return op.name();
  }

  @Override
  public String param(Node node, Op.Param op) {
    return out.parameter(op.name());
  }

  @Override
  public String fill(Node node, Op.Fill op) {
    return out.emit(
        "ConstantOfShape",
        List.of(dimensions.of(node)),
        attribute("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(tensor(node.type(), List.of(1L), i -> op.value())));
  }

  @Override
  public String literal(Node node, Op.Literal op) {
    return out.constant(node.type(), node.shape(), i -> op.values().get(i), "of node " + node.id());
  }

  @Override
  public String random(Node node, Op.Random op) {
    throw refused(node, "Random");
  }

  @Override
  public String pointwise(Node node, Op.Pointwise op) {
    return new PointwiseOperators(graph, names, out).of(node, op);
  }

  @Override
  public String cast(Node node, Op.Cast op) {
    return out.cast(first(node), node.type());
  }

  @Override
  public String detach(Node node, Op.Detach op) {
    return first(node);
  }

  @Override
  public String convolution(Node node, Op.Convolution op) {
    return out.emit(
        "Conv",
        operands(node.inputs()),
        ints("strides", op.stride()),
        ints("pads", twice(op.padding())),
        ints("dilations", op.dilation()),
        number("group", op.groups()));
  }

  @Override
  public String matMul(Node node, Op.MatMul op) {
    return out.emit("MatMul", operands(node.inputs()));
  }

  @Override
  public String linear(Node node, Op.Linear op) {
    List<Integer> in = node.inputs();
    String weight =
        out.emit("Transpose", operands(in.subList(1, 2)), ints("perm", List.of(1L, 0L)));
    String product = out.emit("MatMul", List.of(first(node), weight));
    return in.size() > 2 ? out.emit("Add", List.of(product, names.get(in.get(2)))) : product;
  }

  @Override
  public String layerNorm(Node node, Op.LayerNorm op) {
    return out.emit(
        "LayerNormalization",
        operands(node.inputs()),
        number("axis", -op.axes()),
        real("epsilon", op.epsilon()));
  }

  @Override
  public String concat(Node node, Op.Concat op) {
    List<String> parts = node.inputs().stream().map(id -> as(id, node.type())).toList();
    return out.emit("Concat", parts, number("axis", op.axis()));
  }

  @Override
  public String reshape(Node node, Op.Reshape op) {
    return out.emit("Reshape", List.of(first(node), dimensions.of(node)));
  }

  @Override
  public String transpose(Node node, Op.Transpose op) {
    List<Long> order = op.order().stream().map(Integer::longValue).toList();
    return out.emit("Transpose", operands(node.inputs()), ints("perm", order));
  }

  @Override
  public String broadcast(Node node, Op.Broadcast op) {
    return out.emit("Expand", List.of(first(node), dimensions.of(node)));
  }

  @Override
  public String tile(Node node, Op.Tile op) {
    if (op.interleaved()) {
      throw refused(node, "Tile");
    }
    return out.emit("Tile", List.of(first(node), out.whole(op.times())));
  }

  @Override
  public String gather(Node node, Op.Gather op) {
    return switch (op.kind()) {
      case "gather" ->
          out.emit("GatherElements", operands(node.inputs()), number("axis", op.axis()));
      case "embedding" -> out.emit("Gather", operands(node.inputs()), number("axis", 0));
      default -> throw refused(node, "Gather");
    };
  }

  @Override
  public String oneHot(Node node, Op.OneHot op) {
    long depth = node.shape().get(node.shape().size() - 1);
    String choice = out.constant(node.type(), List.of(2L), i -> i, "off, on");
    return out.emit("OneHot", List.of(first(node), out.whole(List.of(depth)), choice));
  }

  @Override
  public String crossEntropy(Node node, Op.CrossEntropy op) {
    throw refused(node, "CrossEntropy");
  }

  @Override
  public String dropout(Node node, Op.Dropout op) {
    return first(node);
  }

  @Override
  public String kernel(Node node, Kernel op) {
    throw refused(node, op.getClass().getSimpleName());
  }

  @Override
  public String batchNorm(Node node, Op.BatchNorm op) {
    List<Integer> in = node.inputs();
    List<Long> channels = graph.node(in.get(1)).shape();
    return out.emit(
        "BatchNormalization",
        List.of(
            names.get(in.get(0)),
            in.size() > 3
                ? names.get(in.get(3))
                : out.constant(DataType.FLOAT32, channels, i -> 1, "ones"),
            in.size() > 4
                ? names.get(in.get(4))
                : out.constant(DataType.FLOAT32, channels, i -> 0, "zeros"),
            names.get(in.get(1)),
            names.get(in.get(2))),
        real("epsilon", op.epsilon()));
  }

  @Override
  public String pool(Node node, Op.Pool op) {
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
    return out.emit(
        op.kind().equals("max") ? "MaxPool" : "AveragePool",
        operands(node.inputs()),
        attributes.toArray(AttributeProto.Builder[]::new));
  }

  @Override
  public String resize(Node node, Op.Resize op) {
    boolean linear = op.mode() == 1;
    if (!linear && op.mode() != 0) {
      throw refused(node, "resize of mode " + op.mode());
    }
    String steps = linear ? op.alignCorners() ? "align_corners" : "half_pixel" : "asymmetric";
    return out.emit(
        "Resize",
        List.of(names.get(node.inputs().get(0)), "", "", dimensions.of(node)),
        text("mode", linear ? "linear" : "nearest"),
        text("coordinate_transformation_mode", steps),
        text("nearest_mode", "floor"));
  }

  @Override
  public String along(Node node, Op.Along op) {
    List<String> operands = operands(node.inputs());
    return switch (op.function()) {
      case "softmax" -> out.emit("Softmax", operands, number("axis", op.axis()));
      case "logSoftmax" -> out.emit("LogSoftmax", operands, number("axis", op.axis()));
      case "cumSum" ->
          out.emit("CumSum", List.of(operands.get(0), out.scalar(DataType.INT64, op.axis())));
      case "flip" ->
          out.emit(
              "Slice",
              List.of(
                  operands.get(0),
                  out.whole(List.of(-1L)),
                  out.whole(List.of(Long.MIN_VALUE)),
                  out.whole(List.of((long) op.axis())),
                  out.whole(List.of(-1L))));
      default -> throw refused(node, op.function());
    };
  }

  @Override
  public String reduce(Node node, Op.Reduce op) {
    int operand = node.inputs().get(0);
    boolean kept = node.shape().size() == graph.node(operand).shape().size();
    AttributeProto.Builder keep = number("keepdims", kept ? 1 : 0);
    List<Long> axes = op.axes().stream().map(Integer::longValue).toList();
    List<String> x = List.of(as(operand, node.type()));
    return switch (op.function()) {
      case "sum" -> out.emit("ReduceSum", List.of(x.get(0), out.whole(axes)), keep);
      case "mean" -> out.emit("ReduceMean", x, ints("axes", axes), keep);
      case "max" -> out.emit("ReduceMax", x, ints("axes", axes), keep);
      case "min" -> out.emit("ReduceMin", x, ints("axes", axes), keep);
      case "prod" -> out.emit("ReduceProd", x, ints("axes", axes), keep);
      case "argMax", "argMin" -> {
        if (axes.size() != 1) {
          throw refused(node, op.function() + " over several axes");
        }
        yield out.emit(
            op.function().equals("argMax") ? "ArgMax" : "ArgMin",
            operands(node.inputs()),
            number("axis", axes.get(0)),
            keep);
      }
      default -> throw refused(node, op.function());
    };
  }

  @Override
  public String slice(Node node, Op.Slice op) {
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
    return out.emit(
        "Slice",
        List.of(
            names.get(operand),
            out.whole(op.start()),
            out.whole(ends),
            out.whole(axes),
            out.whole(op.step())));
  }

  @Override
  public String pad(Node node, Op.Pad op) {
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
    return out.emit(
        "Pad",
        List.of(names.get(operand), out.whole(borders), out.scalar(node.type(), op.value())));
  }

  private List<String> operands(List<Integer> ids) {
    return ids.stream().map(names::get).toList();
  }

  private String as(int id, DataType type) {
    return graph.node(id).type() == type ? names.get(id) : out.cast(names.get(id), type);
  }
}
