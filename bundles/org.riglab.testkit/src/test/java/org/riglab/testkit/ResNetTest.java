package org.riglab.testkit;

import org.riglab.api.network.Backbone;
import org.riglab.backbones.internal.ResNet;

public class ResNetTest extends BackboneContract {
  @Override
  protected Backbone backbone() {
    return new ResNet();
  }
}
