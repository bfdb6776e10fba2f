package org.riglab.graph.internal.backward;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Rewrite;
import org.riglab.graph.internal.rewrite.Rewriter;
import org.riglab.graph.internal.rewrite.Rewrites;

/**
 * Trades time for memory: of the forward pass only what goes from one run of a block or gate to
 * another is kept; the backward pass computes what else it needs once more, when it needs it. What
 * is random, and what depends on parameters alone, is kept, too. Running statistics are updated
 * once.
 */
public final class Recompute implements Rewrite {
  @Override
  public Sizes apply(Sizes sizes) {
    return new Rewriting(sizes).apply();
  }

  private static final class Rewriting {
    private final Joint joint;
    private final Graph graph;
    private final int boundary;
    private final Rewriter rewriter;
    private final Set<Integer> kept = new HashSet<>();
    private final Map<Integer, Integer> again = new HashMap<>();

    Rewriting(Sizes sizes) {
      graph = sizes.first();
      joint = new Joint(graph);
      boundary = joint.boundary();
      rewriter = new Rewriter(sizes);
      keep();
    }

    private void keep() {
      boolean[] fixed = Rewrites.fixed(graph);
      int[] segments = segments();
      kept.addAll(graph.outputs());
      for (Node node : graph.nodes().subList(0, boundary)) {
        if (fixed[node.id()] || node.inputs().isEmpty() || node.op() instanceof Op.Dropout) {
          kept.add(node.id());
        }
        for (int input : node.inputs()) {
          if (segments[input] != segments[node.id()]) {
            kept.add(input);
          }
        }
      }
    }

    /** The run of a block or gate, counted, of each node; a parameter belongs to none. */
    private int[] segments() {
      int[] segments = new int[graph.nodes().size()];
      int run = Integer.MIN_VALUE;
      int segment = 0;
      for (Node node : graph.nodes()) {
        if (!(node.op() instanceof Op.Param) && node.where().run() != run) {
          run = node.where().run();
          segment++;
        }
        segments[node.id()] = segment;
      }
      return segments;
    }

    Sizes apply() {
      for (Node node : graph.nodes()) {
        if (node.id() < boundary || joint.forward(node.id()) && kept(node)) {
          rewriter.keep(node.id());
        } else if (!joint.forward(node.id())) {
          List<Integer> in = new ArrayList<>();
          node.inputs().forEach(id -> in.add(value(id)));
          int place =
              rewriter.add(node.op(), in, node.type(), node.shape(), node.layout(), node.where());
          rewriter.redirect(node.id(), place);
        }
      }
      return rewriter.result();
    }

    /** Further results of an operation are kept where the first one is. */
    private boolean kept(Node node) {
      return kept.contains(
          node.op() instanceof Kernel.Part ? node.inputs().get(0) : (Integer) node.id());
    }

    /** What the backward pass reads for an old node. */
    private int value(int id) {
      Node node = graph.node(id);
      if (!joint.forward(id) || kept(node)) {
        return rewriter.place(id);
      }
      Integer known = again.get(id);
      return known == null ? repeated(node) : known;
    }

    private int repeated(Node node) {
      List<Integer> in = new ArrayList<>();
      node.inputs().forEach(id -> in.add(value(id)));
      Op op =
          node.op() instanceof Op.BatchNorm norm && norm.training()
              ? new Op.BatchNorm(1, norm.epsilon(), true)
              : node.op();
      int place = rewriter.add(op, in, node.type(), node.shape(), node.layout(), node.where());
      again.put(node.id(), place);
      return place;
    }
  }
}
