package org.riglab.unrolls.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;

/** P_u^f: as parallel; each gate is fed the last block's output of the iteration before as well. */
@Component
@Part(name = "parallel-multi-range", about = "as parallel, each gate fed the last logits as well")
public final class MultiRange implements Unroll {
  @Override
  public Class<? extends Annotation> options() {
    return SourceConfig.class;
  }

  @Override
  public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
    Source source = options.as(SourceConfig.class).source();
    int n = stages.size();
    return Unrolled.gates(
        "parallel-multi-range",
        spec,
        stages,
        k ->
            List.of(
                stages.get(source.of(k, n) - 1).outputChannels(),
                stages.get(n - 1).outputChannels()));
  }

  @Override
  public int applications(UnrollSpec spec, int block, Options options) {
    return Unrolled.applications(spec, block);
  }

  @Override
  public NDList forward(Pass pass, NDArray image, Options options) {
    Source source = options.as(SourceConfig.class).source();
    int n = pass.blocks();
    return Unrolled.run(
        pass, image, (k, last) -> new NDArray[] {last.get(source.of(k, n)), last.get(n)});
  }
}
