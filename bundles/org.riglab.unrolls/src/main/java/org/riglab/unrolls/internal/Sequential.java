package org.riglab.unrolls.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;

/** S_u: each gated block u times, fed by its own output, before the next one starts. */
@Component
@Part(
    name = "sequential",
    about = "each gated block u times before the next one starts; one prediction")
public final class Sequential implements Unroll {
  @Override
  public int applications(UnrollSpec spec, int block, Options options) {
    return spec.feedback().contains(block) ? spec.iterations() : 1;
  }

  @Override
  public NDList forward(Pass pass, NDArray image, Options options) {
    NDList x = new NDList(image);
    for (int k = 1; k <= pass.blocks(); k++) {
      NDList y = pass.block(k, 1, x);
      for (int t = 2; pass.gated(k) && t <= pass.spec().iterations(); t++) {
        y = pass.block(k, t, pass.gate(k, t, x, y.head()));
      }
      x = y;
    }
    return new NDList(x.head());
  }
}
