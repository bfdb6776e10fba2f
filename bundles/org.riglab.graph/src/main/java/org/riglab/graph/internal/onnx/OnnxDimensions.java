package org.riglab.graph.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/** Writes the shapes of results, with sides that depend on the image asked of other values. */
final class OnnxDimensions {
  private final Sizes sizes;
  private final Map<Integer, String> names;
  private final OnnxWriter out;
  private final Map<Sizes.Side, String> sides = new HashMap<>();

  /**
   * @param sizes the pass
   * @param names of the values of its nodes, as far as they are written
   * @param out gets the operators
   */
  OnnxDimensions(Sizes sizes, Map<Integer, String> names, OnnxWriter out) {
    this.sizes = sizes;
    this.names = names;
    this.out = out;
  }

  /** The shape of a result: numbers where it is always the same, else sides of other arrays. */
  String of(Node node) {
    List<String> parts = new ArrayList<>();
    boolean fixed = true;
    boolean open = false;
    for (int axis = 0; axis < node.shape().size(); axis++) {
      Sizes.Side source = sizes.source(node.id(), axis, names::containsKey).orElse(null);
      if (source == null && (open || !(node.op() instanceof Op.Reshape))) {
        throw Sizes.refusal(node);
      } else if (source == null) {
        open = true;
        parts.add(out.whole(List.of(-1L)));
      } else if (source.id() == node.id()) {
        parts.add(out.whole(List.of(node.shape().get(axis))));
      } else {
        fixed = false;
        parts.add(
            sides.computeIfAbsent(
                source,
                side ->
                    out.emit(
                        "Shape",
                        List.of(names.get(side.id())),
                        OnnxWriter.number("start", side.axis()),
                        OnnxWriter.number("end", side.axis() + 1))));
      }
    }
    if (fixed && !open) {
      return out.whole(node.shape());
    }
    return out.emit("Concat", parts, OnnxWriter.number("axis", 0));
  }
}
