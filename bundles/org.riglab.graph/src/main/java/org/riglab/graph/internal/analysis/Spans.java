package org.riglab.graph.internal.analysis;

import java.util.stream.IntStream;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.OpVisitor;

/**
 * The rows or columns of an operand that those of a result depend on, for operations on maps; null
 * if they depend on none of it.
 */
final class Spans implements OpVisitor<Span> {
  private final Graph graph;
  private final int operand;
  private final int axis;
  private final int side;
  private final Span rows;
  private final Span columns;
  private final Span span;

  /**
   * @param graph of the operations
   * @param operand index of the operand
   * @param axis of its rows or columns
   * @param rows of the result
   * @param columns of the result
   */
  Spans(Graph graph, int operand, int axis, Span rows, Span columns) {
    this.graph = graph;
    this.operand = operand;
    this.axis = axis;
    this.side = axis - ReceptiveFields.TOP;
    this.rows = rows;
    this.columns = columns;
    this.span = axis == ReceptiveFields.TOP ? rows : columns;
  }

  private long size(Node node) {
    return graph.node(node.inputs().get(operand)).shape().get(axis);
  }

  private Span all(Node node) {
    return Span.all(size(node));
  }

  /** The same place, unless a size of 1 was broadcast. */
  private Span same(Node node) {
    return size(node) == node.shape().get(axis) ? span : all(node);
  }

  @Override
  public Span input(Node node, Op.Input op) {
    return same(node);
  }

  @Override
  public Span param(Node node, Op.Param op) {
    return same(node);
  }

  @Override
  public Span fill(Node node, Op.Fill op) {
    return same(node);
  }

  @Override
  public Span literal(Node node, Op.Literal op) {
    return same(node);
  }

  @Override
  public Span random(Node node, Op.Random op) {
    return same(node);
  }

  @Override
  public Span pointwise(Node node, Op.Pointwise op) {
    return same(node);
  }

  @Override
  public Span cast(Node node, Op.Cast op) {
    return same(node);
  }

  @Override
  public Span detach(Node node, Op.Detach op) {
    return same(node);
  }

  @Override
  public Span convolution(Node node, Op.Convolution op) {
    long kernel = graph.node(node.inputs().get(1)).shape().get(axis);
    long reach = op.dilation().get(side) * (kernel - 1);
    return span.window(op.stride().get(side), op.padding().get(side), reach);
  }

  @Override
  public Span matMul(Node node, Op.MatMul op) {
    return same(node);
  }

  @Override
  public Span linear(Node node, Op.Linear op) {
    return same(node);
  }

  @Override
  public Span batchNorm(Node node, Op.BatchNorm op) {
    return same(node);
  }

  @Override
  public Span layerNorm(Node node, Op.LayerNorm op) {
    return same(node);
  }

  @Override
  public Span pool(Node node, Op.Pool op) {
    return span.window(op.stride().get(side), op.padding().get(side), op.kernel().get(side) - 1);
  }

  @Override
  public Span resize(Node node, Op.Resize op) {
    double scale = (double) size(node) / node.shape().get(axis);
    // What shrinks is smoothed by the engine, so that its window grows.
    double reach = Math.max(1, scale) * (op.mode() == 3 ? 2 : 1);
    if (op.mode() == 0) {
      return new Span((long) Math.floor(span.from() * scale), (long) Math.floor(span.to() * scale));
    }
    return new Span(
        (long) Math.floor((span.from() + 0.5) * scale - 0.5 - reach) + 1,
        (long) Math.ceil((span.to() + 0.5) * scale - 0.5 + reach) - 1);
  }

  @Override
  public Span along(Node node, Op.Along op) {
    return op.axis() == axis ? all(node) : same(node);
  }

  @Override
  public Span reduce(Node node, Op.Reduce op) {
    return op.axes().contains(axis) ? all(node) : same(node);
  }

  @Override
  public Span concat(Node node, Op.Concat op) {
    if (op.axis() != axis) {
      return same(node);
    }
    long before =
        IntStream.range(0, operand)
            .mapToLong(i -> graph.node(node.inputs().get(i)).shape().get(axis))
            .sum();
    Span part = span.window(1, before, 0).clipped(size(node));
    return part.size() > 0 ? part : null;
  }

  @Override
  public Span reshape(Node node, Op.Reshape op) {
    return same(node);
  }

  @Override
  public Span transpose(Node node, Op.Transpose op) {
    return switch (op.order().indexOf(axis)) {
      case ReceptiveFields.TOP -> rows;
      case ReceptiveFields.LEFT -> columns;
      default -> all(node);
    };
  }

  @Override
  public Span slice(Node node, Op.Slice op) {
    return span.window(op.step().get(axis), -op.start().get(axis), 0);
  }

  @Override
  public Span broadcast(Node node, Op.Broadcast op) {
    return same(node);
  }

  @Override
  public Span tile(Node node, Op.Tile op) {
    return same(node);
  }

  @Override
  public Span pad(Node node, Op.Pad op) {
    return span.window(1, op.before().get(axis), 0);
  }

  @Override
  public Span gather(Node node, Op.Gather op) {
    return all(node);
  }

  @Override
  public Span oneHot(Node node, Op.OneHot op) {
    return same(node);
  }

  @Override
  public Span crossEntropy(Node node, Op.CrossEntropy op) {
    return all(node);
  }

  @Override
  public Span dropout(Node node, Op.Dropout op) {
    return same(node);
  }

  @Override
  public Span kernel(Node node, Kernel op) {
    throw new IllegalStateException("no traced operation: " + node);
  }
}
