package org.riglab.graph.internal.rewrite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Makes a convolution, the sum and the ReLU that follow it one operation of oneDNN, where nothing
 * else reads what is between them. For passes of evaluation on a processor: weights must depend on
 * parameters alone, so that they are packed once.
 */
public final class FusedConvolutions implements Rewrite {
  @Override
  public Sizes apply(Sizes sizes) {
    return new Rewriting(sizes).apply();
  }

  /** A convolution with what follows it; {@code other} is what is added, or null. */
  private record Chain(Node first, Node sum, Node other, boolean relu, Node last) {}

  private static final class Rewriting {
    private final Graph graph;
    private final Rewriter rewriter;
    private final int[] readers;
    private final boolean[] fixed;
    private final Map<List<?>, Integer> packs = new HashMap<>();

    Rewriting(Sizes sizes) {
      graph = sizes.first();
      rewriter = new Rewriter(sizes);
      readers = Rewriter.readers(graph);
      fixed = Rewrites.fixed(graph);
    }

    Sizes apply() {
      Set<Integer> done = new HashSet<>();
      for (Node node : graph.nodes()) {
        if (done.contains(node.id())) {
          continue;
        } else if (!packed(node)) {
          rewriter.keep(node.id());
          continue;
        }
        Chain chain = chain(node);
        int fused = fuse(chain);
        Node part = node;
        rewriter.redirect(part.id(), fused);
        while (part != chain.last) {
          part = reader(part).orElseThrow();
          rewriter.redirect(part.id(), fused);
          done.add(part.id());
        }
      }
      return rewriter.result();
    }

    private boolean packed(Node node) {
      return node.op() instanceof Op.Convolution
          && node.shape().size() == 4
          && node.inputs().stream().skip(1).allMatch(id -> fixed[id]);
    }

    private Chain chain(Node node) {
      Node last = node;
      Node sum = null;
      Node other = null;
      Optional<Node> reader = reader(last);
      if (reader.isPresent() && adds(reader.get(), node)) {
        sum = reader.get();
        other = graph.node(other(sum, node));
        last = sum;
        reader = reader(last);
      }
      boolean relu =
          reader.isPresent()
              && reader.get().op() instanceof Op.Pointwise after
              && after.function().equals("relu");
      return new Chain(node, sum, other, relu, relu ? reader.get() : last);
    }

    /** Whether a node is the sum of a convolution and something that is there before it. */
    private boolean adds(Node sum, Node node) {
      if (!(sum.op() instanceof Op.Pointwise op)
          || !op.function().equals("add")
          || sum.inputs().size() != 2) {
        return false;
      }
      Node other = graph.node(other(sum, node));
      return other.id() < node.id()
          && other.type() == node.type()
          && other.shape().equals(node.shape())
          && node.shape().get(1)
              > 1 // a single channel or pixel has no layout that oneDNN would take
          && node.shape().get(2) > 1
          && node.shape().get(3) > 1;
    }

    private static int other(Node sum, Node node) {
      int first = sum.inputs().get(0);
      return first == node.id() ? sum.inputs().get(1) : first;
    }

    private int fuse(Chain chain) {
      Node node = chain.first;
      Op.Convolution op = (Op.Convolution) node.op();
      List<Integer> in = rewriter.places(node.inputs());
      int weight = packs.computeIfAbsent(List.of(in.get(1), op), key -> pack(node, op, in.get(1)));
      List<Integer> operands = new ArrayList<>(List.of(in.get(0), weight));
      operands.addAll(in.subList(2, in.size()));
      boolean adds = chain.sum != null;
      if (adds) {
        operands.add(rewriter.place(chain.other.id()));
      }
      boolean inPlace = adds && lastReader(chain.other, node, chain.sum);
      return rewriter.add(
          new Kernel.FusedConvolution(op, adds, chain.relu, inPlace),
          operands,
          node.type(),
          node.shape(),
          Layout.CHANNELS_LAST,
          chain.last.where());
    }

    private int pack(Node node, Op.Convolution op, int weight) {
      Node values = rewriter.node(weight);
      int arranged =
          rewriter.add(
              new Kernel.Arrange(),
              List.of(weight),
              values.type(),
              values.shape(),
              Layout.CHANNELS_LAST,
              node.where());
      return rewriter.add(
          new Kernel.PackedWeight(op),
          List.of(arranged),
          values.type(),
          values.shape(),
          node.where());
    }

    /** Whether a sum may take an operand's memory when the convolution is computed. */
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
      if (readers[node.id()] != 1) {
        return Optional.empty();
      }
      return graph.nodes().stream().filter(other -> other.inputs().contains(node.id())).findFirst();
    }
  }
}
