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

/**
 * Computes the gradient of weights that several iterations share at once, from the maps of all of
 * them, where the maps are small and the weights are many: there, adding up a gradient per
 * iteration takes longer than copying the maps together.
 */
public final class SharedWeights implements Rewrite {
  private static final List<Integer> TURNED = List.of(1, 0);

  /** A sum of gradients: those that are computed together, and the others. */
  private record Sum(List<Node> together, List<Node> others) {}

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Readers readers = new Readers(graph);
    Map<Integer, Sum> sums = new HashMap<>();
    Set<Integer> split = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (sum(node) && !readers.partOfSum(node)) {
        Sum sum = new Sum(new ArrayList<>(), new ArrayList<>());
        take(graph, node, readers, sum);
        if (pays(graph, sum.together())) {
          sums.put(node.id(), sum);
          sum.together().stream()
              .filter(term -> term.op() instanceof Kernel.Part)
              .forEach(term -> split.add(term.inputs().get(0)));
        }
      }
    }
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      if (split.contains(node.id())) {
        withoutWeight(rewriter, node);
      } else {
        rewriter.keep(node.id());
      }
      if (sums.containsKey(node.id())) {
        rewriter.redirect(node.id(), new Together(graph, rewriter, node).of(sums.get(node.id())));
      }
    }
    return rewriter.result();
  }

  private static boolean sum(Node node) {
    return node.op() instanceof Op.Pointwise op
        && op.function().equals("add")
        && op.numbers().isEmpty()
        && node.inputs().size() == 2;
  }

  /** Who reads the nodes of a graph. */
  private static final class Readers {
    private final int[] count;
    private final Node[] last;

    Readers(Graph graph) {
      this.count = Rewriter.readers(graph);
      this.last = new Node[graph.nodes().size()];
      graph.nodes().forEach(node -> node.inputs().forEach(id -> last[id] = node));
    }

    boolean one(Node node) {
      return count[node.id()] == 1;
    }

    boolean partOfSum(Node node) {
      Node reader = last[node.id()];
      return one(node) && reader != null && sum(reader) && reader.shape().equals(node.shape());
    }
  }

  /** Takes a sum of sums apart. */
  private static void take(Graph graph, Node node, Readers readers, Sum sum) {
    for (int id : node.inputs()) {
      Node term = graph.node(id);
      if (sum(term) && readers.one(term) && term.shape().equals(node.shape())) {
        take(graph, term, readers, sum);
      } else if (readers.one(term)
          && (product(graph, term) || convolution(graph, term))
          && alike(graph, term, sum.together())) {
        sum.together().add(term);
      } else {
        sum.others().add(term);
      }
    }
  }

  /** Whether it is the product of turned rows of pixels and of such rows. */
  private static boolean product(Graph graph, Node term) {
    if (!(term.op() instanceof Op.MatMul) || term.shape().size() != 2) {
      return false;
    }
    Node left = graph.node(term.inputs().get(0));
    return left.op() instanceof Op.Transpose turned
        && turned.order().equals(TURNED)
        && left.type() == term.type()
        && graph.node(term.inputs().get(1)).type() == term.type();
  }

  private static boolean convolution(Graph graph, Node term) {
    return term.op() instanceof Kernel.Part part
        && part.index() == 1
        && graph.node(term.inputs().get(0)).op() instanceof Kernel.ConvolutionBackward op
        && op.weight();
  }

  private static boolean alike(Graph graph, Node term, List<Node> others) {
    if (others.isEmpty()) {
      return true;
    }
    Node other = others.get(0);
    boolean same = other.type() == term.type() && other.shape().equals(term.shape());
    if (!same || !(term.op() instanceof Kernel.Part)) {
      return same && other.op().equals(term.op());
    }
    return other.op() instanceof Kernel.Part
        && key(graph.node(term.inputs().get(0)), graph)
            .equals(key(graph.node(other.inputs().get(0)), graph));
  }

  /** What has to be equal for two convolutions to be computed as one. */
  private static List<Object> key(Node backward, Graph graph) {
    Kernel.ConvolutionBackward op = (Kernel.ConvolutionBackward) backward.op();
    Node gradient = graph.node(backward.inputs().get(0));
    Node image = graph.node(backward.inputs().get(1));
    return List.of(
        op.convolution(),
        backward.inputs().get(2),
        gradient.shape().subList(1, gradient.shape().size()),
        image.shape().subList(1, image.shape().size()),
        gradient.layout(),
        image.layout(),
        gradient.type(),
        image.type());
  }

  /** Whether there is less to copy than to add. */
  private static boolean pays(Graph graph, List<Node> together) {
    if (together.size() < 2) {
      return false;
    }
    long maps = 0;
    for (Node term : together) {
      Node maker = term.op() instanceof Kernel.Part ? graph.node(term.inputs().get(0)) : term;
      maps += graph.node(maker.inputs().get(0)).elements();
      maps += graph.node(maker.inputs().get(1)).elements();
    }
    return maps < (together.size() - 1) * together.get(0).elements();
  }

  private static void withoutWeight(Rewriter rewriter, Node node) {
    Kernel.ConvolutionBackward op = (Kernel.ConvolutionBackward) node.op();
    Op rest = new Kernel.ConvolutionBackward(op.convolution(), op.input(), false, op.bias());
    rewriter.redirect(
        node.id(),
        rewriter.add(
            rest,
            rewriter.places(node.inputs()),
            node.type(),
            node.shape(),
            node.layout(),
            node.where()));
  }

  /** The gradients of one sum. */
  private static final class Together {
    private final Graph graph;
    private final Rewriter rewriter;
    private final Node sum;

    Together(Graph graph, Rewriter rewriter, Node sum) {
      this.graph = graph;
      this.rewriter = rewriter;
      this.sum = sum;
    }

    int of(Sum terms) {
      Node first = terms.together().get(0);
      int result =
          first.op() instanceof Kernel.Part
              ? convolution(terms.together())
              : product(terms.together());
      for (Node other : terms.others()) {
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

    private int product(List<Node> terms) {
      int rows = stacked(terms.stream().map(term -> input(input(term, 0), 0)).toList());
      List<Long> shape = rewriter.node(rows).shape();
      Node first = terms.get(0);
      int turned = add(new Op.Transpose(TURNED), first, List.of(shape.get(1), shape.get(0)), rows);
      int other = stacked(terms.stream().map(term -> input(term, 1)).toList());
      return add(new Op.MatMul(), first, first.shape(), turned, other);
    }

    private int convolution(List<Node> terms) {
      List<Node> all = terms.stream().map(term -> input(term, 0)).toList();
      Node first = all.get(0);
      Op.Convolution convolution = ((Kernel.ConvolutionBackward) first.op()).convolution();
      int gradient = stacked(all.stream().map(node -> input(node, 0)).toList());
      int image = stacked(all.stream().map(node -> input(node, 1)).toList());
      int weight = rewriter.place(first.inputs().get(2));
      int made =
          add(
              new Kernel.ConvolutionBackward(convolution, false, true, false),
              first,
              rewriter.node(image).shape(),
              gradient,
              image,
              weight);
      return add(new Kernel.Part(1), terms.get(0), terms.get(0).shape(), made);
    }

    private Node input(Node node, int index) {
      return graph.node(node.inputs().get(index));
    }

    private int stacked(List<Node> parts) {
      List<Long> shape = new ArrayList<>(parts.get(0).shape());
      shape.set(0, parts.stream().mapToLong(part -> part.shape().get(0)).sum());
      return rewriter.add(
          new Op.Concat(0),
          rewriter.places(parts.stream().map(Node::id).toList()),
          parts.get(0).type(),
          shape,
          sum.where());
    }

    private int add(Op op, Node like, List<Long> shape, Integer... inputs) {
      return rewriter.add(op, List.of(inputs), like.type(), shape, sum.where());
    }
  }
}
