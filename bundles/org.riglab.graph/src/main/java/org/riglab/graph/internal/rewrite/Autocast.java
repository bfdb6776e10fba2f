package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.OpVisitor;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.ir.Types;

/**
 * Gives every result of a pass that was recorded in float32 the type in which it is computed, as
 * PyTorch's autocast does: convolutions and matrix products in a low precision, what loses accuracy
 * there (sums, softmax, resizing, layer norm) in float32, everything else in the type of its
 * operands. Conversions become operations; each is made once. Results of the graph stay in float32.
 */
public final class Autocast implements Rewrite {
  private final DataType low;

  /**
   * @param low type of convolutions and matrix products
   */
  public Autocast(DataType low) {
    this.low = low;
  }

  /** Which type an operation computes in. */
  private enum Rule {
    /** Operands and result in the low precision. */
    PRODUCT,
    /** The first operand and the result in the type that was recorded. */
    RECORDED,
    /** The result in the type of the first operand. */
    FIRST,
    /** Operands and result in the type to which the engine promotes the operands. */
    COMMON,
    /** The result in the type to which the engine promotes the operands. */
    PROMOTED
  }

  @Override
  public Sizes apply(Sizes sizes) {
    return new Rewriting(sizes).apply();
  }

  private final class Rewriting {
    private final Graph graph;
    private final Rewriter rewriter;
    private final Map<Map.Entry<Integer, DataType>, Integer> casts = new HashMap<>();

    Rewriting(Sizes sizes) {
      if (sizes.several()) {
        throw new IllegalArgumentException("precision is chosen for one size");
      }
      graph = sizes.first();
      rewriter = new Rewriter(sizes);
    }

    Sizes apply() {
      for (Node node : graph.nodes()) {
        rewriter.redirect(
            node.id(), node.inputs().isEmpty() ? rewriter.keep(node.id()) : typed(node));
      }
      List<Integer> outputs = new ArrayList<>();
      for (int id : graph.outputs()) {
        outputs.add(cast(rewriter.place(id), graph.node(id).type(), graph.node(id)));
      }
      return rewriter.result(outputs);
    }

    private int typed(Node node) {
      List<Integer> in = new ArrayList<>(rewriter.places(node.inputs()));
      if (node.op() instanceof Op.Cast) {
        return cast(in.get(0), node.type(), node);
      }
      DataType type = node.type();
      if (type.isFloating()) {
        List<Node> operands = in.stream().map(rewriter::node).toList();
        switch (node.op().accept(new Rules(), node)) {
          case PRODUCT -> {
            type = low;
            in.replaceAll(id -> cast(id, low, node));
          }
          case RECORDED -> in.set(0, cast(in.get(0), type, node));
          case FIRST -> type = floating(operands.get(0).type(), type);
          case COMMON -> {
            DataType common = floating(Types.promoted(operands), type);
            type = common;
            in.replaceAll(id -> cast(id, common, node));
          }
          case PROMOTED -> type = floating(promoted(node.op(), operands), type);
          default -> throw new IllegalStateException();
        }
      }
      return rewriter.add(op(node), in, type, node.shape(), node.where());
    }

    /** The smoothing kernel, as in eager passes; where both sides grow the other is the same. */
    private Op op(Node node) {
      if (!(node.op() instanceof Op.Resize resize) || resize.mode() != 1) {
        return node.op();
      }
      List<Long> before = graph.node(node.inputs().get(0)).shape();
      boolean shrinks = before.get(2) > node.shape().get(2) || before.get(3) > node.shape().get(3);
      return new Op.Resize(
          resize.mode(), resize.alignCorners(), low == DataType.FLOAT32 || shrinks);
    }

    private static DataType promoted(Op op, List<Node> operands) {
      return op instanceof Op.Pointwise pointwise
          ? Types.pointwise(pointwise.function(), operands)
          : Types.promoted(operands);
    }

    private static DataType floating(DataType type, DataType otherwise) {
      return type.isFloating() ? type : otherwise;
    }

    /** A floating array in a type. */
    private int cast(int id, DataType type, Node reader) {
      Node node = rewriter.node(id);
      if (node.type() == type || !node.type().isFloating() && !(reader.op() instanceof Op.Cast)) {
        return id;
      }
      return casts.computeIfAbsent(
          Map.entry(id, type),
          key -> rewriter.add(new Op.Cast(), List.of(id), type, node.shape(), reader.where()));
    }
  }

  /** The rule of each operation. */
  private static final class Rules implements OpVisitor<Rule> {
    @Override
    public Rule input(Node node, Op.Input op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule param(Node node, Op.Param op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule fill(Node node, Op.Fill op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule literal(Node node, Op.Literal op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule random(Node node, Op.Random op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule pointwise(Node node, Op.Pointwise op) {
      return Rule.PROMOTED;
    }

    @Override
    public Rule cast(Node node, Op.Cast op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule detach(Node node, Op.Detach op) {
      return Rule.FIRST;
    }

    @Override
    public Rule convolution(Node node, Op.Convolution op) {
      return Rule.PRODUCT;
    }

    @Override
    public Rule matMul(Node node, Op.MatMul op) {
      return Rule.PRODUCT;
    }

    @Override
    public Rule linear(Node node, Op.Linear op) {
      return Rule.PRODUCT;
    }

    @Override
    public Rule batchNorm(Node node, Op.BatchNorm op) {
      return Rule.FIRST;
    }

    @Override
    public Rule layerNorm(Node node, Op.LayerNorm op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule pool(Node node, Op.Pool op) {
      return Rule.FIRST;
    }

    @Override
    public Rule resize(Node node, Op.Resize op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule along(Node node, Op.Along op) {
      return op.function().equals("flip") ? Rule.FIRST : Rule.RECORDED;
    }

    @Override
    public Rule reduce(Node node, Op.Reduce op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule concat(Node node, Op.Concat op) {
      return Rule.COMMON;
    }

    @Override
    public Rule reshape(Node node, Op.Reshape op) {
      return Rule.FIRST;
    }

    @Override
    public Rule transpose(Node node, Op.Transpose op) {
      return Rule.FIRST;
    }

    @Override
    public Rule slice(Node node, Op.Slice op) {
      return Rule.FIRST;
    }

    @Override
    public Rule broadcast(Node node, Op.Broadcast op) {
      return Rule.FIRST;
    }

    @Override
    public Rule tile(Node node, Op.Tile op) {
      return Rule.FIRST;
    }

    @Override
    public Rule pad(Node node, Op.Pad op) {
      return Rule.FIRST;
    }

    @Override
    public Rule gather(Node node, Op.Gather op) {
      return Rule.FIRST;
    }

    @Override
    public Rule oneHot(Node node, Op.OneHot op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule crossEntropy(Node node, Op.CrossEntropy op) {
      return Rule.RECORDED;
    }

    @Override
    public Rule dropout(Node node, Op.Dropout op) {
      return Rule.FIRST;
    }

    @Override
    public Rule kernel(Node node, Kernel op) {
      throw new IllegalStateException("kernels are chosen after types: " + node);
    }
  }
}
