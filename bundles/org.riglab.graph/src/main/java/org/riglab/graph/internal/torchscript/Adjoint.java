package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/**
 * The way back through a recorded pass, in code: from the gradients {@code g} of its results to
 * those of the parameters, which are added to what the engine holds for each, or replace it.
 * Reverse accumulation (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3), with the
 * types, layouts and kernels chosen here rather than by the engine. With recomputation, a pass
 * keeps only what goes from one run of a block or gate to another, and each run is computed once
 * more on the way back.
 */
final class Adjoint {
  private static final Pattern NAME = Pattern.compile("\\b[a-z]\\d+(?:_\\d+)?\\b");

  private final Script script;
  private final Graph graph;
  private final boolean recompute;
  private final boolean replace;
  private final boolean[] needs;
  private final List<String> lines = new ArrayList<>();
  private final Map<Integer, Gradient> gradients = new HashMap<>();
  private final Set<String> defined = new HashSet<>();
  private final List<String> saved = new ArrayList<>();
  private final Set<String> parameters = new HashSet<>();
  private int made;

  /**
   * @param name of the array, or code that names it
   * @param type of its elements
   * @param owned whether nobody else reads that memory
   */
  private record Gradient(String name, DataType type, boolean owned) {}

  /**
   * @param script of a recorded pass
   * @param recompute whether to trade time for memory
   * @param replace whether the parameters' gradients are replaced rather than added to
   * @throws RigException if an operation's gradient is not known here; names it
   */
  Adjoint(Script script, boolean recompute, boolean replace) {
    this.script = script;
    this.graph = script.graph();
    this.recompute = recompute;
    this.replace = replace;
    this.needs = needs();
    write();
    free();
  }

  /** What the way back needs of the pass: names of arrays, in the order of {@code s}. */
  List<String> saved() {
    return saved;
  }

  /** Names of the parameters that get a gradient. */
  Set<String> parameters() {
    return parameters;
  }

  /** Lines that end with a return. */
  List<String> lines() {
    return lines;
  }

  private boolean[] needs() {
    boolean[] needs = new boolean[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      needs[node.id()] =
          node.op() instanceof Op.Param given
              ? given.trained()
              : !(node.op() instanceof Op.Detach)
                  && node.type().isFloating()
                  && node.inputs().stream().anyMatch(id -> needs[id]);
    }
    return needs;
  }

  private void write() {
    for (int i = 0; i < graph.outputs().size(); i++) {
      int id = graph.outputs().get(i);
      give(id, "g[" + i + "]", graph.node(id).type(), false);
    }
    for (List<Node> part : parts()) {
      int start = lines.size();
      for (int i = part.size() - 1; i >= 0; i--) {
        Node node = part.get(i);
        Gradient gradient = gradients.remove(node.id());
        if (gradient != null) {
          back(node, gradient);
        }
      }
      if (recompute) {
        lines.addAll(start, again(part, lines.subList(start, lines.size())));
      }
    }
    lines.add("return [image]");
  }

  /** The nodes in runs of blocks and gates, the last run first. */
  private List<List<Node>> parts() {
    if (!recompute) {
      return List.of(graph.nodes());
    }
    List<List<Node>> parts = new ArrayList<>();
    int run = Integer.MIN_VALUE;
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Param || node.where().run() == run) {
        // a parameter is recorded where it is first used
        if (parts.isEmpty()) {
          parts.add(new ArrayList<>());
        }
      } else {
        run = node.where().run();
        parts.add(new ArrayList<>());
      }
      parts.get(parts.size() - 1).add(node);
    }
    Collections.reverse(parts);
    return parts;
  }

  /** The lines of a part once more: those that its way back needs and that nobody keeps. */
  private List<String> again(List<Node> part, List<String> back) {
    Set<Integer> ids = part.stream().map(Node::id).collect(Collectors.toSet());
    Set<String> kept = new HashSet<>();
    List<Script.Line> own = new ArrayList<>();
    for (Script.Line line : script.lines()) {
      if (!ids.contains(line.node())) {
        kept.addAll(names(line.text()));
      } else if (line.pinned()) {
        kept.addAll(results(line.text()));
      } else {
        own.add(line);
      }
    }
    graph.outputs().forEach(id -> kept.addAll(names(script.name(id))));
    Set<String> wanted = new HashSet<>();
    back.forEach(line -> wanted.addAll(names(line)));
    List<String> again = new ArrayList<>();
    for (int i = own.size() - 1; i >= 0; i--) {
      String text = own.get(i).again();
      Set<String> results = results(text);
      if (results.stream().anyMatch(name -> wanted.contains(name) && !kept.contains(name))) {
        wanted.addAll(names(text));
        again.add(text);
      }
    }
    Collections.reverse(again);
    return again;
  }

  /** What a line names. */
  static Set<String> names(String code) {
    Set<String> names = new HashSet<>();
    Matcher matcher = NAME.matcher(code);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }

  /** What a line makes. */
  static Set<String> results(String line) {
    return names(line.substring(0, Math.max(0, line.indexOf(" = "))));
  }

  /** Finds what the lines use and do not make. */
  private void free() {
    Set<String> free = new LinkedHashSet<>();
    for (String line : lines) {
      int equals = line.indexOf(" = ");
      Matcher matcher = NAME.matcher(equals < 0 ? line : line.substring(equals));
      while (matcher.find()) {
        if (!defined.contains(matcher.group())) {
          free.add(matcher.group());
        }
      }
      defined.addAll(results(line));
    }
    saved.addAll(free);
    for (int i = saved.size() - 1; i >= 0; i--) {
      lines.add(0, "%s = s[%d]".formatted(saved.get(i), i));
    }
  }

  // ---- gradients

  private String made(String code) {
    String name = "d" + ++made;
    lines.add(name + " = " + code);
    return name;
  }

  /** Adds to the gradient of a node's result. */
  private void give(int id, String code, DataType type, boolean owned) {
    if (!needs[id]) {
      return;
    }
    Node node = graph.node(id);
    boolean parameter = node.op() instanceof Op.Param;
    DataType wanted = parameter ? type : script.type(id);
    boolean cast = wanted != type;
    String converted = cast ? Script.cast(code, wanted) : code;
    Gradient before = gradients.get(id);
    if (before == null) {
      boolean plain = !cast && !owned;
      gradients.put(id, new Gradient(plain ? code : made(converted), wanted, !plain));
    } else if (before.type() != wanted) {
      // a parameter used in two precisions
      String sum =
          made(
              "torch.add(%s, %s)"
                  .formatted(
                      Script.cast(before.name(), DataType.FLOAT32),
                      Script.cast(converted, DataType.FLOAT32)));
      gradients.put(id, new Gradient(sum, DataType.FLOAT32, true));
    } else if (before.owned()) {
      String sum = made("torch.add_(%s, %s)".formatted(before.name(), converted));
      gradients.put(id, new Gradient(sum, wanted, true));
    } else {
      String form = cast || owned ? "torch.add_(%s, %s)" : "torch.add(%s, %s)";
      String sum = made(form.formatted(converted, before.name()));
      gradients.put(id, new Gradient(sum, wanted, true));
    }
  }

  private void give(int id, String code, DataType type) {
    give(id, code, type, true);
  }

  /** Gives an operand its share, summed over the axes along which it was repeated. */
  private void share(Node node, int operand, String code, DataType type, boolean owned) {
    List<Long> shape = graph.node(operand).shape();
    if (shape.equals(node.shape())) {
      give(operand, code, type, owned);
    } else {
      give(operand, "torch.sum_to_size(%s, %s)".formatted(code, sizes(shape)), type);
    }
  }

  private static String sizes(List<Long> shape) {
    return shape.isEmpty() ? "annotate(List[int], [])" : shape.toString();
  }

  private void back(Node node, Gradient gradient) {
    List<Integer> in = node.inputs();
    String g = gradient.name();
    DataType type = gradient.type();
    Op op = node.op();
    if (op instanceof Op.Param given) {
      String target = script.name(node.id());
      String same =
          g.startsWith("d") ? "torch.reshape(%s, %s)".formatted(g, sizes(node.shape())) : g;
      lines.add(
          "d%d = torch.%s(ops.prim.grad(%s), %s)"
              .formatted(++made, replace ? "copy_" : "add_", target, same));
      parameters.add(given.name());
    } else if (op instanceof Op.Convolution convolution) {
      if (script.convolutions().pointwise(node)) {
        pointwise(node, convolution, g, type);
      } else if (script.convolutions().columns(node)) {
        columns(node, convolution, g, type);
      } else {
        convolution(node, convolution, g, type);
      }
    } else if (op instanceof Op.BatchNorm norm) {
      batchNorm(node, norm, g, type);
    } else if (op instanceof Op.LayerNorm norm) {
      layerNorm(node, norm, g);
    } else if (op instanceof Op.Pointwise pointwise) {
      elementwise(node, pointwise, g, type);
    } else if (op instanceof Op.Cast) {
      give(in.get(0), g, type, false);
    } else if (op instanceof Op.MatMul) {
      matMul(node, g, type);
    } else if (op instanceof Op.Linear) {
      linear(node, g, type);
    } else if (op instanceof Op.Pool pool) {
      pool(node, pool, g, type);
    } else if (op instanceof Op.Resize resize) {
      resize(node, resize, g, type);
    } else if (op instanceof Op.Along along) {
      along(node, along, g, type);
    } else if (op instanceof Op.Reduce reduce) {
      reduce(node, reduce, g, type);
    } else if (op instanceof Op.Concat concat) {
      long from = 0;
      for (int id : in) {
        long to = from + graph.node(id).shape().get(concat.axis());
        String part = "torch.slice(%s, %d, %d, %d, 1)".formatted(g, concat.axis(), from, to);
        give(id, needs[id] ? made(part) : part, type, false);
        from = to;
      }
    } else if (op instanceof Op.Reshape) {
      give(in.get(0), made("torch.reshape(%s, %s)".formatted(g, before(node))), type, false);
    } else if (op instanceof Op.Transpose transpose) {
      List<Integer> inverse =
          IntStream.range(0, transpose.order().size())
              .mapToObj(transpose.order()::indexOf)
              .toList();
      give(in.get(0), made("torch.permute(%s, %s)".formatted(g, inverse)), type, false);
    } else if (op instanceof Op.Broadcast) {
      share(node, in.get(0), g, type, false);
    } else if (op instanceof Op.Slice slice) {
      slice(node, slice, g, type);
    } else if (op instanceof Op.Pad pad) {
      pad(node, pad, g, type);
    } else if (op instanceof Op.Dropout dropout) {
      String code = "torch.native_dropout_backward(%s, m%d, %s)";
      double scale = dropout.rate() < 1 ? 1 / (1 - dropout.rate()) : 0;
      give(in.get(0), code.formatted(g, node.id(), Script.number(scale)), type);
    } else {
      throw unknown(node, op.getClass().getSimpleName());
    }
  }

  private static RigException unknown(Node node, String what) {
    String where = node.where().toString();
    return new RigException(
        "the gradient of %s is left to the engine%s"
            .formatted(what, where.isEmpty() ? "" : " (" + where + ")"));
  }

  private String before(Node node) {
    return sizes(graph.node(node.inputs().get(0)).shape());
  }

  private void pointwise(Node node, Op.Convolution op, String g, DataType type) {
    List<Integer> in = node.inputs();
    Node x = graph.node(in.get(0));
    long channels = x.shape().get(1);
    String last = made("torch.permute(%s, [0, 2, 3, 1])".formatted(g));
    if (needs[x.id()]) {
      String product =
          "torch.permute(torch.matmul(%s, %s), [0, 3, 1, 2])"
              .formatted(last, script.convolutions().matrix(in.get(1)));
      if (op.stride().equals(List.of(1L, 1L))) {
        give(x.id(), product, type);
      } else {
        String zeros =
            made(
                "torch.zeros_like(%s, dtype=%d)".formatted(script.name(x.id()), Script.code(type)));
        String every =
            "torch.slice(torch.slice(%s, 2, 0, %d, %d), 3, 0, %d, %d)"
                .formatted(
                    zeros, Long.MAX_VALUE, op.stride().get(0), Long.MAX_VALUE, op.stride().get(1));
        made("torch.copy_(%s, %s)".formatted(every, product));
        give(x.id(), zeros, type);
      }
    }
    if (needs[in.get(1)]) {
      give(
          in.get(1),
          "torch.matmul(torch.t(torch.reshape(%s, [-1, %d])), torch.reshape(torch.permute(%s, [0, 2, 3, 1]), [-1, %d]))"
              .formatted(last, node.shape().get(1), script.convolutions().pixels(node), channels),
          script.low());
    }
    if (in.size() > 2) {
      give(in.get(2), "torch.sum(%s, [0, 2, 3], False)".formatted(g), type);
    }
  }

  private void columns(Node node, Op.Convolution op, String g, DataType type) {
    List<Integer> in = node.inputs();
    List<Long> x = graph.node(in.get(0)).shape();
    List<Long> weight = graph.node(in.get(1)).shape();
    List<Long> shape = node.shape();
    String rows =
        made("torch.reshape(torch.permute(%s, [0, 2, 3, 1]), [-1, %d])".formatted(g, shape.get(1)));
    if (needs[in.get(0)]) {
      long pixels = shape.get(2) * shape.get(3);
      long each = weight.get(1) * weight.get(2) * weight.get(3);
      give(
          in.get(0),
          "torch.col2im(torch.transpose(torch.reshape(torch.matmul(%s, %s), %s), 1, 2), %s, %s, %s, %s, %s)"
              .formatted(
                  rows,
                  script.convolutions().matrix(in.get(1)),
                  List.of(shape.get(0), pixels, each),
                  x.subList(2, 4),
                  weight.subList(2, 4),
                  op.dilation(),
                  op.padding(),
                  op.stride()),
          type);
    }
    if (needs[in.get(1)]) {
      columnWeights(node, rows);
    }
    if (in.size() > 2) {
      give(in.get(2), "torch.sum(%s, [0], False)".formatted(rows), type);
    }
  }

  /** So many weights and so few pixels: writing the gradient takes longer than computing it. */
  private void columnWeights(Node node, String rows) {
    Node weight = graph.node(node.inputs().get(1));
    long readers = graph.nodes().stream().filter(n -> n.inputs().contains(weight.id())).count();
    if (replace && readers == 1 && weight.op() instanceof Op.Param given) {
      String form = "torch.mm(torch.t(%s), %s, out=torch.view(ops.prim.grad(%s), [%d, -1]))";
      made(
          form.formatted(
              Script.cast(rows, DataType.FLOAT32),
              Script.cast("c" + node.id(), DataType.FLOAT32),
              script.name(weight.id()),
              weight.shape().get(0)));
      parameters.add(given.name());
    } else {
      give(weight.id(), "torch.matmul(torch.t(%s), c%d)".formatted(rows, node.id()), script.low());
    }
  }

  private void convolution(Node node, Op.Convolution op, String g, DataType type) {
    List<Integer> in = node.inputs();
    int sides = node.shape().size() - 2;
    boolean bias = in.size() > 2 && needs[in.get(2)];
    String x = "d" + ++made;
    String weight = "d" + ++made;
    String last = "d" + ++made;
    lines.add(
        "%s, %s, %s = torch.convolution_backward(%s, %s, %s, %s, %s, %s, %s, False, %s, %d, [%s, %s, %s])"
            .formatted(
                x,
                weight,
                last,
                g,
                script.lowered(in.get(0)),
                script.convolutions().weight(in.get(1)),
                bias ? "[" + node.shape().get(1) + "]" : "None",
                op.stride(),
                op.padding(),
                op.dilation(),
                Collections.nCopies(sides, 0),
                op.groups(),
                flag(needs[in.get(0)]),
                flag(needs[in.get(1)]),
                flag(bias)));
    give(in.get(0), x, type);
    give(in.get(1), weight, type);
    if (bias) {
      give(in.get(2), last, type);
    }
  }

  private static String flag(boolean value) {
    return value ? "True" : "False";
  }

  private void batchNorm(Node node, Op.BatchNorm op, String g, DataType type) {
    List<Integer> in = node.inputs();
    boolean affine = in.size() > 3;
    String x = "d" + ++made;
    String weight = "d" + ++made;
    String bias = "d" + ++made;
    lines.add(
        "%s, %s, %s = torch.native_batch_norm_backward(%s, %s, %s, %s, %s, m%d, i%d, %s, %s, [%s, %s, %s])"
            .formatted(
                x,
                weight,
                bias,
                g,
                script.name(in.get(0)),
                affine ? script.name(in.get(3)) : "None",
                script.name(in.get(1)),
                script.name(in.get(2)),
                node.id(),
                node.id(),
                flag(op.training()),
                Script.number(op.epsilon()),
                flag(needs[in.get(0)]),
                flag(affine && needs[in.get(3)]),
                flag(in.size() > 4 && needs[in.get(4)])));
    give(in.get(0), x, type);
    if (affine) {
      give(in.get(3), weight, DataType.FLOAT32);
    }
    if (in.size() > 4) {
      give(in.get(4), bias, DataType.FLOAT32);
    }
  }

  private void layerNorm(Node node, Op.LayerNorm op, String g) {
    List<Integer> in = node.inputs();
    String x = "d" + ++made;
    String weight = "d" + ++made;
    String bias = "d" + ++made;
    int rank = node.shape().size();
    lines.add(
        "%s, %s, %s = torch.native_layer_norm_backward(%s, %s, %s, m%d, i%d, %s, %s, [True, True, True])"
            .formatted(
                x,
                weight,
                bias,
                g,
                script.as(in.get(0), node.type()),
                node.shape().subList(rank - op.axes(), rank),
                node.id(),
                node.id(),
                script.name(in.get(1)),
                script.name(in.get(2))));
    give(in.get(0), x, node.type());
    give(in.get(1), weight, node.type());
    give(in.get(2), bias, node.type());
  }

  private void elementwise(Node node, Op.Pointwise op, String g, DataType type) {
    List<Integer> in = node.inputs();
    String y = script.name(node.id());
    String a = script.name(in.get(0));
    String function = op.function();
    if (in.size() == 1) {
      String number = op.numbers().isEmpty() ? "" : Script.number(op.numbers().get(0));
      String code =
          switch (function) {
            case "relu" -> "torch.threshold_backward(%s, %s, 0)".formatted(g, y);
            case "sigmoid" -> "torch.sigmoid_backward(%s, %s)".formatted(g, y);
            case "tanh" -> "torch.tanh_backward(%s, %s)".formatted(g, y);
            case "softPlus" -> "torch.softplus_backward(%s, %s, 1, 20)".formatted(g, a);
            case "gelu" -> "torch.gelu_backward(%s, %s)".formatted(g, a);
            case "leakyRelu" ->
                "torch.leaky_relu_backward(%s, %s, %s, False)".formatted(g, a, number);
            case "elu" -> "torch.elu_backward(%s, %s, 1, 1, False, %s)".formatted(g, number, a);
            case "selu" ->
                "torch.elu_backward(%s, 1.6732632423543772, 1.0507009873554805, 1, False, %s)"
                    .formatted(g, a);
            case "swish" -> {
              String s = made("torch.sigmoid(torch.mul(%s, %s))".formatted(a, number));
              yield "torch.mul(%1$s, torch.add(%2$s, torch.mul(torch.mul(%3$s, %4$s), torch.mul(%2$s, torch.rsub(%2$s, 1)))))"
                  .formatted(g, s, a, number);
            }
            case "exp" -> "torch.mul(%s, %s)".formatted(g, y);
            case "log" -> "torch.div(%s, %s)".formatted(g, a);
            case "log2" ->
                "torch.div(%s, torch.mul(%s, %s))".formatted(g, a, Script.number(Math.log(2)));
            case "sqrt" -> "torch.div(%s, torch.mul(%s, 2.))".formatted(g, y);
            case "square" -> "torch.mul(%s, torch.mul(%s, 2.))".formatted(g, a);
            case "abs" -> "torch.mul(%s, torch.sign(%s))".formatted(g, a);
            case "neg", "rsub" -> "torch.neg(%s)".formatted(g);
            case "mul" -> "torch.mul(%s, %s)".formatted(g, number);
            case "div" -> "torch.div(%s, %s)".formatted(g, number);
            case "rdiv" -> "torch.mul(%s, torch.div(torch.neg(%s), %s))".formatted(g, y, a);
            case "clip" ->
                "torch.mul(%s, torch.logical_and(torch.ge(%s, %s), torch.le(%s, %s)))"
                    .formatted(g, a, number, a, Script.number(op.numbers().get(1)));
            case "copy", "add", "sub" -> g;
            default -> throw unknown(node, function);
          };
      give(in.get(0), code, type, !code.equals(g));
      return;
    }
    int first = in.get(0);
    int second = in.get(1);
    String b = script.name(second);
    switch (function) {
      case "add" -> {
        share(node, first, g, type, false);
        share(node, second, g, type, false);
      }
      case "sub" -> {
        share(node, first, g, type, false);
        share(node, second, "torch.neg(%s)".formatted(g), type, true);
      }
      case "mul" -> {
        share(node, first, "torch.mul(%s, %s)".formatted(g, b), type, true);
        share(node, second, "torch.mul(%s, %s)".formatted(g, a), type, true);
      }
      case "div" -> {
        share(node, first, "torch.div(%s, %s)".formatted(g, b), type, true);
        share(
            node,
            second,
            "torch.mul(%s, torch.div(torch.neg(%s), %s))".formatted(g, y, b),
            type,
            true);
      }
      case "maximum", "minimum" -> {
        // where both are equal each gets half, as in PyTorch
        String wins = function.equals("maximum") ? "gt" : "lt";
        String form =
            "torch.mul(%s, torch.add(torch.mul(torch.eq(%s, %s), 0.5), torch.%s(%s, %s)))";
        share(node, first, form.formatted(g, a, b, wins, a, b), type, true);
        share(node, second, form.formatted(g, a, b, wins, b, a), type, true);
      }
      default -> throw unknown(node, function);
    }
  }

  private void matMul(Node node, String g, DataType type) {
    int first = node.inputs().get(0);
    int second = node.inputs().get(1);
    if (graph.node(first).shape().size() < 2 || graph.node(second).shape().size() < 2) {
      throw unknown(node, "a product with a vector");
    }
    String form = "torch.sum_to_size(torch.matmul(%s, %s), %s)";
    String turned = "torch.transpose(%s, -1, -2)";
    give(
        first,
        form.formatted(
            g, turned.formatted(script.lowered(second)), sizes(graph.node(first).shape())),
        type);
    give(
        second,
        form.formatted(
            turned.formatted(script.lowered(first)), g, sizes(graph.node(second).shape())),
        type);
  }

  private void linear(Node node, String g, DataType type) {
    List<Integer> in = node.inputs();
    List<Long> weight = graph.node(in.get(1)).shape();
    give(in.get(0), "torch.matmul(%s, %s)".formatted(g, script.lowered(in.get(1))), type);
    String rows = made("torch.reshape(%s, [-1, %d])".formatted(g, weight.get(0)));
    give(
        in.get(1),
        "torch.matmul(torch.t(%s), torch.reshape(%s, [-1, %d]))"
            .formatted(rows, script.lowered(in.get(0)), weight.get(1)),
        type);
    if (in.size() > 2) {
      give(in.get(2), "torch.sum(%s, [0], False)".formatted(rows), type);
    }
  }

  private void pool(Node node, Op.Pool op, String g, DataType type) {
    int x = node.inputs().get(0);
    if (node.shape().size() != 4 || op.kind().equals("lp")) {
      throw unknown(node, op.kind() + "Pool");
    }
    String ceil = flag(op.ceilMode());
    give(
        x,
        op.kind().equals("max")
            ? "torch.max_pool2d_with_indices_backward(%s, %s, %s, %s, %s, [1, 1], %s, m%d)"
                .formatted(
                    g, script.name(x), op.kernel(), op.stride(), op.padding(), ceil, node.id())
            : "torch.avg_pool2d_backward(%s, %s, %s, %s, %s, %s, %s, None)"
                .formatted(
                    g,
                    script.name(x),
                    op.kernel(),
                    op.stride(),
                    op.padding(),
                    ceil,
                    flag(op.countPadding())),
        type);
  }

  private void resize(Node node, Op.Resize op, String g, DataType type) {
    String kernel = op.mode() == 0 ? "upsample_nearest2d" : script.bilinear(node);
    String align = op.mode() == 0 ? "" : flag(op.alignCorners()) + ", ";
    give(
        node.inputs().get(0),
        "torch.%s_backward(%s, [%d, %d], %s, %sNone, None)"
            .formatted(kernel, g, node.shape().get(2), node.shape().get(3), before(node), align),
        type);
  }

  private void along(Node node, Op.Along op, String g, DataType type) {
    int x = node.inputs().get(0);
    String y = script.name(node.id());
    String code =
        switch (op.function()) {
          case "softmax" ->
              "torch._softmax_backward_data(%s, %s, %d, %d)"
                  .formatted(g, y, op.axis(), Script.code(type));
          case "logSoftmax" ->
              "torch._log_softmax_backward_data(%s, %s, %d, %d)"
                  .formatted(g, y, op.axis(), Script.code(type));
          case "flip" -> "torch.flip(%s, [%d])".formatted(g, op.axis());
          default -> throw unknown(node, op.function());
        };
    give(x, code, type);
  }

  private void reduce(Node node, Op.Reduce op, String g, DataType type) {
    int x = node.inputs().get(0);
    List<Long> shape = graph.node(x).shape();
    List<Long> kept = new ArrayList<>(shape);
    op.axes().forEach(axis -> kept.set(axis, 1L));
    String wide = "torch.reshape(%s, %s)".formatted(g, sizes(kept));
    long count = op.axes().stream().mapToLong(shape::get).reduce(1, (a, b) -> a * b);
    switch (op.function()) {
      case "sum" ->
          give(x, made("torch.expand(%s, %s)".formatted(wide, sizes(shape))), type, false);
      case "mean" ->
          give(
              x,
              made(
                  "torch.expand(torch.div(%s, %s), %s)"
                      .formatted(wide, Script.number(count), sizes(shape))),
              type,
              false);
      case "max", "min" -> {
        // equal extremes share alike, as in PyTorch
        String y = "torch.reshape(%s, %s)".formatted(script.name(node.id()), sizes(kept));
        String is =
            made(
                "torch.to(torch.eq(%s, %s), %d)"
                    .formatted(script.as(x, node.type()), y, Script.code(type)));
        give(
            x,
            "torch.mul(torch.div(%s, torch.sum(%s, %s, True)), %s)"
                .formatted(is, is, op.axes(), wide),
            type);
      }
      default -> throw unknown(node, op.function());
    }
  }

  private void slice(Node node, Op.Slice op, String g, DataType type) {
    List<Long> before = graph.node(node.inputs().get(0)).shape();
    String zeros =
        made(
            "torch.new_zeros(%s, %s, dtype=None, layout=None, device=None, pin_memory=None)"
                .formatted(g, sizes(before)));
    String part = zeros;
    for (int axis = 0; axis < before.size(); axis++) {
      long start = op.start().get(axis);
      long step = op.step().get(axis);
      long end = start + (node.shape().get(axis) - 1) * step + 1;
      part = "torch.slice(%s, %d, %d, %d, %d)".formatted(part, axis, start, end, step);
    }
    made("torch.copy_(%s, %s)".formatted(part, g));
    give(node.inputs().get(0), zeros, type);
  }

  private void pad(Node node, Op.Pad op, String g, DataType type) {
    List<Long> before = graph.node(node.inputs().get(0)).shape();
    String part = g;
    for (int axis = 0; axis < before.size(); axis++) {
      long start = op.before().get(axis);
      part =
          "torch.slice(%s, %d, %d, %d, 1)".formatted(part, axis, start, start + before.get(axis));
    }
    give(node.inputs().get(0), made(part), type, false);
  }
}
