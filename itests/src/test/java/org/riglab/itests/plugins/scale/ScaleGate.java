package org.riglab.itests.plugins.scale;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.lang.annotation.Annotation;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A stranger's gate with one weight: x * scale. */
@Component
@Part(name = "itest-scale", about = "multiplies by a number")
public final class ScaleGate implements Gate {
  @interface Config {
    double factor() default 1;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return new Scale(options.as(Config.class).factor());
  }

  private static final class Scale extends AbstractBlock {
    private final double factor;
    private final Parameter scale;

    Scale(double factor) {
      this.factor = factor;
      scale =
          addParameter(
              Parameter.builder()
                  .setName("scale")
                  .setType(Parameter.Type.OTHER)
                  .optInitializer(Initializer.ONES)
                  .optShape(new Shape(1))
                  .build());
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      var x = inputs.get(0);
      return new NDList(x.mul(store.getValue(scale, x.getDevice(), training)).mul(factor));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {inputs[0]};
    }
  }
}
