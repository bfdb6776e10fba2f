package org.riglab.graph.internal.rewrite;

import java.util.List;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Where;

/** A convolution that a rewrite replaces by a matrix product. */
abstract class ConvolutionProduct {
  final Rewriter rewriter;

  /** The convolution in the graph before. */
  final Node node;

  final Where where;

  /** Its inputs in the graph after: image, weight, perhaps bias. */
  final List<Integer> in;

  final List<Long> image;
  final List<Long> weight;

  ConvolutionProduct(Rewriter rewriter, Node node) {
    this.rewriter = rewriter;
    this.node = node;
    this.where = node.where();
    this.in = rewriter.places(node.inputs());
    this.image = rewriter.node(in.get(0)).shape();
    this.weight = rewriter.node(in.get(1)).shape();
  }

  /** Adds an operation of the type of the convolution. */
  final int add(Op op, List<Integer> inputs, List<Long> shape) {
    return rewriter.add(op, inputs, node.type(), shape, where);
  }

  final int transpose(int id, List<Integer> order) {
    List<Long> shape = rewriter.node(id).shape();
    return add(new Op.Transpose(order), List.of(id), order.stream().map(shape::get).toList());
  }
}
