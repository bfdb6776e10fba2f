package org.riglab.itests.plugins.watched;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/**
 * A gate that tells, through system properties, how often it ran in an active bundle and how often
 * after its bundle had stopped; another property makes it linger, or stop its own bundle, once.
 */
@Component
@Part(name = "itest-watched", about = "counts uses after its bundle has stopped")
public final class WatchedGate implements Gate {
  private final Bundle bundle;

  /**
   * @param context of the bundle that is watched
   */
  @Activate
  public WatchedGate(BundleContext context) {
    bundle = context.getBundle();
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return new LambdaBlock(
        in -> {
          String mode = System.getProperty("itests.watched.mode", "");
          if (mode.equals("hold")) {
            linger();
          } else if (mode.equals("stop")) {
            stopMyself();
          }
          count(running() ? "itests.watched.ran" : "itests.watched.late");
          return new NDList(in.get(0).mul(1.0f));
        });
  }

  private boolean running() {
    return bundle.getState() == Bundle.ACTIVE || bundle.getState() == Bundle.STOPPING;
  }

  /** Waits until the bundle is being stopped, then gives the stop time to win, if it can. */
  private void linger() {
    System.setProperty("itests.watched.mode", "held");
    while (bundle.getState() == Bundle.ACTIVE) {
      Thread.onSpinWait();
    }
    long until = System.nanoTime() + 500_000_000L;
    while (running() && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  private void stopMyself() {
    System.setProperty("itests.watched.mode", "");
    try {
      bundle.stop();
    } catch (BundleException e) {
      throw new IllegalStateException(e);
    }
  }

  private static synchronized void count(String property) {
    System.setProperty(property, Integer.toString(Integer.getInteger(property, 0) + 1));
  }
}
