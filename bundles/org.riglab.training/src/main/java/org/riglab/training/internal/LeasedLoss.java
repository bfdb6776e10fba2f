package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.AbstractList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.LossShape;
import org.riglab.networks.engine.EngineFlags;
import org.riglab.nn.Functional;
import org.riglab.parts.PartCalls;

/** The loss of a training, and the lease on its part. */
final class LeasedLoss implements AutoCloseable {
  private final PartAccess access;
  private final PartSpec spec;
  private final LossShape shape;
  private Lease<Loss> lease;
  private Criterion criterion;
  private String fingerprint;

  /**
   * @param access to the parts
   * @param spec the loss
   * @param shape what it is made for
   * @throws RigException if there is no such loss, or it does not fit the training
   */
  LeasedLoss(PartAccess access, PartSpec spec, LossShape shape) {
    this.access = access;
    this.spec = spec;
    this.shape = shape;
    open();
  }

  private void open() {
    lease = access.lease(Loss.class, spec);
    boolean complete = false;
    try {
      criterion =
          PartCalls.guarded(
              part(), "", () -> lease.service().create(shape, access.options(lease, spec)));
      if (criterion == null) {
        throw failed("created nothing");
      }
      fingerprint = called(criterion::fingerprint);
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  PartInfo part() {
    return lease.part();
  }

  /** Names the loss in messages. */
  String title() {
    return PartCalls.describe(part());
  }

  /** See {@link Criterion#fingerprint}. */
  String fingerprint() {
    return fingerprint;
  }

  /**
   * @param label of a pass, (N, H, W)
   * @return what the pass weighs, a scalar, attached to the label's manager
   */
  NDArray weight(NDArray label) {
    NDArray weight = called(() -> criterion.weight(label));
    requireScalar(weight, "weight");
    return weight;
  }

  /**
   * @param arguments logits of each prediction at any size, label (N, H, W), and the step's weight
   * @param device that computes it
   * @return the loss, a scalar
   */
  NDList loss(NDList arguments, Device device) {
    int predictions = arguments.size() - 2;
    NDArray label = arguments.get(predictions);
    List<NDArray> logits =
        new Enlarged(arguments.subList(0, predictions), label.getShape(), device.isGpu());
    NDArray loss = called(() -> criterion.loss(logits, label, arguments.get(predictions + 1)));
    requireScalar(loss, "loss");
    return new NDList(loss);
  }

  private <T> T called(java.util.function.Supplier<T> body) {
    return access.step(List.of(lease), () -> PartCalls.guarded(part(), "", body));
  }

  private void requireScalar(NDArray array, String what) {
    if (array == null) {
      throw failed("returned null as its %s; it must be a scalar".formatted(what));
    }
    if (array.getShape().dimension() != 0 || array.getDataType() != DataType.FLOAT32) {
      throw failed(
          "returned a %s of shape %s in %s; it must be a scalar in float32"
              .formatted(what, array.getShape(), array.getDataType().name().toLowerCase()));
    }
  }

  private RigException failed(String what) {
    return new RigException(Kind.PART_FAILED, title() + " " + what);
  }

  /**
   * @return whether the part is about to go, or gone
   */
  boolean stale() {
    return lease.retiring() || lease.revoked();
  }

  /**
   * Takes the newest part of that name.
   *
   * @throws RigException if there is none, or it reads other tables than the one before
   */
  void renew() {
    String before = fingerprint;
    close();
    open();
    if (!fingerprint.equals(before)) {
      throw new RigException(
          Kind.CONFLICT,
          "the new provider of loss %s computes a different loss".formatted(spec.name()));
    }
  }

  @Override
  public void close() {
    lease.close();
    criterion = null; // its classes are the part's
  }

  /** Logits at the size of the labels, each brought there when it is first asked for. */
  private static final class Enlarged extends AbstractList<NDArray> {
    /**
     * Largest side of logits that a processor enlarges by matrix products. With cross entropy, and
     * forward and backward, they take half of the time of the engine's kernel for 6x8 to 180x240,
     * and four fifths for 90x120 to 720x960.
     */
    private static final long SMALL = 128;

    private final List<NDArray> logits;
    private final NDArray[] enlarged;
    private final long height;
    private final long width;
    private final boolean gpu;
    private final boolean deterministic = EngineFlags.isDeterministic();

    Enlarged(List<NDArray> logits, Shape label, boolean gpu) {
      this.logits = logits;
      this.enlarged = new NDArray[logits.size()];
      this.height = label.get(1);
      this.width = label.get(2);
      this.gpu = gpu;
    }

    @Override
    public NDArray get(int index) {
      if (enlarged[index] == null) {
        NDArray x = logits.get(index);
        enlarged[index] =
            byProducts(x.getShape())
                ? Functional.interpolateByProducts(x, height, width)
                : Functional.interpolate(x, height, width);
      }
      return enlarged[index];
    }

    private boolean byProducts(Shape shape) {
      // CUDA's kernel adds gradients up in an order that changes from run to run.
      return deterministic || !gpu && Math.max(shape.get(2), shape.get(3)) <= SMALL;
    }

    @Override
    public int size() {
      return enlarged.length;
    }
  }
}
