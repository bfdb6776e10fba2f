package org.riglab.itests.plugins.clinging;

import ai.djl.nn.Block;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate, and an activator, that do not want to go. */
@Component
@Part(name = "itest-clinging", about = "does not stop when its bundle does")
public final class ClingingGate implements Gate {
  /** Ends in an exception. */
  public static final class Activator implements BundleActivator {
    @Override
    public void start(BundleContext context) {}

    @Override
    public void stop(BundleContext context) {
      throw new IllegalStateException("the activator stays");
    }
  }

  /** Throws. */
  @Deactivate
  public void close() {
    throw new IllegalStateException("the gate stays");
  }

  @Override
  public Block create(GateShape shape, Options options) {
    throw new UnsupportedOperationException();
  }
}
