package org.riglab.graph.internal.backward;

import java.util.ArrayList;
import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Rewrite;
import org.riglab.graph.internal.rewrite.Rewriter;

/**
 * Computes the gradient of weights that several iterations share as one product over the pixels of
 * all of them, where there are few pixels and many weights: there, adding up a gradient per
 * iteration takes longer than copying the operands together.
 */
public final class SharedProducts implements Rewrite {
  private static final List<Integer> TURNED = List.of(1, 0);

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Readers readers = new Readers(graph);
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      rewriter.keep(node.id());
      if (sum(node) && !readers.partOfSum(node)) {
        List<Node> products = new ArrayList<>();
        List<Node> others = new ArrayList<>();
        terms(graph, node, readers, products, others);
        if (pays(graph, products)) {
          rewriter.redirect(node.id(), together(graph, rewriter, node, products, others));
        }
      }
    }
    return rewriter.result();
  }

  private static boolean sum(Node node) {
    return node.op() instanceof Op.Pointwise op
        && op.function().equals("add")
        && op.numbers().isEmpty()
        && node.inputs().size() == 2
        && node.shape().size() == 2;
  }

  /** Who reads the nodes of a graph. */
  private static final class Readers {
    private final int[] count;
    private final Node[] last;

    Readers(Graph graph) {
      this.count = new int[graph.nodes().size()];
      this.last = new Node[graph.nodes().size()];
      graph.outputs().forEach(id -> count[id]++);
      for (Node node : graph.nodes()) {
        for (int id : node.inputs()) {
          count[id]++;
          last[id] = node;
        }
      }
    }

    boolean one(Node node) {
      return count[node.id()] == 1;
    }

    boolean partOfSum(Node node) {
      Node reader = last[node.id()];
      return one(node) && reader != null && sum(reader) && reader.shape().equals(node.shape());
    }
  }

  /** Takes a sum of sums apart into products whose rows are pixels, and other terms. */
  private static void terms(
      Graph graph, Node sum, Readers readers, List<Node> products, List<Node> others) {
    for (int id : sum.inputs()) {
      Node term = graph.node(id);
      if (sum(term) && readers.one(term) && term.shape().equals(sum.shape())) {
        terms(graph, term, readers, products, others);
      } else if (readers.one(term) && overPixels(graph, term, products)) {
        products.add(term);
      } else {
        others.add(term);
      }
    }
  }

  private static boolean overPixels(Graph graph, Node term, List<Node> products) {
    if (!(term.op() instanceof Op.MatMul) || term.shape().size() != 2) {
      return false;
    }
    Node left = graph.node(term.inputs().get(0));
    boolean alike =
        products.isEmpty()
            || products.get(0).type() == term.type()
                && products.get(0).shape().equals(term.shape());
    return alike
        && left.op() instanceof Op.Transpose turned
        && turned.order().equals(TURNED)
        && left.type() == term.type()
        && graph.node(term.inputs().get(1)).type() == term.type();
  }

  /** Whether there is less to copy than to add. */
  private static boolean pays(Graph graph, List<Node> products) {
    if (products.size() < 2) {
      return false;
    }
    List<Long> shape = products.get(0).shape();
    long pixels = products.stream().mapToLong(term -> pixels(graph, term)).sum();
    return (shape.get(0) + shape.get(1)) * pixels
        < (products.size() - 1) * shape.get(0) * shape.get(1);
  }

  private static long pixels(Graph graph, Node product) {
    return graph.node(product.inputs().get(1)).shape().get(0);
  }

  private static int together(
      Graph graph, Rewriter rewriter, Node sum, List<Node> products, List<Node> others) {
    List<Node> left =
        products.stream()
            .map(term -> graph.node(graph.node(term.inputs().get(0)).inputs().get(0)))
            .toList();
    List<Node> right = products.stream().map(term -> graph.node(term.inputs().get(1))).toList();
    int rows = stacked(rewriter, left, sum);
    List<Long> shape = rewriter.node(rows).shape();
    Node product = products.get(0);
    int turned =
        rewriter.add(
            new Op.Transpose(TURNED),
            List.of(rows),
            product.type(),
            List.of(shape.get(1), shape.get(0)),
            sum.where());
    int result =
        rewriter.add(
            new Op.MatMul(),
            List.of(turned, stacked(rewriter, right, sum)),
            product.type(),
            product.shape(),
            sum.where());
    for (Node other : others) {
      result =
          rewriter.add(
              new Op.Pointwise("add", List.of()),
              List.of(result, rewriter.place(other.id())),
              sum.type(),
              sum.shape(),
              sum.where());
    }
    return result;
  }

  private static int stacked(Rewriter rewriter, List<Node> parts, Node sum) {
    List<Long> first = parts.get(0).shape();
    long rows = parts.stream().mapToLong(part -> part.shape().get(0)).sum();
    return rewriter.add(
        new Op.Concat(0),
        rewriter.places(parts.stream().map(Node::id).toList()),
        parts.get(0).type(),
        List.of(rows, first.get(1)),
        sum.where());
  }
}
