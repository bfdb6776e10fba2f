package org.riglab.itests.plugins.swapped;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/**
 * A gate with one weight that tells when a version of it is first asked to compute in a training,
 * and every use after it was deactivated: in system properties, and as lines of the file that the
 * environment variable {@code ITESTS_SWAPPED} names.
 */
@Component
@Part(name = "itest-swapped", about = "records uses after its deactivation")
public final class SwappedGate implements Gate {
  private final String version;
  private final AtomicBoolean first = new AtomicBoolean(true);
  private volatile boolean gone;

  /**
   * @param context of the bundle
   */
  @Activate
  public SwappedGate(BundleContext context) {
    version = context.getBundle().getVersion().toString();
  }

  @Deactivate
  void deactivate() {
    gone = true;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    inUse();
    return new Scale();
  }

  private void inUse() {
    if (gone) {
      tell("late", version);
      throw new IllegalStateException("used after it was deactivated");
    }
  }

  private static void tell(String what, String version) {
    long millis = System.currentTimeMillis();
    System.setProperty("itests.swapped." + what + "." + version, Long.toString(System.nanoTime()));
    String file = System.getenv("ITESTS_SWAPPED");
    if (file != null) {
      try {
        Files.writeString(
            Path.of(file),
            what + " " + version + " " + millis + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final class Scale extends AbstractBlock {
    private final Parameter scale =
        addParameter(
            Parameter.builder()
                .setName("scale")
                .setType(Parameter.Type.OTHER)
                .optInitializer(Initializer.ONES)
                .optShape(new Shape(1))
                .build());

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      inUse();
      if (training && first.compareAndSet(true, false)) {
        tell("first", SwappedGate.this.version);
      }
      var x = inputs.get(0);
      return new NDList(x.mul(store.getValue(scale, x.getDevice(), training)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {inputs[0]};
    }
  }
}
