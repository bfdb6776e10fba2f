package org.riglab.graph.internal.backward;

import ai.djl.ndarray.types.DataType;
import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Rewrite;
import org.riglab.graph.internal.rewrite.Rewriter;

/**
 * Computes gradients of weights in their place where they are products of few rows: there, writing
 * the gradient takes longer than computing it.
 */
public final class StoredProducts implements Rewrite {
  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    int[] readers = Rewriter.readers(graph);
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      Node product = product(graph, node, readers);
      if (product == null) {
        rewriter.keep(node.id());
        continue;
      }
      Node left = graph.node(product.inputs().get(0));
      List<Integer> in =
          List.of(
              rewriter.place(node.inputs().get(0)),
              exact(rewriter, rewriter.place(left.inputs().get(0))),
              exact(rewriter, rewriter.place(product.inputs().get(1))));
      int stored =
          rewriter.add(new Kernel.StoreProduct(), in, node.type(), node.shape(), node.where());
      rewriter.redirect(node.id(), stored);
    }
    return rewriter.result();
  }

  /** The product of few rows that a node stores, and nothing else reads; null if it is none. */
  private static Node product(Graph graph, Node node, int... readers) {
    if (!(node.op() instanceof Kernel.Store store) || !store.replace()) {
      return null;
    }
    Node made = graph.node(node.inputs().get(1));
    while ((made.op() instanceof Op.Reshape || made.op() instanceof Kernel.Arrange)
        && readers[made.id()] == 1) {
      made = graph.node(made.inputs().get(0));
    }
    if (!(made.op() instanceof Op.MatMul)
        || readers[made.id()] != 1
        || made.shape().size() != 2
        || !made.shape().get(0).equals(node.shape().get(0))) {
      return null;
    }
    Node left = graph.node(made.inputs().get(0));
    boolean few =
        left.op() instanceof Op.Transpose
            && 2 * left.shape().get(1) <= made.shape().get(0)
            && node.type() == DataType.FLOAT32;
    return few ? made : null;
  }

  private static int exact(Rewriter rewriter, int id) {
    Node node = rewriter.node(id);
    return node.type() == DataType.FLOAT32
        ? id
        : rewriter.add(new Op.Cast(), List.of(id), DataType.FLOAT32, node.shape(), node.where());
  }
}
