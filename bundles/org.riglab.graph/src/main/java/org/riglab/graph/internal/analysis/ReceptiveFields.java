package org.riglab.graph.internal.analysis;

import java.util.List;
import java.util.stream.IntStream;
import org.riglab.api.bench.Analysis.Field;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/**
 * Theoretical receptive fields, by going back from one logit to the pixels that it can depend on:
 * the smallest rectangle around them. Maps are taken to go on beyond their borders.
 */
public final class ReceptiveFields {
  private static final int RANK = 4; // (N, C, H, W)
  static final int TOP = 2;
  static final int LEFT = 3;

  private final Graph graph;
  private final boolean feedback;
  private final Span[] rows;
  private final Span[] columns;

  private ReceptiveFields(Graph graph, boolean feedback) {
    this.graph = graph;
    this.feedback = feedback;
    rows = new Span[graph.nodes().size()];
    columns = new Span[graph.nodes().size()];
  }

  /**
   * @param graph of a pass
   * @param output index of a prediction
   * @param feedback whether a path may go through what gates are fed with
   * @return the receptive field of the logit in the middle of that prediction
   */
  public static Field of(Graph graph, int output, boolean feedback) {
    Span[] seen = seen(graph, output, feedback);
    return new Field(seen[0].size(), seen[1].size());
  }

  /**
   * @param graph of a pass
   * @param output index of a prediction
   * @param feedback whether a path may go through what gates are fed with
   * @return rows and columns of the graph's first input that the logit in the middle depends on
   */
  static Span[] seen(Graph graph, int output, boolean feedback) {
    ReceptiveFields fields = new ReceptiveFields(graph, feedback);
    Node logits = graph.node(graph.outputs().get(output));
    fields.need(
        logits.id(), Span.at(logits.shape().get(TOP) / 2), Span.at(logits.shape().get(LEFT) / 2));
    for (int id = logits.id(); id >= 0; id--) {
      if (fields.rows[id] != null) {
        fields.back(graph.node(id));
      }
    }
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Input && fields.rows[node.id()] != null) {
        return new Span[] {fields.rows[node.id()], fields.columns[node.id()]};
      }
    }
    return new Span[] {Span.NONE, Span.NONE};
  }

  private void need(int id, Span height, Span width) {
    rows[id] = height.and(rows[id]);
    columns[id] = width.and(columns[id]);
  }

  private void all(int id) {
    List<Long> shape = graph.node(id).shape();
    boolean map = shape.size() == RANK;
    need(id, Span.all(map ? shape.get(TOP) : 1), Span.all(map ? shape.get(LEFT) : 1));
  }

  private void back(Node node) {
    for (int i = 0; i < node.inputs().size(); i++) {
      int input = node.inputs().get(i);
      if (!feedback && fed(node, input)) {
        continue;
      }
      boolean maps = node.shape().size() == RANK && graph.node(input).shape().size() == RANK;
      if (!maps) {
        all(input);
      } else if (node.op() instanceof Op.MatMul) {
        product(node, i);
      } else if (i == 0 || !weighted(node.op())) {
        Span height = needed(node, i, TOP);
        Span width = needed(node, i, LEFT);
        if (height != null && width != null) {
          need(input, height, width);
        }
      }
    }
  }

  /** What the rows or columns of the result need of an operand; null if nothing. */
  private Span needed(Node node, int operand, int axis) {
    Spans spans = new Spans(graph, operand, axis, rows[node.id()], columns[node.id()]);
    return node.op().accept(spans, node);
  }

  private boolean fed(Node node, int input) {
    if (node.where().run() < 0) {
      return false;
    }
    Graph.BlockCall run = graph.runs().get(node.where().run());
    return run.gate() && input != run.inputs().get(0) && run.inputs().contains(input);
  }

  /** Whether what is behind the first operand are weights. */
  private static boolean weighted(Op op) {
    return op instanceof Op.Convolution || op instanceof Op.Linear;
  }

  /** Rows of the left operand meet columns of the right one, through a matrix that may be known. */
  private void product(Node node, int operand) {
    int input = node.inputs().get(operand);
    Node other = graph.node(node.inputs().get(1 - operand));
    Span inner = Span.all(graph.node(input).shape().get(operand == 0 ? LEFT : TOP));
    Span known = known(other, operand == 0 ? columns[node.id()] : rows[node.id()], operand == 0);
    Span met = known == null ? inner : known;
    need(input, operand == 0 ? rows[node.id()] : met, operand == 0 ? met : columns[node.id()]);
  }

  /**
   * @param columns whether the span is of the matrix's columns, so that rows are looked for
   * @return where the matrix is not zero; null if it is not known
   */
  private Span known(Node matrix, Span span, boolean columns) {
    Node source = matrix;
    boolean transposed = false;
    while (source.op() instanceof Op.Cast || source.op() instanceof Op.Transpose) {
      transposed ^= source.op() instanceof Op.Transpose;
      source = graph.node(source.inputs().get(0));
    }
    if (!(source.op() instanceof Op.Literal literal) || source.shape().size() != 2) {
      return null;
    }
    int width = source.shape().get(1).intValue();
    boolean across = columns != transposed;
    int outer = across ? width : source.shape().get(0).intValue();
    int inner = across ? source.shape().get(0).intValue() : width;
    List<Integer> hits =
        IntStream.range(0, inner)
            .filter(
                i ->
                    IntStream.rangeClosed(clip(span.from(), outer), clip(span.to(), outer))
                        .anyMatch(
                            o -> literal.values().get(across ? i * width + o : o * width + i) != 0))
            .boxed()
            .toList();
    return hits.isEmpty() ? Span.at(0) : new Span(hits.get(0), hits.get(hits.size() - 1));
  }

  private static int clip(long index, int size) {
    return (int) Math.max(0, Math.min(size - 1, index));
  }
}
