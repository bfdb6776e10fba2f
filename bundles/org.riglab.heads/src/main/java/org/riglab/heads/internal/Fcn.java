package org.riglab.heads.internal;

import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.Conv2d;

/**
 * One 1x1 convolution with bias (Long et al., CVPR 2015; FCN-32s where the last feature's stride is
 * 32).
 */
@Component
@Part(name = "fcn", about = "a 1x1 convolution of the last feature")
public final class Fcn implements Head {
  @Override
  public Stage stage(HeadShape shape, Options options) {
    Stage last = shape.last();
    int in = last.outputChannels();
    return new Stage(
        "classifier",
        PREFIX,
        Conv2d.withBias(in, shape.classes(), 1, 1),
        in,
        shape.classes(),
        last.stride());
  }
}
