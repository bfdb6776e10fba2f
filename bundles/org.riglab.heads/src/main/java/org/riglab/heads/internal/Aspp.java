package org.riglab.heads.internal;

import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;

/** Atrous spatial pyramid pooling of DeepLabV2 (Chen et al., TPAMI 2018, section 3.2). */
@Component
@Part(name = "aspp", about = "DeepLabV2's sum of four dilated 3x3 convolutions")
public final class Aspp implements Head {
  @Override
  public Stage stage(HeadShape shape, Options options) {
    Stage last = shape.last();
    int in = last.outputChannels();
    return new Stage(
        "classifier",
        PREFIX,
        new AsppLayer(in, shape.classes()),
        in,
        shape.classes(),
        last.stride());
  }
}
