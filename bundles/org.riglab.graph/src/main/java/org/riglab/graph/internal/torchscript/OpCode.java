package org.riglab.graph.internal.torchscript;

import static org.riglab.graph.internal.torchscript.Literals.flag;
import static org.riglab.graph.internal.torchscript.Literals.number;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.OpVisitor;

/** The right-hand side of the line that computes an operation. */
final class OpCode implements OpVisitor<String> {
  /** The interpreter counts the elements of a list in 16 bits. */
  private static final int LONGEST_LIST = 1 << 15;

  private final Graph graph;
  private final Names names;
  private final Dimensions dimensions;
  private final Reuse reuse;
  private final Set<Integer> recorded;
  private final KernelCode kernels;

  /**
   * @param graph of the operations
   * @param names of their results
   * @param dimensions of their results
   * @param reuse which of them are written over operands
   * @param recorded operations of which further results are read
   */
  OpCode(Graph graph, Names names, Dimensions dimensions, Reuse reuse, Set<Integer> recorded) {
    this.graph = graph;
    this.names = names;
    this.dimensions = dimensions;
    this.reuse = reuse;
    this.recorded = recorded;
    this.kernels = new KernelCode(graph, names);
  }

  private String name(int id) {
    return names.of(id);
  }

  private boolean recorded(Node node) {
    return recorded.contains(node.id());
  }

  /** An operand; None if there is none. */
  private String in(Node node, int index) {
    return index < node.inputs().size() ? name(node.inputs().get(index)) : "None";
  }

  private static IllegalStateException given(Node node) {
    return new IllegalStateException("given from outside: " + node);
  }

  /** The kernel of bilinear resizing. */
  static String bilinear(Op.Resize op) {
    return op.antialias() ? "_upsample_bilinear2d_aa" : "upsample_bilinear2d";
  }

  /** A part of an array as a view. */
  static String sliced(String array, List<Long> before, List<Long> after, Op.Slice op) {
    String code = array;
    for (int axis = 0; axis < before.size(); axis++) {
      long start = op.start().get(axis);
      long step = op.step().get(axis);
      long end = start + (after.get(axis) - 1) * step + 1;
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

  @Override
  public String input(Node node, Op.Input op) {
    throw given(node);
  }

  @Override
  public String param(Node node, Op.Param op) {
    throw given(node);
  }

  @Override
  public String fill(Node node, Op.Fill op) {
    return "torch.new_full(%s, %s, %s, dtype=%d, layout=None, device=None, pin_memory=None)"
        .formatted(
            name(dimensions.image().id()),
            dimensions.of(node),
            number(op.value()),
            Literals.code(node.type()));
  }

  @Override
  public String literal(Node node, Op.Literal op) {
    int count = op.values().size();
    if (count == 1) {
      return "torch.full(%s, %s, dtype=%d, layout=None, device=ops.prim.device(%s), pin_memory=None)"
          .formatted(
              dimensions.of(node),
              number(op.values().get(0)),
              Literals.code(node.type()),
              name(dimensions.image().id()));
    }
    List<String> pieces = new ArrayList<>();
    for (int begin = 0; begin == 0 || begin < count; begin += LONGEST_LIST) {
      pieces.add(values(node, op, begin, Math.min(count, begin + LONGEST_LIST)));
    }
    String flat =
        pieces.size() == 1
            ? pieces.get(0)
            : "torch.cat([%s], 0)".formatted(String.join(", ", pieces));
    return "torch.reshape(%s, %s)".formatted(flat, dimensions.of(node));
  }

  private String values(Node node, Op.Literal op, int begin, int end) {
    StringBuilder values = new StringBuilder();
    for (int i = begin; i < end; i++) {
      values.append(i == begin ? "" : ", ").append(number(op.values().get(i)));
    }
    // made on the host and copied without waiting for the device, which torch.tensor does
    return "torch.to(torch.tensor([%1$s], dtype=%2$d), ops.prim.device(%3$s), %2$d, True, False)"
        .formatted(values, Literals.code(node.type()), name(dimensions.image().id()));
  }

  @Override
  public String random(Node node, Op.Random op) {
    throw Literals.refused(node, op.distribution());
  }

  @Override
  public String pointwise(Node node, Op.Pointwise op) {
    List<String> operands = node.inputs().stream().map(this::name).toList();
    return PointwiseCode.of(node, op, operands, reuse.operand(node));
  }

  @Override
  public String cast(Node node, Op.Cast op) {
    return Literals.cast(in(node, 0), node.type());
  }

  @Override
  public String detach(Node node, Op.Detach op) {
    return "torch.detach(" + in(node, 0) + ")";
  }

  @Override
  public String convolution(Node node, Op.Convolution op) {
    return "torch.conv%dd(%s, %s, %s, %s, %s, %s, %d)"
        .formatted(
            node.shape().size() - 2,
            in(node, 0),
            in(node, 1),
            in(node, 2),
            op.stride(),
            op.padding(),
            op.dilation(),
            op.groups());
  }

  @Override
  public String matMul(Node node, Op.MatMul op) {
    return "torch.matmul(%s, %s)".formatted(in(node, 0), in(node, 1));
  }

  @Override
  public String linear(Node node, Op.Linear op) {
    return "torch.linear(%s, %s, %s)".formatted(in(node, 0), in(node, 1), in(node, 2));
  }

  @Override
  public String batchNorm(Node node, Op.BatchNorm op) {
    String statistics =
        op.training() && !op.updates() ? "None, None" : in(node, 1) + ", " + in(node, 2);
    return "torch.%s(%s, %s, %s, %s, %s, %s, %s%s)"
        .formatted(
            recorded(node) ? "native_batch_norm" : "batch_norm",
            in(node, 0),
            in(node, 3),
            in(node, 4),
            statistics,
            flag(op.training()),
            number(1 - op.keep()),
            number(op.epsilon()),
            recorded(node) ? "" : ", False");
  }

  @Override
  public String layerNorm(Node node, Op.LayerNorm op) {
    int rank = node.shape().size();
    return "torch.%s(%s, %s, %s, %s, %s%s)"
        .formatted(
            recorded(node) ? "native_layer_norm" : "layer_norm",
            in(node, 0),
            node.shape().subList(rank - op.axes(), rank),
            in(node, 1),
            in(node, 2),
            number(op.epsilon()),
            recorded(node) ? "" : ", True");
  }

  @Override
  public String pool(Node node, Op.Pool op) {
    int sides = node.shape().size() - 2;
    String windows =
        "%s, %s, %s, %s".formatted(in(node, 0), op.kernel(), op.stride(), op.padding());
    return switch (op.kind()) {
      case "max" ->
          "torch.max_pool%dd%s(%s, %s, %s)"
              .formatted(
                  sides,
                  recorded(node) ? "_with_indices" : "",
                  windows,
                  Collections.nCopies(sides, 1),
                  flag(op.ceilMode()));
      case "avg" ->
          "torch.avg_pool%dd(%s, %s, %s)"
              .formatted(sides, windows, flag(op.ceilMode()), flag(op.countPadding()));
      default -> throw Literals.refused(node, op.kind() + "Pool");
    };
  }

  @Override
  public String resize(Node node, Op.Resize op) {
    String pixels = dimensions.pixels(node);
    if (op.mode() == 0) {
      return "torch.upsample_nearest2d(%s, %s, None)".formatted(in(node, 0), pixels);
    } else if (op.mode() == 1) {
      return "torch.%s(%s, %s, %s, None)"
          .formatted(bilinear(op), in(node, 0), pixels, flag(op.alignCorners()));
    }
    throw Literals.refused(node, "resize of mode " + op.mode());
  }

  @Override
  public String along(Node node, Op.Along op) {
    return switch (op.function()) {
      case "softmax" -> "torch.softmax(%s, %d)".formatted(in(node, 0), op.axis());
      case "logSoftmax" -> "torch.log_softmax(%s, %d)".formatted(in(node, 0), op.axis());
      case "cumSum" -> "torch.cumsum(%s, %d)".formatted(in(node, 0), op.axis());
      case "argSort", "argSortDown" ->
          "torch.argsort(%s, stable=True, dim=%d, descending=%s)"
              .formatted(in(node, 0), op.axis(), flag(op.function().endsWith("Down")));
      case "flip" -> "torch.flip(%s, [%d])".formatted(in(node, 0), op.axis());
      default -> throw Literals.refused(node, op.function());
    };
  }

  @Override
  public String reduce(Node node, Op.Reduce op) {
    int rank = graph.node(node.inputs().get(0)).shape().size();
    String keep = flag(node.shape().size() == rank);
    String rest = op.axes() + ", " + keep;
    return switch (op.function()) {
      case "sum" -> "torch.sum(%s, %s)".formatted(in(node, 0), rest);
      case "mean" -> "torch.mean(%s, %s)".formatted(in(node, 0), rest);
      case "max" -> "torch.amax(%s, %s)".formatted(in(node, 0), rest);
      case "min" -> "torch.amin(%s, %s)".formatted(in(node, 0), rest);
      case "argMax", "argMin" -> {
        if (op.axes().size() != 1) {
          throw Literals.refused(node, op.function() + " over several axes");
        }
        yield "torch.%s(%s, %s)"
            .formatted(
                op.function().toLowerCase(Locale.ROOT),
                in(node, 0),
                op.axes().get(0) + ", " + keep);
      }
      default -> throw Literals.refused(node, op.function());
    };
  }

  @Override
  public String concat(Node node, Op.Concat op) {
    return node.inputs().stream()
        .map(this::name)
        .collect(Collectors.joining(", ", "torch.cat([", "], " + op.axis() + ")"));
  }

  @Override
  public String reshape(Node node, Op.Reshape op) {
    return "torch.reshape(%s, %s)".formatted(in(node, 0), dimensions.of(node));
  }

  @Override
  public String transpose(Node node, Op.Transpose op) {
    return "torch.permute(%s, %s)".formatted(in(node, 0), op.order());
  }

  @Override
  public String slice(Node node, Op.Slice op) {
    return sliced(in(node, 0), graph.node(node.inputs().get(0)).shape(), node.shape(), op);
  }

  @Override
  public String broadcast(Node node, Op.Broadcast op) {
    return "torch.expand(%s, %s)".formatted(in(node, 0), dimensions.of(node));
  }

  @Override
  public String tile(Node node, Op.Tile op) {
    String code = in(node, 0);
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

  @Override
  public String pad(Node node, Op.Pad op) {
    List<Long> before = graph.node(node.inputs().get(0)).shape();
    List<Long> borders = new ArrayList<>();
    for (int axis = before.size() - 1; axis >= 0; axis--) {
      borders.add(op.before().get(axis));
      borders.add(node.shape().get(axis) - before.get(axis) - op.before().get(axis));
    }
    return "torch.constant_pad_nd(%s, %s, %s)".formatted(in(node, 0), borders, number(op.value()));
  }

  @Override
  public String gather(Node node, Op.Gather op) {
    return switch (op.kind()) {
      case "gather" -> "torch.gather(%s, %d, %s)".formatted(in(node, 0), op.axis(), in(node, 1));
      case "embedding" -> "torch.embedding(%s, %s)".formatted(in(node, 0), in(node, 1));
      default -> throw Literals.refused(node, op.kind());
    };
  }

  @Override
  public String oneHot(Node node, Op.OneHot op) {
    long depth = node.shape().get(node.shape().size() - 1);
    return Literals.cast("torch.one_hot(%s, %d)".formatted(in(node, 0), depth), node.type());
  }

  @Override
  public String crossEntropy(Node node, Op.CrossEntropy op) {
    String code =
        "torch.cross_entropy_loss(%s, %s, %s, %d, %d, %s)"
            .formatted(
                in(node, 0),
                in(node, 1),
                in(node, 2),
                op.apart() ? 0 : 2,
                op.ignored(),
                number(op.smoothing()));
    return op.apart() ? "torch.sum(" + code + ")" : code;
  }

  @Override
  public String dropout(Node node, Op.Dropout op) {
    return "torch.%s(%s, %s, True)"
        .formatted(recorded(node) ? "native_dropout" : "dropout", in(node, 0), number(op.rate()));
  }

  @Override
  public String kernel(Node node, Kernel op) {
    return op.visit(kernels, node);
  }
}
