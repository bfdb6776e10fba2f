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

/**
 * P_u: the whole network u times; each gate is fed its block's output of the iteration before, or
 * the next block's.
 */
@Component
@Part(
    name = "parallel",
    about = "the whole network u times, each gate fed its own or the next block's last output")
public final class Parallel implements Unroll {
  @Override
  public Class<? extends Annotation> options() {
    return SourceConfig.class;
  }

  @Override
  public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
    Source source = options.as(SourceConfig.class).source();
    return Unrolled.gates(
        "parallel",
        spec,
        stages,
        k -> List.of(stages.get(source.of(k, stages.size()) - 1).outputChannels()));
  }

  @Override
  public int applications(UnrollSpec spec, int block, Options options) {
    return Unrolled.applications(spec, block);
  }

  @Override
  public NDList forward(Pass pass, NDArray image, Options options) {
    Source source = options.as(SourceConfig.class).source();
    return Unrolled.run(
        pass, image, (k, last) -> new NDArray[] {last.get(source.of(k, pass.blocks()))});
  }
}
