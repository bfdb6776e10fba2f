package org.riglab.itests.plugins.watched;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/**
 * A gate that tells, through system properties, how often it ran in an active bundle and how often
 * after its bundle had stopped.
 */
@Component(property = Provider.NAME + "=itest-watched")
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
          int state = bundle.getState();
          boolean there = state == Bundle.ACTIVE || state == Bundle.STOPPING;
          count(there ? "itests.watched.ran" : "itests.watched.late");
          return new NDList(in.get(0).mul(1.0f));
        });
  }

  private static synchronized void count(String property) {
    System.setProperty(property, Integer.toString(Integer.getInteger(property, 0) + 1));
  }
}
