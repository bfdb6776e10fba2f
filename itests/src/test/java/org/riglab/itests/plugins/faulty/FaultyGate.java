package org.riglab.itests.plugins.faulty;

import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that works, in a bundle with an immediate component that does not. */
@Component(property = Provider.NAME + "=itest-faulty")
public final class FaultyGate implements Gate {
  /** Activated as soon as the bundle starts. */
  @Component(
      immediate = true,
      service = {})
  public static final class Immediate {
    /** Throws. */
    @Activate
    public Immediate() {
      throw new IllegalStateException("no place for this component");
    }
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return Blocks.identityBlock();
  }
}
