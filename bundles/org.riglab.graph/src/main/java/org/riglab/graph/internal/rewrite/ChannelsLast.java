package org.riglab.graph.internal.rewrite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Lets a pass compute with the channels of a pixel beside each other: images and the weights of
 * convolutions are brought into that layout, which every operation hands on. Results of the graph
 * are row by row again.
 */
public final class ChannelsLast implements Rewrite {
  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Rewriter rewriter = new Rewriter(sizes);
    Map<Integer, Integer> weights = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Input && node.shape().size() == 4) {
        int image = rewriter.keep(node.id());
        rewriter.redirect(node.id(), arrange(rewriter, image, node, Layout.CHANNELS_LAST));
      } else if (node.inputs().isEmpty() || node.op() instanceof Kernel.Arrange) {
        rewriter.keep(node.id());
      } else {
        List<Integer> in = new ArrayList<>(rewriter.places(node.inputs()));
        if (node.op() instanceof Op.Convolution && node.shape().size() == 4) {
          int weight = in.get(1);
          in.set(
              1,
              weights.computeIfAbsent(
                  weight, key -> arrange(rewriter, weight, node, Layout.CHANNELS_LAST)));
        }
        int place = rewriter.add(node.op(), in, node.type(), node.shape(), node.where());
        rewriter.redirect(node.id(), place);
      }
    }
    List<Integer> outputs = new ArrayList<>();
    for (int id : graph.outputs()) {
      outputs.add(arrange(rewriter, rewriter.place(id), graph.node(id), Layout.CONTIGUOUS));
    }
    return rewriter.result(outputs);
  }

  private static int arrange(Rewriter rewriter, int id, Node reader, Layout layout) {
    Node node = rewriter.node(id);
    return rewriter.add(
        new Kernel.Arrange(), List.of(id), node.type(), node.shape(), layout, reader.where());
  }
}
