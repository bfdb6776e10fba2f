package org.riglab.graph.internal.backward;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.ir.Where;
import org.riglab.graph.internal.rewrite.Rewrite;
import org.riglab.graph.internal.rewrite.Rewriter;

/**
 * Appends the backward pass to a forward pass: from the gradients of the results, which become
 * {@link Kernel.Seed}s, to those of the trained parameters, which {@link Kernel.Store}s take.
 * Reverse accumulation (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3). A gradient
 * has the type of what it is the gradient of, but for parameters, whose gradients are converted
 * when they are stored.
 */
public final class Adjoint implements Rewrite {
  private final boolean replace;
  private final boolean products;

  /**
   * @param replace whether the parameters' gradients are replaced rather than added to
   * @param products whether the gradient of bilinear resizing is computed as two matrix products,
   *     which always add in the same order
   */
  public Adjoint(boolean replace, boolean products) {
    this.replace = replace;
    this.products = products;
  }

  /**
   * @throws RigException if an operation's gradient is not known here; names it
   */
  @Override
  public Sizes apply(Sizes forward) {
    Rewriter rewriter = new Rewriter(forward);
    forward.first().nodes().forEach(node -> rewriter.keep(node.id()));
    new BackwardPass(forward.first(), rewriter).write();
    return rewriter.result();
  }

  /**
   * @param node whose gradient is not known
   * @param what it computes
   * @return an error that names it
   */
  static RigException unknown(Node node, String what) {
    String where = node.where().toString();
    return new RigException(
        "the gradient of %s is left to the engine%s"
            .formatted(what, where.isEmpty() ? "" : " (" + where + ")"));
  }

  /** Gradients on their way. */
  final class BackwardPass {
    private final Graph graph;
    private final Tape tape;
    private final boolean[] needs;
    private final Map<Integer, Integer> gradients = new HashMap<>();

    BackwardPass(Graph graph, Rewriter rewriter) {
      this.graph = graph;
      this.tape = new Tape(rewriter);
      this.needs = needs();
    }

    private boolean[] needs() {
      boolean[] needed = new boolean[graph.nodes().size()];
      for (Node node : graph.nodes()) {
        needed[node.id()] =
            node.op() instanceof Op.Param given
                ? given.trained()
                : !(node.op() instanceof Op.Detach)
                    && node.type().isFloating()
                    && node.inputs().stream().anyMatch(id -> needed[id]);
      }
      return needed;
    }

    private void write() {
      List<Integer> seeds = new ArrayList<>();
      for (int i = 0; i < graph.outputs().size(); i++) {
        Node output = graph.node(graph.outputs().get(i));
        seeds.add(tape.add(new Kernel.Seed(i), output.type(), output.shape()));
      }
      for (int i = 0; i < seeds.size(); i++) {
        give(graph.outputs().get(i), seeds.get(i));
      }
      Gradients rules = new Gradients(this, tape, products);
      for (int id = graph.nodes().size() - 1; id >= 0; id--) {
        Integer gradient = gradients.remove(id);
        if (gradient != null) {
          Node node = graph.node(id);
          tape.at(node.where());
          rules.back(node, gradient);
        }
      }
      tape.at(Where.OUTSIDE);
    }

    /** Whether a gradient of a node's result is wanted. */
    boolean needs(int id) {
      return needs[id];
    }

    /** Adds to the gradient of a node's result. */
    void give(int id, int gradient) {
      if (!needs[id]) {
        return;
      }
      Node node = graph.node(id);
      boolean parameter = node.op() instanceof Op.Param;
      int converted = parameter ? gradient : tape.cast(gradient, node.type());
      Integer before = gradients.get(id);
      if (before == null) {
        gradients.put(id, converted);
      } else if (tape.type(before) == tape.type(converted)) {
        gradients.put(id, tape.apply("add", before, converted));
      } else {
        // a parameter used in two precisions
        gradients.put(
            id,
            tape.apply(
                "add",
                tape.cast(before, DataType.FLOAT32),
                tape.cast(converted, DataType.FLOAT32)));
      }
    }

    /** Stores the gradient of a parameter. */
    void store(Node parameter, int gradient) {
      tape.add(
          new Kernel.Store(replace),
          parameter.type(),
          parameter.shape(),
          parameter.id(),
          tape.reshape(gradient, parameter.shape()));
    }
  }
}
