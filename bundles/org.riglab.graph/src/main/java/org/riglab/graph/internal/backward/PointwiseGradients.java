package org.riglab.graph.internal.backward;

import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** The rules of functions that are computed element by element. */
final class PointwiseGradients {
  private final Adjoint.BackwardPass pass;
  private final Tape tape;

  PointwiseGradients(Adjoint.BackwardPass pass, Tape tape) {
    this.pass = pass;
    this.tape = tape;
  }

  void back(Node node, Op.Pointwise op, int g) {
    switch (node.inputs().size()) {
      case 1 -> pass.give(node.inputs().get(0), one(node, op, g));
      case 2 -> two(node, op, g);
      default -> throw Adjoint.unknown(node, op.function());
    }
  }

  private int one(Node node, Op.Pointwise op, int g) {
    int x = node.inputs().get(0);
    int y = node.id();
    double number = op.numbers().isEmpty() ? 0 : op.numbers().get(0);
    return switch (op.function()) {
      case "relu", "sigmoid", "tanh" -> kernel(op, g, y);
      case "softPlus", "gelu", "leakyRelu", "elu", "selu" -> kernel(op, g, x);
      case "swish" -> swish(g, x, number);
      case "exp" -> tape.apply("mul", g, y);
      case "log" -> tape.apply("div", g, x);
      case "log2" -> tape.apply("div", g, tape.with("mul", x, Math.log(2)));
      case "sqrt" -> tape.apply("div", g, tape.with("mul", y, 2));
      case "square" -> tape.apply("mul", g, tape.with("mul", x, 2));
      case "abs" -> tape.apply("mul", g, tape.apply("sign", x));
      case "neg", "rsub" -> tape.apply("neg", g);
      case "mul" -> tape.with("mul", g, number);
      case "div" -> tape.with("div", g, number);
      case "rdiv" -> tape.apply("mul", g, tape.apply("div", tape.apply("neg", y), x));
      case "clip" -> {
        int above = tape.with("gte", x, number);
        int below = tape.with("lte", x, op.numbers().get(1));
        yield tape.apply("mul", g, tape.apply("logicalAnd", above, below));
      }
      case "maximum" -> won(g, halves(tape.with("eq", x, number), g), tape.with("gt", x, number));
      case "minimum" -> won(g, halves(tape.with("eq", x, number), g), tape.with("lt", x, number));
      case "copy", "add", "sub" -> g;
      default -> throw Adjoint.unknown(node, op.function());
    };
  }

  private int kernel(Op.Pointwise op, int g, int value) {
    Op kernel = new Kernel.PointwiseBackward(op.function(), op.numbers());
    return tape.addLike(kernel, tape.type(g), tape.node(value), g, value);
  }

  /** x s(nx) has the derivative s + n x s (1 - s). */
  private int swish(int g, int x, double number) {
    int scaled = tape.with("mul", x, number);
    int s = tape.apply("sigmoid", scaled);
    int slope = tape.apply("mul", s, tape.with("rsub", s, 1));
    return tape.apply("mul", g, tape.apply("add", s, tape.apply("mul", scaled, slope)));
  }

  private void two(Node node, Op.Pointwise op, int g) {
    int a = node.inputs().get(0);
    int b = node.inputs().get(1);
    switch (op.function()) {
      case "add" -> {
        share(a, () -> g);
        share(b, () -> g);
      }
      case "sub" -> {
        share(a, () -> g);
        share(b, () -> tape.apply("neg", g));
      }
      case "mul" -> {
        share(a, () -> tape.apply("mul", g, b));
        share(b, () -> tape.apply("mul", g, a));
      }
      case "div" -> {
        share(a, () -> tape.apply("div", g, b));
        share(b, () -> tape.apply("mul", g, tape.apply("div", tape.apply("neg", node.id()), b)));
      }
      case "maximum" -> extreme(g, a, b, "gt");
      case "minimum" -> extreme(g, a, b, "lt");
      default -> throw Adjoint.unknown(node, op.function());
    }
  }

  /** The one that wins gets the gradient; where both are equal each gets half, as in PyTorch. */
  private void extreme(int g, int a, int b, String wins) {
    int ties = halves(tape.apply("eq", a, b), g);
    share(a, () -> won(g, ties, tape.apply(wins, a, b)));
    share(b, () -> won(g, ties, tape.apply(wins, b, a)));
  }

  private int halves(int ties, int g) {
    return tape.with("mul", tape.cast(ties, tape.type(g)), 0.5);
  }

  private int won(int g, int ties, int wins) {
    return tape.apply("mul", g, tape.apply("add", ties, tape.cast(wins, tape.type(g))));
  }

  private interface Gradient {
    int made();
  }

  /** Gives an operand its share, summed over the axes along which it was repeated. */
  private void share(int operand, Gradient gradient) {
    if (pass.needs(operand)) {
      pass.give(operand, tape.sumTo(gradient.made(), tape.shape(operand)));
    }
  }
}
