package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Passes;

/**
 * Writes a graph as the lines of a TorchScript method. Sizes that another array of the pass has are
 * asked of that array: the lines are right for the sizes that were traced, and mostly the same for
 * all others.
 */
final class Script {
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

  /** Functions of one array by the graph's name. */
  private static final Map<String, String> UNARY =
      names(
          "relu sigmoid tanh softPlus=softplus gelu=gelu selu sign neg abs square sqrt floor ceil round",
          "trunc exp log log10 log2 sin cos tan asin acos atan sinh cosh asinh acosh atanh",
          "toDegrees=rad2deg toRadians=deg2rad erf erfinv gammaln=lgamma isNaN=isnan",
          "isInfinite=isinf logicalNot=logical_not copy=clone");

  private static final Map<String, String> BINARY =
      names(
          "add sub mul div mod=remainder pow maximum minimum eq neq=ne gt gte=ge lt lte=le atan2",
          "xlogy logicalAnd=logical_and logicalOr=logical_or logicalXor=logical_xor prelu");

  /** Who goes back through the pass. */
  enum Mode {
    /** The engine, if anybody: nothing but operations that it knows the gradients of. */
    PLAIN,
    /** Nobody: what is fastest. */
    FORWARD,
    /** Nobody, on a processor: convolutions of oneDNN with what follows them, as one operation. */
    FUSED,
    /** {@link Adjoint}: operations return what it needs. */
    RECORDED
  }

  /**
   * A line of code.
   *
   * @param node that it belongs to
   * @param text code
   * @param again code that computes the same once more without updating anything
   * @param pinned whether it is not computed again: random, or a parameter's conversion
   */
  record Line(int node, String text, String again, boolean pinned) {}

  private final Graph graph;
  private final Passes passes;
  private final DataType low;
  private final Mode mode;
  private final Function<String, String> parameter;
  private final Reuse reuse;
  private final Convolutions convolutions;
  private final List<Line> lines = new ArrayList<>();
  private int current;
  private final Map<Integer, String> names = new HashMap<>();
  private final Map<Integer, DataType> types = new HashMap<>();
  private final Map<Integer, String> lowered = new HashMap<>();

  private static Map<String, String> names(String... words) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String word : String.join(" ", words).split(" ")) {
      String[] pair = word.split("=");
      names.put(pair[0], pair[pair.length - 1]);
    }
    return names;
  }

  private Script(Passes passes, DataType low, Mode mode, Function<String, String> parameter) {
    this.passes = passes;
    this.graph = passes.first();
    this.low = low;
    this.mode = mode;
    this.parameter = parameter;
    this.reuse = new Reuse(graph);
    this.convolutions = new Convolutions(this, reuse);
  }

  /**
   * @param graph what to compute
   * @param low type in which products are computed
   * @param mode who goes back through it
   * @param parameter code for a parameter, from its name in the state dict
   * @return what the graph computes, in code
   * @throws RigException if an operation has no counterpart; names it
   */
  static Script of(Graph graph, DataType low, Mode mode, Function<String, String> parameter) {
    Script script = new Script(new Passes(List.of(graph)), low, mode, parameter);
    script.write();
    return script;
  }

  /**
   * @param passes the same computation at several sizes
   * @param parameter code for a parameter, from its name in the state dict
   * @return lines in float32 that are right for every size, of operations that older PyTorch has
   * @throws RigException if an operation has no counterpart, or numbers in it depend on the size;
   *     names it
   */
  static List<String> portable(Passes passes, Function<String, String> parameter) {
    List<String> lines = plain(passes, parameter);
    for (Passes other : passes.others()) {
      List<String> those = plain(other, parameter);
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).equals(those.get(i))) {
          throw new RigException(
              "cannot be exported for images of any size: '%s' would be '%s' at another size"
                  .formatted(lines.get(i), those.get(i)));
        }
      }
    }
    return lines;
  }

  private static List<String> plain(Passes passes, Function<String, String> parameter) {
    Script script = new Script(passes, DataType.FLOAT32, Mode.PLAIN, parameter);
    script.write();
    return script.method(List.of());
  }

  private void write() {
    for (Node node : graph.nodes()) {
      if (reuse.uses(node.id()) > 0 || node.op() instanceof Op.Input) {
        current = node.id();
        write(node);
      }
    }
  }

  /**
   * @param more names of what is returned behind the graph's results
   * @return lines that end with the return of a list of tensors
   */
  List<String> method(List<String> more) {
    List<String> method = new ArrayList<>();
    lines.forEach(line -> method.add(line.text()));
    method.add(
        Stream.concat(graph.outputs().stream().map(this::result), more.stream())
            .collect(Collectors.joining(", ", "return [", "]")));
    return method;
  }

  private String result(int id) {
    String code = as(id, graph.node(id).type());
    return channelsLast() ? "torch.contiguous(" + code + ")" : code;
  }

  Graph graph() {
    return graph;
  }

  /** In the order of the graph's nodes. */
  List<Line> lines() {
    return lines;
  }

  /** Code that names a node's result. */
  String name(int id) {
    return names.get(id);
  }

  /** The type that a node's result really has. */
  DataType type(int id) {
    return types.get(id);
  }

  Mode mode() {
    return mode;
  }

  Convolutions convolutions() {
    return convolutions;
  }

  /** Type in which products are computed. */
  DataType low() {
    return low;
  }

  private void write(Node node) {
    if (node.op() instanceof Op.Input input) {
      names.put(node.id(), input.name());
      types.put(node.id(), node.type());
      if (channelsLast() && node.shape().size() == 4 && reuse.uses(node.id()) > 0) {
        // what follows keeps this layout
        assign(node, node.type(), "torch.contiguous(" + input.name() + ", memory_format=2)");
      }
    } else if (node.op() instanceof Op.Param given) {
      names.put(node.id(), parameter.apply(given.name()));
      types.put(node.id(), node.type());
    } else if (!convolutions.done(node) && (mode != Mode.RECORDED || !recorded(node))) {
      if (mode == Mode.FUSED && convolutions.packed(node)) {
        convolutions.fuse(node, (Op.Convolution) node.op());
      } else {
        assign(node, type(node), code(node));
      }
    }
  }

  /**
   * Writes an operation in the form that returns what its gradient needs; false if there is none.
   */
  private boolean recorded(Node node) {
    List<Integer> in = node.inputs();
    String second = "m" + node.id();
    String third = "i" + node.id();
    String results = "v%d, %s, %s = ".formatted(node.id(), second, third);
    if (node.op() instanceof Op.BatchNorm op) {
      String form = "%storch.native_batch_norm(%s, %s, %s, %%s, %s, %s, %s)";
      String code =
          form.formatted(
              results,
              plain(in, 0),
              in.size() > 3 ? plain(in, 3) : "None",
              in.size() > 4 ? plain(in, 4) : "None",
              op.training() ? "True" : "False",
              number(1 - op.keep()),
              number(op.epsilon()));
      String statistics = plain(in, 1) + ", " + plain(in, 2);
      lines.add(
          new Line(
              current,
              code.formatted(statistics),
              code.formatted(op.training() ? "None, None" : statistics),
              false));
    } else if (node.op() instanceof Op.LayerNorm op) {
      line(
          "%storch.native_layer_norm(%s, %s, %s, %s, %s)"
              .formatted(
                  results,
                  as(in.get(0), node.type()),
                  node.shape().subList(node.shape().size() - op.axes(), node.shape().size()),
                  plain(in, 1),
                  plain(in, 2),
                  number(op.epsilon())),
          false);
    } else if (node.op() instanceof Op.Pool op
        && op.kind().equals("max")
        && node.shape().size() == 4) {
      line(
          "v%d, %s = %s"
              .formatted(
                  node.id(),
                  second,
                  pool(node, op).replace("max_pool2d", "max_pool2d_with_indices")),
          false);
    } else if (node.op() instanceof Op.Dropout op) {
      line(
          "v%d, %s = torch.native_dropout(%s, %s, True)"
              .formatted(node.id(), second, plain(in, 0), number(op.rate())),
          true);
    } else {
      return false;
    }
    names.put(node.id(), "v" + node.id());
    types.put(node.id(), type(node));
    return true;
  }

  void assign(Node node, DataType type, String code) {
    String name = "v" + node.id();
    line(name + " = " + code, node.op() instanceof Op.Random);
    names.put(node.id(), name);
    types.put(node.id(), type);
  }

  void line(String text, boolean pinned) {
    lines.add(new Line(current, text, text, pinned));
  }

  /** The type that the result really has, as PyTorch's autocast would have it. */
  private DataType type(Node node) {
    if (!node.type().isFloating()) {
      return node.type();
    }
    Op op = node.op();
    if (op instanceof Op.Convolution || op instanceof Op.MatMul || op instanceof Op.Linear) {
      return low;
    } else if (op instanceof Op.BatchNorm || op instanceof Op.Gather) {
      return types.get(node.inputs().get(0));
    } else if (op instanceof Op.Cast
        || op instanceof Op.Fill
        || op instanceof Op.Literal
        || op instanceof Op.Resize
        || op instanceof Op.LayerNorm
        || op instanceof Op.Reduce
        || op instanceof Op.OneHot
        || op instanceof Op.CrossEntropy
        || op instanceof Op.Along along && !along.function().equals("flip")) {
      return node.type();
    }
    return node.inputs().stream()
        .map(types::get)
        .filter(DataType::isFloating)
        .reduce((a, b) -> a == b ? a : node.type())
        .orElse(node.type());
  }

  private String code(Node node) {
    List<Integer> in = node.inputs();
    if (node.op() instanceof Op.Fill op) {
      return "torch.new_full(%s, %s, %s, dtype=%d, layout=None, device=None, pin_memory=None)"
          .formatted(
              names.get(image().id()), sizes(node), number(op.value()), CODES.get(node.type()));
    } else if (node.op() instanceof Op.Literal op) {
      return literal(node, op);
    } else if (node.op() instanceof Op.Pointwise op) {
      return pointwise(node, op);
    } else if (node.op() instanceof Op.Cast op) {
      return cast(names.get(in.get(0)), node.type());
    } else if (node.op() instanceof Op.Detach op) {
      return "torch.detach(" + plain(in, 0) + ")";
    } else if (node.op() instanceof Op.Convolution op) {
      if (convolutions.pointwise(node)) {
        return convolutions.pointwiseConvolution(node, op);
      } else if (convolutions.columns(node)) {
        return convolutions.columnsConvolution(node, op);
      }
      return "torch.conv%dd(%s, %s, %s, %s, %s, %s, %d)"
          .formatted(
              node.shape().size() - 2,
              lowered(in.get(0)),
              convolutions.weight(in.get(1)),
              in.size() > 2 ? lowered(in.get(2)) : "None",
              op.stride(),
              op.padding(),
              op.dilation(),
              op.groups());
    } else if (node.op() instanceof Op.MatMul op) {
      return "torch.matmul(%s, %s)".formatted(lowered(in.get(0)), lowered(in.get(1)));
    } else if (node.op() instanceof Op.Linear op) {
      return "torch.linear(%s, %s, %s)"
          .formatted(
              lowered(in.get(0)), lowered(in.get(1)), in.size() > 2 ? lowered(in.get(2)) : "None");
    } else if (node.op() instanceof Op.BatchNorm op) {
      return "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, False)"
          .formatted(
              plain(in, 0),
              in.size() > 3 ? plain(in, 3) : "None",
              in.size() > 4 ? plain(in, 4) : "None",
              plain(in, 1),
              plain(in, 2),
              op.training() ? "True" : "False",
              number(1 - op.keep()),
              number(op.epsilon()));
    } else if (node.op() instanceof Op.LayerNorm op) {
      return "torch.layer_norm(%s, %s, %s, %s, %s, True)"
          .formatted(
              as(in.get(0), node.type()),
              node.shape().subList(node.shape().size() - op.axes(), node.shape().size()),
              plain(in, 1),
              plain(in, 2),
              number(op.epsilon()));
    } else if (node.op() instanceof Op.Pool op) {
      return pool(node, op);
    } else if (node.op() instanceof Op.Resize op) {
      return resize(node, op);
    } else if (node.op() instanceof Op.Along op) {
      return along(node, op);
    } else if (node.op() instanceof Op.Reduce op) {
      return reduce(node, op);
    } else if (node.op() instanceof Op.Concat op) {
      return "torch.cat([%s], %d)"
          .formatted(
              in.stream().map(id -> as(id, type(node))).collect(Collectors.joining(", ")),
              op.axis());
    } else if (node.op() instanceof Op.Reshape op) {
      return "torch.reshape(%s, %s)".formatted(plain(in, 0), sizes(node));
    } else if (node.op() instanceof Op.Transpose op) {
      return "torch.permute(%s, %s)".formatted(plain(in, 0), op.order());
    } else if (node.op() instanceof Op.Slice op) {
      return slice(node, op);
    } else if (node.op() instanceof Op.Broadcast op) {
      return "torch.expand(%s, %s)".formatted(plain(in, 0), sizes(node));
    } else if (node.op() instanceof Op.Tile op) {
      return tile(node, op);
    } else if (node.op() instanceof Op.Pad op) {
      return pad(node, op);
    } else if (node.op() instanceof Op.Gather op) {
      return switch (op.kind()) {
        case "gather" ->
            "torch.gather(%s, %d, %s)".formatted(plain(in, 0), op.axis(), plain(in, 1));
        case "embedding" -> "torch.embedding(%s, %s)".formatted(plain(in, 0), plain(in, 1));
        default -> throw refused(node, op.kind());
      };
    } else if (node.op() instanceof Op.CrossEntropy op) {
      return "torch.cross_entropy_loss(%s, %s, %s, 2, %d, 0.)"
          .formatted(as(in.get(0), node.type()), plain(in, 1), plain(in, 2), op.ignored());
    } else if (node.op() instanceof Op.OneHot op) {
      return cast(
          "torch.one_hot(%s, %d)"
              .formatted(plain(in, 0), node.shape().get(node.shape().size() - 1)),
          node.type());
    } else if (node.op() instanceof Op.Dropout op) {
      return "torch.dropout(%s, %s, True)".formatted(plain(in, 0), number(op.rate()));
    } else if (node.op() instanceof Op.Random op) {
      throw refused(node, op.distribution());
    }
    throw new IllegalStateException("inputs and parameters are written before");
  }

  static RigException refused(Node node, String what) {
    String where = node.where().toString();
    return new RigException(
        "%s has no counterpart in TorchScript%s"
            .formatted(what, where.isEmpty() ? "" : " (" + where + ")"));
  }

  private Node image() {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.Input)
        .findFirst()
        .orElseThrow();
  }

  private String plain(List<Integer> inputs, int index) {
    return names.get(inputs.get(index));
  }

  static String cast(String code, DataType type) {
    return "torch.to(" + code + ", " + CODES.get(type) + ")";
  }

  static int code(DataType type) {
    return CODES.get(type);
  }

  /** An operand in a type that it need not have. */
  String as(int id, DataType type) {
    return types.get(id) == type || !types.get(id).isFloating()
        ? names.get(id)
        : cast(names.get(id), type);
  }

  /** An operand of a product; converted once per pass. */
  String lowered(int id) {
    return types.get(id) == low
        ? names.get(id)
        : lowered.computeIfAbsent(id, key -> assigned("w" + key, key, cast(names.get(id), low)));
  }

  /** Faster in low precision, slower in float32 where a processor computes. */
  boolean channelsLast() {
    return low != DataType.FLOAT32;
  }

  String assigned(String name, int id, String code) {
    line(name + " = " + code, graph.node(id).op() instanceof Op.Param);
    return name;
  }

  static String number(double value) {
    if (Double.isNaN(value)) {
      return "float(\"nan\")";
    }
    return Double.isInfinite(value)
        ? "float(\"" + (value > 0 ? "inf" : "-inf") + "\")"
        : Double.toString(value);
  }

  private String literal(Node node, Op.Literal op) {
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < op.values().size(); i++) {
      values.append(i == 0 ? "" : ", ").append(number(op.values().get(i)));
    }
    String flat =
        "torch.tensor([%s], dtype=%d, device=ops.prim.device(%s))"
            .formatted(values, CODES.get(node.type()), names.get(image().id()));
    return "torch.reshape(%s, %s)".formatted(flat, sizes(node));
  }

  private String pointwise(Node node, Op.Pointwise op) {
    List<String> operands = new ArrayList<>();
    node.inputs().forEach(id -> operands.add(names.get(id)));
    String function = op.function();
    // what a run of a block gets must stay for when the run is computed again
    int run = graph.node(node.inputs().get(0)).where().run();
    boolean here = mode != Mode.RECORDED || run == node.where().run();
    String inPlace = here && reuse.inPlace(node, types) ? "_" : "";
    if (function.equals("where")) {
      return "torch.where(" + String.join(", ", operands) + ")";
    } else if (function.equals("clip")) {
      return "torch.clamp(%s, %s, %s)"
          .formatted(operands.get(0), number(op.numbers().get(0)), number(op.numbers().get(1)));
    } else if (function.equals("leakyRelu")) {
      return "torch.leaky_relu(%s, %s)".formatted(operands.get(0), number(op.numbers().get(0)));
    } else if (function.equals("swish")) {
      return "torch.mul(%1$s, torch.sigmoid(torch.mul(%1$s, %2$s)))"
          .formatted(operands.get(0), number(op.numbers().get(0)));
    } else if (function.equals("elu")) {
      return "torch.elu(%s, %s)".formatted(operands.get(0), number(op.numbers().get(0)));
    } else if (operands.size() == 1 && op.numbers().isEmpty() && UNARY.containsKey(function)) {
      return "torch.%s%s(%s)".formatted(UNARY.get(function), inPlace, operands.get(0));
    } else if (BINARY.containsKey(function) && operands.size() + op.numbers().size() == 2) {
      op.numbers().forEach(value -> operands.add(number(value)));
      return "torch.%s%s(%s)".formatted(BINARY.get(function), inPlace, String.join(", ", operands));
    } else if (function.startsWith("r") && BINARY.containsKey(function.substring(1))) {
      return switch (function) {
        case "rsub" -> "torch.rsub(%s, %s)".formatted(operands.get(0), number(op.numbers().get(0)));
        case "rdiv" ->
            "torch.mul(torch.reciprocal(%s), %s)"
                .formatted(operands.get(0), number(op.numbers().get(0)));
        case "rpow" -> "torch.pow(%s, %s)".formatted(number(op.numbers().get(0)), operands.get(0));
        default -> throw refused(node, function);
      };
    }
    throw refused(node, function);
  }

  private String pool(Node node, Op.Pool op) {
    int sides = node.shape().size() - 2;
    String x = plain(node.inputs(), 0);
    return switch (op.kind()) {
      case "max" ->
          "torch.max_pool%dd(%s, %s, %s, %s, %s, %s)"
              .formatted(
                  sides,
                  x,
                  op.kernel(),
                  op.stride(),
                  op.padding(),
                  java.util.Collections.nCopies(sides, 1),
                  op.ceilMode() ? "True" : "False");
      case "avg" ->
          "torch.avg_pool%dd(%s, %s, %s, %s, %s, %s)"
              .formatted(
                  sides,
                  x,
                  op.kernel(),
                  op.stride(),
                  op.padding(),
                  op.ceilMode() ? "True" : "False",
                  op.countPadding() ? "True" : "False");
      default -> throw refused(node, op.kind() + "Pool");
    };
  }

  private String resize(Node node, Op.Resize op) {
    int operand = node.inputs().get(0);
    String x = as(operand, node.type());
    String size =
        same(node.id())
            .map(id -> "[torch.size(%1$s, 2), torch.size(%1$s, 3)]".formatted(names.get(id)))
            .orElseGet(() -> List.of(side(node, 2), side(node, 3)).toString());
    String align = op.alignCorners() ? "True" : "False";
    if (op.mode() == 0) {
      return "torch.upsample_nearest2d(%s, %s, None)".formatted(x, size);
    } else if (op.mode() == 1) {
      return "torch.%s(%s, %s, %s, None)".formatted(bilinear(node), x, size, align);
    }
    throw refused(node, "resize of mode " + op.mode());
  }

  /** Whether nothing but cross entropy reads a result: there the plain kernel will do. */
  private boolean scored(Node node) {
    List<Node> readers =
        graph.nodes().stream().filter(other -> other.inputs().contains(node.id())).toList();
    return !readers.isEmpty()
        && readers.stream().allMatch(reader -> reader.op() instanceof Op.CrossEntropy);
  }

  /** The engine's kernel; where both sides grow the plain one gives the same and is faster. */
  String bilinear(Node node) {
    List<Long> before = graph.node(node.inputs().get(0)).shape();
    boolean smooth =
        !passes.several()
            && (low == DataType.FLOAT32 && !scored(node)
                || before.get(2) > node.shape().get(2)
                || before.get(3) > node.shape().get(3));
    return smooth ? "_upsample_bilinear2d_aa" : "upsample_bilinear2d";
  }

  /** An array made before that has the height and width of a result: that which it meets first. */
  private Optional<Integer> same(int id) {
    for (Node user : graph.nodes().subList(id + 1, graph.nodes().size())) {
      if (user.inputs().contains(id)) {
        for (int other : user.inputs()) {
          if (other < id && passes.sameSize(other, id)) {
            return Optional.of(other);
          }
        }
      }
    }
    for (int other = id - 1; other >= 0; other--) {
      if (names.containsKey(other) && passes.sameSize(other, id)) {
        return Optional.of(other);
      }
    }
    return Optional.empty();
  }

  /** The sides of a result as code: batch, height and width asked of another array if possible. */
  private String sizes(Node node) {
    int rank = node.shape().size();
    if (rank == 0) {
      return "annotate(List[int], [])";
    }
    Optional<Integer> same = rank == 4 ? same(node.id()) : Optional.empty();
    List<String> sides = new ArrayList<>();
    boolean open = false;
    for (int axis = 0; axis < rank; axis++) {
      if (axis == 0 && rank == 4 && passes.same(image().id(), 0, node.id(), 0)) {
        sides.add("torch.size(" + names.get(image().id()) + ", 0)");
      } else if (axis >= 2 && same.isPresent()) {
        sides.add("torch.size(" + names.get(same.get()) + ", " + axis + ")");
      } else if (!open
          && node.op() instanceof Op.Reshape
          && passes.source(node.id(), axis, names::containsKey).isEmpty()) {
        sides.add("-1");
        open = true;
      } else {
        sides.add(side(node, axis));
      }
    }
    return sides.toString();
  }

  /** One side of a result: a number if it is always the same one, or another array's. */
  private String side(Node node, int axis) {
    return passes
        .source(node.id(), axis, names::containsKey)
        .map(
            source ->
                source.id() == node.id()
                    ? node.shape().get(axis).toString()
                    : "torch.size(%s, %d)".formatted(names.get(source.id()), source.axis()))
        .orElseThrow(() -> Passes.refusal(node));
  }

  private String along(Node node, Op.Along op) {
    int operand = node.inputs().get(0);
    return switch (op.function()) {
      case "softmax" -> "torch.softmax(%s, %d)".formatted(as(operand, node.type()), op.axis());
      case "logSoftmax" ->
          "torch.log_softmax(%s, %d)".formatted(as(operand, node.type()), op.axis());
      case "cumSum" -> "torch.cumsum(%s, %d)".formatted(as(operand, node.type()), op.axis());
      case "flip" -> "torch.flip(%s, [%d])".formatted(names.get(operand), op.axis());
      default -> throw refused(node, op.function());
    };
  }

  private String reduce(Node node, Op.Reduce op) {
    int operand = node.inputs().get(0);
    String x = as(operand, node.type());
    String keep = node.shape().size() == graph.node(operand).shape().size() ? "True" : "False";
    return switch (op.function()) {
      case "sum" -> "torch.sum(%s, %s, %s)".formatted(x, op.axes(), keep);
      case "mean" -> "torch.mean(%s, %s, %s)".formatted(x, op.axes(), keep);
      case "max" -> "torch.amax(%s, %s, %s)".formatted(x, op.axes(), keep);
      case "min" -> "torch.amin(%s, %s, %s)".formatted(x, op.axes(), keep);
      case "argMax", "argMin" -> {
        if (op.axes().size() != 1) {
          throw refused(node, op.function() + " over several axes");
        }
        yield "torch.%s(%s, %d, %s)"
            .formatted(
                op.function().toLowerCase(java.util.Locale.ROOT),
                names.get(operand),
                op.axes().get(0),
                keep);
      }
      default -> throw refused(node, op.function());
    };
  }

  private String slice(Node node, Op.Slice op) {
    List<Long> before = graph.node(node.inputs().get(0)).shape();
    String code = plain(node.inputs(), 0);
    for (int axis = 0; axis < before.size(); axis++) {
      long start = op.start().get(axis);
      long step = op.step().get(axis);
      long end = start + (node.shape().get(axis) - 1) * step + 1;
      if (start == 0 && step == 1 && end == before.get(axis)) {
        continue;
      }
      boolean toTheEnd = end + step > before.get(axis);
      code =
          "torch.slice(%s, %d, %d, %s, %d)"
              .formatted(code, axis, start, toTheEnd ? Long.toString(Long.MAX_VALUE) : end, step);
    }
    return code;
  }

  private String tile(Node node, Op.Tile op) {
    String code = plain(node.inputs(), 0);
    if (!op.interleaved()) {
      return "torch.repeat(%s, %s)".formatted(code, op.times());
    }
    for (int axis = 0; axis < op.times().size(); axis++) {
      if (op.times().get(axis) != 1) {
        code = "torch.repeat_interleave(%s, %d, %d)".formatted(code, op.times().get(axis), axis);
      }
    }
    return code;
  }

  private String pad(Node node, Op.Pad op) {
    List<Long> before = graph.node(node.inputs().get(0)).shape();
    List<Long> borders = new ArrayList<>();
    for (int axis = before.size() - 1; axis >= 0; axis--) {
      borders.add(op.before().get(axis));
      borders.add(node.shape().get(axis) - before.get(axis) - op.before().get(axis));
    }
    return "torch.constant_pad_nd(%s, %s, %s)"
        .formatted(plain(node.inputs(), 0), borders, number(op.value()));
  }
}
