package org.riglab.graph.internal.analysis;

import ai.djl.ndarray.types.DataType;
import java.util.BitSet;
import java.util.List;
import org.riglab.api.bench.Analysis.Memory;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.OpVisitor;

/**
 * Bytes of activations after the forward pass of a training step. What back-propagation keeps is
 * PyTorch's choice, operation by operation: the input of a convolution, of batch norm and of
 * pooling, the result of relu, sigmoid, tanh and softmax, the factors of a product, the indices of
 * max pooling, the statistics of batch norm; nothing for sums, resizes and concatenation. A tensor
 * that several operations keep, or keep views of, is one tensor.
 */
public final class Activations {
  private static final int STATISTICS = 2; // mean and inverse deviation per channel
  private static final List<String> NOTHING =
      List.of("add", "sub", "rsub", "neg", "copy", "sign", "floor", "ceil", "round", "trunc");
  private static final List<String> RESULT = List.of("relu", "sigmoid", "tanh", "exp", "sqrt");

  private final Graph graph;
  private final BitSet gradient = new BitSet();
  private final BitSet kept = new BitSet();
  private final long[] beside;

  /**
   * @param graph of a training step's forward pass
   */
  public Activations(Graph graph) {
    this.graph = graph;
    beside = new long[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      boolean differentiable =
          node.type().isFloating()
              && !(node.op() instanceof Op.Detach)
              && node.inputs().stream().anyMatch(gradient::get);
      if (node.op() instanceof Op.Param parameter ? parameter.trained() : differentiable) {
        gradient.set(node.id());
        if (!node.inputs().isEmpty()) {
          node.op().accept(new Keeps(), node);
        }
      }
    }
  }

  /**
   * @return bytes of the whole graph, inputs included
   */
  public Memory total() {
    return sum(graph.nodes());
  }

  /**
   * @param run index in the graph's list; -1 for what is outside of blocks and gates
   * @return bytes of what that run makes
   */
  public Memory run(int run) {
    return sum(graph.nodes().stream().filter(node -> node.where().run() == run).toList());
  }

  private Memory sum(List<Node> nodes) {
    long needed = 0;
    long held = 0;
    for (Node node : nodes) {
      long bytes = node.op() instanceof Op.Param || node.op().view() ? 0 : node.bytes();
      needed += (kept.get(node.id()) ? bytes : 0) + beside[node.id()];
      held += bytes + beside[node.id()];
    }
    return new Memory(needed, held);
  }

  /** What the gradient of each operation reads. */
  private final class Keeps implements OpVisitor<Void> {
    @Override
    public Void input(Node node, Op.Input op) {
      return null;
    }

    @Override
    public Void param(Node node, Op.Param op) {
      return null;
    }

    @Override
    public Void fill(Node node, Op.Fill op) {
      return null;
    }

    @Override
    public Void literal(Node node, Op.Literal op) {
      return null;
    }

    @Override
    public Void random(Node node, Op.Random op) {
      return null;
    }

    @Override
    public Void pointwise(Node node, Op.Pointwise op) {
      Activations.this.pointwise(node, op);
      return null;
    }

    @Override
    public Void cast(Node node, Op.Cast op) {
      return null;
    }

    @Override
    public Void detach(Node node, Op.Detach op) {
      return null;
    }

    @Override
    public Void convolution(Node node, Op.Convolution op) {
      keep(node.inputs().get(0));
      return null;
    }

    @Override
    public Void matMul(Node node, Op.MatMul op) {
      factors(node);
      return null;
    }

    @Override
    public Void linear(Node node, Op.Linear op) {
      keep(node.inputs().get(0));
      return null;
    }

    @Override
    public Void batchNorm(Node node, Op.BatchNorm op) {
      keep(node.inputs().get(0));
      beside(node, op.training() ? STATISTICS * node.shape().get(1) : 0);
      return null;
    }

    @Override
    public Void layerNorm(Node node, Op.LayerNorm op) {
      keep(node.inputs().get(0));
      long groups =
          node.shape().stream().limit(node.shape().size() - op.axes()).reduce(1L, (a, b) -> a * b);
      beside(node, STATISTICS * groups);
      return null;
    }

    @Override
    public Void pool(Node node, Op.Pool op) {
      keep(node.inputs().get(0));
      if (op.kind().equals("max")) {
        beside[node.id()] += node.elements() * DataType.INT64.getNumOfBytes();
      } else if (!op.kind().equals("avg")) {
        keep(node.id());
      }
      return null;
    }

    @Override
    public Void resize(Node node, Op.Resize op) {
      return null;
    }

    @Override
    public Void along(Node node, Op.Along op) {
      if (op.function().endsWith("oftmax")) {
        keep(node.id());
      }
      return null;
    }

    @Override
    public Void reduce(Node node, Op.Reduce op) {
      if (!op.function().equals("sum") && !op.function().equals("mean")) {
        keep(node.inputs().get(0));
        keep(node.id());
      }
      return null;
    }

    @Override
    public Void concat(Node node, Op.Concat op) {
      return null;
    }

    @Override
    public Void reshape(Node node, Op.Reshape op) {
      return null;
    }

    @Override
    public Void transpose(Node node, Op.Transpose op) {
      return null;
    }

    @Override
    public Void slice(Node node, Op.Slice op) {
      return null;
    }

    @Override
    public Void broadcast(Node node, Op.Broadcast op) {
      return null;
    }

    @Override
    public Void tile(Node node, Op.Tile op) {
      return null;
    }

    @Override
    public Void pad(Node node, Op.Pad op) {
      return null;
    }

    @Override
    public Void gather(Node node, Op.Gather op) {
      if (!op.kind().equals("embedding")) {
        keep(node.inputs().get(0));
      }
      keep(node.inputs().get(1));
      return null;
    }

    @Override
    public Void oneHot(Node node, Op.OneHot op) {
      return null;
    }

    @Override
    public Void crossEntropy(Node node, Op.CrossEntropy op) {
      beside[node.id()] += graph.node(node.inputs().get(0)).bytes(); // the log-probabilities
      keep(node.inputs().get(1));
      return null;
    }

    @Override
    public Void dropout(Node node, Op.Dropout op) {
      beside(node, node.elements()); // the mask
      return null;
    }

    @Override
    public Void kernel(Node node, Kernel op) {
      throw new IllegalStateException("no traced operation: " + node);
    }
  }

  private void pointwise(Node node, Op.Pointwise op) {
    boolean withNumber = !op.numbers().isEmpty();
    switch (op.function()) {
      case "mul":
        if (!withNumber) {
          factors(node);
        }
        break;
      case "div":
        if (!withNumber) {
          keep(node.inputs().get(1));
          if (gradient.get(node.inputs().get(1))) {
            keep(node.inputs().get(0));
          }
        }
        break;
      case "where":
        keep(node.inputs().get(0));
        break;
      default:
        if (RESULT.contains(op.function())) {
          keep(node.id());
        } else if (!NOTHING.contains(op.function())) {
          node.inputs().forEach(this::keep);
        }
        break;
    }
  }

  private void factors(Node node) {
    int left = node.inputs().get(0);
    int right = node.inputs().get(1);
    if (gradient.get(right)) {
      keep(left);
    }
    if (gradient.get(left)) {
      keep(right);
    }
  }

  private void beside(Node node, long elements) {
    beside[node.id()] += elements * node.type().getNumOfBytes();
  }

  /** A view keeps the tensor that it shows. */
  private void keep(int id) {
    int base = id;
    while (graph.node(base).op().view()) {
      base = graph.node(base).inputs().get(0);
    }
    kept.set(base);
  }
}
