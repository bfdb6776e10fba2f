package org.riglab.unrolls.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;

/** Routing of Table 6, [22]: as parallel, but every gate is fed the last block's output alone. */
@Component
@Part(name = "rethinking", about = "as parallel, each gate fed by the last logits alone")
public final class Rethinking implements Unroll {
  @Override
  public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
    return Unrolled.gates(
        "rethinking", spec, stages, k -> List.of(stages.get(stages.size() - 1).outputChannels()));
  }

  @Override
  public int applications(UnrollSpec spec, int block, Options options) {
    return Unrolled.applications(spec, block);
  }

  @Override
  public NDList forward(Pass pass, NDArray image, Options options) {
    return Unrolled.run(pass, image, (block, last) -> new NDArray[] {last.get(pass.blocks())});
  }
}
