package org.riglab.graph.internal.backward;

import static ai.djl.ndarray.types.DataType.BOOLEAN;
import static ai.djl.ndarray.types.DataType.FLOAT32;
import static ai.djl.ndarray.types.DataType.INT64;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.OpVisitor;

/**
 * The rule of each operation: gives its operands their gradients, from that of its result. Ids of
 * the forward pass are the same in the joint graph.
 */
final class Gradients implements OpVisitor<Void> {
  private final Adjoint.BackwardPass pass;
  private final Tape tape;
  private final boolean products;
  private int g;

  Gradients(Adjoint.BackwardPass pass, Tape tape, boolean products) {
    this.pass = pass;
    this.tape = tape;
    this.products = products;
  }

  /** Goes back through a node, given the gradient of its result. */
  void back(Node node, int gradient) {
    g = gradient;
    node.op().accept(this, node);
  }

  private Void give(int id, int gradient) {
    pass.give(id, gradient);
    return null;
  }

  private static int in(Node node, int index) {
    return node.inputs().get(index);
  }

  private Void none(Node node) {
    throw new IllegalStateException("nothing in front of it can need a gradient: " + node);
  }

  @Override
  public Void input(Node node, Op.Input op) {
    return none(node);
  }

  @Override
  public Void param(Node node, Op.Param op) {
    pass.store(node, g);
    return null;
  }

  @Override
  public Void fill(Node node, Op.Fill op) {
    return none(node);
  }

  @Override
  public Void literal(Node node, Op.Literal op) {
    return none(node);
  }

  @Override
  public Void random(Node node, Op.Random op) {
    return none(node);
  }

  @Override
  public Void pointwise(Node node, Op.Pointwise op) {
    new PointwiseGradients(pass, tape).back(node, op, g);
    return null;
  }

  @Override
  public Void cast(Node node, Op.Cast op) {
    return give(in(node, 0), g);
  }

  @Override
  public Void detach(Node node, Op.Detach op) {
    return none(node);
  }

  @Override
  public Void convolution(Node node, Op.Convolution op) {
    List<Integer> in = node.inputs();
    boolean bias = in.size() > 2 && pass.needs(in.get(2));
    Op kernel =
        new Kernel.ConvolutionBackward(op, pass.needs(in.get(0)), pass.needs(in.get(1)), bias);
    int x = tape.addLike(kernel, node.type(), tape.node(in.get(0)), g, in.get(0), in.get(1));
    give(in.get(0), x);
    if (pass.needs(in.get(1))) {
      give(in.get(1), tape.part(x, 1, node.type(), tape.shape(in.get(1))));
    }
    if (bias) {
      give(in.get(2), tape.part(x, 2, node.type(), tape.shape(in.get(2))));
    }
    return null;
  }

  @Override
  public Void matMul(Node node, Op.MatMul op) {
    int a = in(node, 0);
    int b = in(node, 1);
    if (tape.shape(a).size() < 2 || tape.shape(b).size() < 2) {
      throw Adjoint.unknown(node, "a product with a vector");
    }
    if (pass.needs(a)) {
      give(a, tape.sumTo(tape.product(g, tape.turned(b)), tape.shape(a)));
    }
    if (pass.needs(b)) {
      give(b, tape.sumTo(tape.product(tape.turned(a), g), tape.shape(b)));
    }
    return null;
  }

  @Override
  public Void linear(Node node, Op.Linear op) {
    List<Integer> in = node.inputs();
    List<Long> weight = tape.shape(in.get(1));
    long count = node.elements() / weight.get(0);
    if (pass.needs(in.get(0))) {
      give(in.get(0), tape.product(g, in.get(1)));
    }
    int rows = tape.reshape(g, List.of(count, weight.get(0)));
    if (pass.needs(in.get(1))) {
      int x = tape.reshape(in.get(0), List.of(count, weight.get(1)));
      give(in.get(1), tape.product(tape.turned(rows), x));
    }
    if (in.size() > 2 && pass.needs(in.get(2))) {
      give(in.get(2), tape.sumTo(rows, tape.shape(in.get(2))));
    }
    return null;
  }

  @Override
  public Void batchNorm(Node node, Op.BatchNorm op) {
    List<Integer> in = node.inputs();
    List<Long> channels = tape.shape(in.get(1));
    boolean affine = in.size() > 3;
    boolean weight = affine && pass.needs(in.get(3));
    boolean bias = in.size() > 4 && pass.needs(in.get(4));
    List<Integer> operands = new ArrayList<>(List.of(g, in.get(0)));
    operands.add(tape.part(node.id(), 1, FLOAT32, channels));
    operands.add(tape.part(node.id(), 2, FLOAT32, channels));
    if (affine) {
      operands.add(in.get(3));
    }
    if (!op.training()) {
      operands.addAll(in.subList(1, 3));
    }
    Op kernel = new Kernel.BatchNormBackward(op, affine, pass.needs(in.get(0)), weight, bias);
    int x =
        tape.addLike(kernel, node.type(), tape.node(in.get(0)), operands.toArray(Integer[]::new));
    give(in.get(0), x);
    if (weight) {
      give(in.get(3), tape.part(x, 1, FLOAT32, channels));
    }
    if (bias) {
      give(in.get(4), tape.part(x, 2, FLOAT32, channels));
    }
    return null;
  }

  @Override
  public Void layerNorm(Node node, Op.LayerNorm op) {
    List<Integer> in = node.inputs();
    List<Long> kept = new ArrayList<>(node.shape());
    for (int axis = kept.size() - op.axes(); axis < kept.size(); axis++) {
      kept.set(axis, 1L);
    }
    int mean = tape.part(node.id(), 1, FLOAT32, kept);
    int deviation = tape.part(node.id(), 2, FLOAT32, kept);
    int x =
        tape.addLike(
            new Kernel.LayerNormBackward(op),
            node.type(),
            node,
            g,
            in.get(0),
            mean,
            deviation,
            in.get(1),
            in.get(2));
    give(in.get(0), x);
    give(in.get(1), tape.part(x, 1, node.type(), tape.shape(in.get(1))));
    return give(in.get(2), tape.part(x, 2, node.type(), tape.shape(in.get(2))));
  }

  @Override
  public Void pool(Node node, Op.Pool op) {
    int x = in(node, 0);
    if (node.shape().size() != 4 || op.kind().equals("lp")) {
      throw Adjoint.unknown(node, op.kind() + "Pool");
    }
    List<Integer> operands = new ArrayList<>(List.of(g, x));
    if (op.kind().equals("max")) {
      operands.add(tape.part(node.id(), 1, INT64, node.shape()));
    }
    Op kernel = new Kernel.PoolBackward(op);
    return give(
        x, tape.addLike(kernel, node.type(), tape.node(x), operands.toArray(Integer[]::new)));
  }

  @Override
  public Void resize(Node node, Op.Resize op) {
    Node x = tape.node(in(node, 0));
    if (op.mode() != 0 && op.mode() != 1) {
      throw Adjoint.unknown(node, "resize of mode " + op.mode());
    }
    if (products && op.mode() == 1) {
      int rows = tape.product(tape.turned(matrix(op, x.shape().get(2), node.shape().get(2))), g);
      return give(x.id(), tape.product(rows, matrix(op, x.shape().get(3), node.shape().get(3))));
    }
    return give(x.id(), tape.add(new Kernel.ResizeBackward(op), node.type(), x.shape(), g));
  }

  /** Resizing along one axis as a matrix (to, from): what it makes of the unit vectors. */
  private int matrix(Op.Resize op, long from, long to) {
    int units = tape.add(new Kernel.Identity(), tape.type(g), List.of(from, from));
    int maps = tape.reshape(units, List.of(1L, 1L, from, from));
    int resized = tape.add(op, tape.type(g), List.of(1L, 1L, to, from), maps);
    return tape.reshape(resized, List.of(to, from));
  }

  @Override
  public Void along(Node node, Op.Along op) {
    return switch (op.function()) {
      case "softmax", "logSoftmax" ->
          give(
              in(node, 0),
              tape.addLike(new Kernel.SoftmaxBackward(op), node.type(), node, g, node.id()));
      case "flip" -> give(in(node, 0), tape.addLike(op, node.type(), node, g));
      case "cumSum" -> {
        // an element is part of all sums from its own on
        Op flip = new Op.Along("flip", op.axis());
        int back = tape.addLike(op, node.type(), node, tape.addLike(flip, node.type(), node, g));
        yield give(in(node, 0), tape.addLike(flip, node.type(), node, back));
      }
      default -> throw Adjoint.unknown(node, op.function());
    };
  }

  @Override
  public Void reduce(Node node, Op.Reduce op) {
    int x = in(node, 0);
    List<Long> shape = tape.shape(x);
    List<Long> kept = new ArrayList<>(shape);
    op.axes().forEach(axis -> kept.set(axis, 1L));
    int wide = tape.reshape(g, kept);
    double count = op.axes().stream().mapToLong(shape::get).reduce(1, (a, b) -> a * b);
    return switch (op.function()) {
      case "sum" -> give(x, expanded(wide, shape));
      case "mean" -> give(x, expanded(tape.with("div", wide, count), shape));
      case "max", "min" -> {
        // equal extremes share alike, as in PyTorch
        int is = tape.apply("eq", x, tape.reshape(node.id(), kept));
        int share = tape.cast(is, tape.type(g));
        int each = tape.apply("div", share, tape.sum(share, op.axes()));
        yield give(x, tape.apply("mul", each, wide));
      }
      default -> throw Adjoint.unknown(node, op.function());
    };
  }

  private int expanded(int id, List<Long> shape) {
    return tape.shape(id).equals(shape)
        ? id
        : tape.add(new Op.Broadcast(), tape.type(id), shape, id);
  }

  @Override
  public Void concat(Node node, Op.Concat op) {
    long from = 0;
    for (int id : node.inputs()) {
      List<Long> start = new ArrayList<>(node.shape().stream().map(side -> 0L).toList());
      start.set(op.axis(), from);
      if (pass.needs(id)) {
        give(id, tape.slice(g, start, tape.shape(id)));
      }
      from += tape.shape(id).get(op.axis());
    }
    return null;
  }

  @Override
  public Void reshape(Node node, Op.Reshape op) {
    return give(in(node, 0), tape.reshape(g, tape.shape(in(node, 0))));
  }

  @Override
  public Void transpose(Node node, Op.Transpose op) {
    List<Integer> inverse =
        IntStream.range(0, op.order().size()).mapToObj(op.order()::indexOf).toList();
    return give(in(node, 0), tape.transpose(g, inverse));
  }

  @Override
  public Void slice(Node node, Op.Slice op) {
    Node x = tape.node(in(node, 0));
    return give(x.id(), tape.addLike(new Kernel.SliceBackward(op), node.type(), x, g));
  }

  @Override
  public Void broadcast(Node node, Op.Broadcast op) {
    return give(in(node, 0), tape.sumTo(g, tape.shape(in(node, 0))));
  }

  @Override
  public Void tile(Node node, Op.Tile op) {
    throw Adjoint.unknown(node, "Tile");
  }

  @Override
  public Void pad(Node node, Op.Pad op) {
    return give(in(node, 0), tape.slice(g, op.before(), tape.shape(in(node, 0))));
  }

  @Override
  public Void gather(Node node, Op.Gather op) {
    if (!op.kind().equals("gather")) {
      throw Adjoint.unknown(node, op.kind());
    }
    List<Long> shape = tape.shape(in(node, 0));
    Op kernel = new Kernel.GatherBackward(op);
    return give(in(node, 0), tape.add(kernel, node.type(), shape, g, in(node, 1)));
  }

  @Override
  public Void oneHot(Node node, Op.OneHot op) {
    return none(node);
  }

  @Override
  public Void crossEntropy(Node node, Op.CrossEntropy op) {
    throw Adjoint.unknown(node, "CrossEntropy");
  }

  @Override
  public Void dropout(Node node, Op.Dropout op) {
    int mask = tape.part(node.id(), 1, BOOLEAN, node.shape());
    double scale = op.rate() < 1 ? 1 / (1 - op.rate()) : 0;
    return give(
        in(node, 0), tape.addLike(new Kernel.DropoutBackward(scale), node.type(), node, g, mask));
  }

  @Override
  public Void kernel(Node node, Kernel op) {
    int x = in(node, 0);
    if (op instanceof Kernel.Arrange) {
      return give(x, arranged(tape.node(x)));
    } else if (op instanceof Kernel.Columns columns) {
      return give(x, tape.add(new Kernel.ColumnsBackward(columns), node.type(), tape.shape(x), g));
    } else if (op instanceof Kernel.ColumnsBackward sum) {
      return give(x, tape.add(sum.columns(), node.type(), tape.shape(x), g));
    }
    throw Adjoint.unknown(node, op.getClass().getSimpleName());
  }

  /** The gradient in the layout of a node; a weight's as it is, which is converted when stored. */
  private int arranged(Node like) {
    boolean asIs =
        like.op() instanceof Op.Param
            || like.layout() == Layout.STRIDED
            || like.layout() == tape.node(g).layout();
    return asIs ? g : tape.arrange(g, like.layout());
  }
}
