package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.types.DataType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Convolutions of images in the form that is fastest where the engine need not go back. */
final class Convolutions {
  private final Script script;
  private final Graph graph;
  private final Reuse reuse;
  private final Map<Integer, String> weights = new HashMap<>();
  private final Map<Integer, String> matrices = new HashMap<>();
  private final Map<List<?>, String> packs = new HashMap<>();
  private final Set<Integer> fused = new HashSet<>();

  Convolutions(Script script, Reuse reuse) {
    this.script = script;
    this.graph = script.graph();
    this.reuse = reuse;
  }

  /** Whether a node's result has been written as part of a convolution's. */
  boolean done(Node node) {
    return fused.contains(node.id());
  }

  /** Whether a convolution's weights depend on parameters alone, so that they can be packed. */
  boolean packed(Node node) {
    return node.op() instanceof Op.Convolution
        && node.shape().size() == 4
        && node.type() == DataType.FLOAT32
        && fixed(node.inputs().get(1))
        && (node.inputs().size() < 3 || fixed(node.inputs().get(2)));
  }

  private boolean fixed(int id) {
    Node node = graph.node(id);
    return !(node.op() instanceof Op.Input || node.op() instanceof Op.Random)
        && node.inputs().stream().allMatch(this::fixed);
  }

  /** Writes a convolution with the sum and the ReLU that follow it, where nobody else reads it. */
  void fuse(Node node, Op.Convolution op) {
    List<Integer> in = node.inputs();
    Node last = node;
    Optional<Node> reader = reader(last);
    String other = "";
    boolean takes = false;
    if (reader.isPresent() && reader.get().op() instanceof Op.Pointwise sum) {
      List<Integer> operands = reader.get().inputs();
      int second = operands.stream().filter(id -> id != node.id()).findFirst().orElse(node.id());
      if (sum.function().equals("add")
          && operands.size() == 2
          && second != node.id()
          && script.type(second) == script.low()
          && graph.node(second).shape().equals(node.shape())
          && node.shape().get(2) > 1
          && node.shape().get(3) > 1) { // a single pixel has no layout that oneDNN would take
        other = script.name(second);
        takes = lastReader(graph.node(second), node, reader.get());
        last = reader.get();
        reader = reader(last);
      }
    }
    boolean relu =
        reader.isPresent()
            && reader.get().op() instanceof Op.Pointwise after
            && after.function().equals("relu");
    if (relu) {
      last = reader.get();
    }
    String weight =
        packs.computeIfAbsent(
            List.of(in.get(1), op),
            key ->
                script.assigned(
                    "k" + node.id(),
                    in.get(1),
                    "ops.mkldnn._reorder_convolution_weight(torch.contiguous(%s, memory_format=2), %s, %s, %s, %d)"
                        .formatted(
                            script.as(in.get(1), script.low()),
                            op.padding(),
                            op.stride(),
                            op.dilation(),
                            op.groups())));
    String bias = in.size() > 2 ? script.lowered(in.get(2)) : "None";
    String shape =
        "%s, %s, %s, %d".formatted(op.padding(), op.stride(), op.dilation(), op.groups());
    String after = "annotate(List[Optional[number]], []), \"\"";
    String code =
        other.isEmpty()
            ? "ops.mkldnn._convolution_pointwise(%s, %s, %s, %s, \"%s\", %s)"
                .formatted(
                    script.lowered(in.get(0)), weight, bias, shape, relu ? "relu" : "none", after)
            : "ops.mkldnn._convolution_pointwise%s(%s, %s, %s, %s, %s, \"add\", None, %s, %s)"
                .formatted(
                    takes ? "_" : "",
                    takes ? other : script.lowered(in.get(0)),
                    takes ? script.lowered(in.get(0)) : other,
                    weight,
                    bias,
                    shape,
                    relu ? "\"relu\"" : "None",
                    after);
    script.assign(last, script.low(), code);
    for (Node part = node; part != last; part = reader(part).orElseThrow()) {
      fused.add(reader(part).orElseThrow().id());
    }
  }

  /** Whether a sum may take an operand's memory when a convolution in front of it is computed. */
  private boolean lastReader(Node operand, Node convolution, Node sum) {
    return !graph.outputs().contains(operand.id())
        && (operand.op() instanceof Op.Convolution || operand.op() instanceof Op.Pointwise)
        && !convolution.inputs().contains(operand.id())
        && graph.nodes().stream()
            .filter(node -> node != sum && node.inputs().contains(operand.id()))
            .allMatch(node -> node.id() < convolution.id() && !node.op().view());
  }

  /** The only one that reads a result, where there is only one. */
  private Optional<Node> reader(Node node) {
    if (reuse.uses(node.id()) != 1) {
      return Optional.empty();
    }
    return graph.nodes().stream().filter(other -> other.inputs().contains(node.id())).findFirst();
  }

  /**
   * Whether a convolution is a matrix product over the channels of each pixel, which needs no other
   * layout where channels are last; libraries compute that faster than a convolution.
   */
  boolean pointwise(Node node) {
    if (!(node.op() instanceof Op.Convolution op)
        || script.mode() == Script.Mode.PLAIN
        || !script.channelsLast()) {
      return false;
    }
    List<Long> weight = graph.node(node.inputs().get(1)).shape();
    return weight.size() == 4
        && weight.get(2) == 1
        && weight.get(3) == 1
        && op.groups() == 1
        && op.padding().equals(List.of(0L, 0L));
  }

  /**
   * Whether a convolution is computed as a matrix product of its weights, as they lie in memory,
   * and columns of pixels: where there are so many more weights than pixels that bringing them into
   * another layout would take longer than the convolution. In float32 no other layout is needed,
   * and sums stay in the engine's order.
   */
  boolean columns(Node node) {
    if (!(node.op() instanceof Op.Convolution op)
        || script.mode() == Script.Mode.PLAIN
        || !script.channelsLast()) {
      return false;
    }
    List<Long> shape = node.shape();
    return shape.size() == 4
        && op.groups() == 1
        && !pointwise(node)
        && 2 * shape.get(0) * shape.get(2) * shape.get(3) <= shape.get(1);
  }

  String columnsConvolution(Node node, Op.Convolution op) {
    List<Integer> in = node.inputs();
    List<Long> weight = graph.node(in.get(1)).shape();
    String x = script.lowered(in.get(0));
    script.line(
        "c%d = torch.reshape(torch.transpose(torch.im2col(%s, %s, %s, %s, %s), 1, 2), [-1, %d])"
            .formatted(
                node.id(),
                x,
                weight.subList(2, 4),
                op.dilation(),
                op.padding(),
                op.stride(),
                weight.get(1) * weight.get(2) * weight.get(3)),
        false);
    return "torch.permute(torch.reshape(torch.linear(c%d, %s, %s), %s), [0, 3, 1, 2])"
        .formatted(
            node.id(),
            matrix(in.get(1)),
            in.size() > 2 ? script.lowered(in.get(2)) : "None",
            List.of(node.shape().get(0), node.shape().get(2), node.shape().get(3), weight.get(0)));
  }

  String pointwiseConvolution(Node node, Op.Convolution op) {
    List<Integer> in = node.inputs();
    String x = script.lowered(in.get(0));
    if (!op.stride().equals(List.of(1L, 1L))) {
      String every =
          "torch.slice(torch.slice(%s, 2, 0, %d, %d), 3, 0, %d, %d)"
              .formatted(x, Long.MAX_VALUE, op.stride().get(0), Long.MAX_VALUE, op.stride().get(1));
      script.line("c%d = torch.contiguous(%s, memory_format=2)".formatted(node.id(), every), false);
      x = "c" + node.id();
    }
    return "torch.permute(torch.linear(torch.permute(%s, [0, 2, 3, 1]), %s, %s), [0, 3, 1, 2])"
        .formatted(x, matrix(in.get(1)), in.size() > 2 ? script.lowered(in.get(2)) : "None");
  }

  /** The weights of a convolution as a matrix (out, in times kernel). */
  String matrix(int id) {
    List<Long> shape = graph.node(id).shape();
    return matrices.computeIfAbsent(
        id,
        key ->
            script.assigned(
                "b" + key,
                key,
                "torch.reshape(%s, [%d, -1])"
                    .formatted(script.as(key, script.low()), shape.get(0))));
  }

  /** What a pointwise convolution multiplies: its operand, or every so-many-th pixel of it. */
  String pixels(Node node) {
    Op.Convolution op = (Op.Convolution) node.op();
    return op.stride().equals(List.of(1L, 1L))
        ? script.lowered(node.inputs().get(0))
        : "c" + node.id();
  }

  String weight(int id) {
    if (!script.channelsLast() || graph.node(id).shape().size() != 4) {
      return script.lowered(id);
    }
    return weights.computeIfAbsent(
        id,
        key -> {
          String type =
              script.type(id) == script.low()
                  ? script.name(id)
                  : Script.cast(script.name(id), script.low());
          return script.assigned("w" + key, key, "torch.contiguous(" + type + ", memory_format=2)");
        });
  }
}
