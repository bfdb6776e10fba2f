package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Sizes;

/** Traced passes with types, layouts and kernels chosen for how they will run. */
public final class Lowering {
  private Lowering() {}

  /**
   * @param graph as traced, in evaluation mode
   * @param low type in which products are computed
   * @param fused whether convolutions and what follows them become operations of oneDNN
   * @return the pass that is compiled
   */
  public static Sizes inference(Graph graph, DataType low, boolean fused) {
    Sizes typed = new Autocast(low).apply(new Sizes(List.of(Rewrites.inference(graph))));
    Sizes sizes = low == DataType.FLOAT32 ? typed : Rewrites.live(new LowResizes(low).apply(typed));
    return products(fused ? new FusedConvolutions().apply(dilated(sizes, low)) : sizes, low);
  }

  /**
   * @param graph as traced, in training mode
   * @param low type in which products are computed
   * @param host whether a processor computes
   * @return the pass that is differentiated and compiled
   */
  public static Sizes training(Graph graph, DataType low, boolean host) {
    Sizes sizes = typed(graph, low);
    return host
        ? new NarrowBatchNorm().apply(products(dilated(sizes, low), low))
        : products(sizes, low);
  }

  /**
   * @param graph as traced, in training mode
   * @param low type in which products are computed
   * @return the pass that is compiled and that the engine goes back through
   */
  public static Sizes engine(Graph graph, DataType low) {
    Sizes sizes = typed(graph, low);
    return channelsLast(low) ? Rewrites.live(new ChannelsLast().apply(sizes)) : sizes;
  }

  /**
   * @param graph a traced function, such as a loss
   * @param deterministic whether sums are added up in the same order in every run
   * @param host whether it is compiled for a processor
   * @return the function that is compiled and that the engine goes back through
   */
  public static Sizes function(Graph graph, boolean deterministic, boolean host) {
    Sizes chosen = new LossKernels(deterministic).apply(typed(graph, DataType.FLOAT32));
    return Rewrites.plain(host ? new EnlargedLosses().apply(chosen) : chosen);
  }

  private static Sizes typed(Graph graph, DataType low) {
    return new Autocast(low).apply(Rewrites.plain(new Sizes(List.of(graph))));
  }

  private static Sizes dilated(Sizes sizes, DataType low) {
    return channelsLast(low) ? new DilatedProducts().apply(sizes) : sizes;
  }

  private static Sizes products(Sizes sizes, DataType low) {
    Sizes last =
        channelsLast(low) ? new ChannelsLast().apply(new MatrixProducts().apply(sizes)) : sizes;
    return Rewrites.plain(last);
  }

  /** Faster in low precision, slower in float32 where a processor computes. */
  private static boolean channelsLast(DataType low) {
    return low != DataType.FLOAT32;
  }
}
