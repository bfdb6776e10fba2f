package org.riglab.training.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.training.Transform;
import org.riglab.parts.PartCalls;
import org.riglab.training.internal.Augmentation.Step;

/** The transforms of a training, and the leases on their parts. */
final class LeasedTransforms implements AutoCloseable {
  private final PartAccess access;
  private final List<Lease<Transform>> leases = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  /**
   * @param access to the parts
   * @param specs the transforms in order
   * @param height H in pixels of what the network is trained on
   * @param width W in pixels of the same
   * @throws RigException if there is no such transform, or an option is wrong; nothing stays leased
   */
  LeasedTransforms(PartAccess access, List<PartSpec> specs, int height, int width) {
    this.access = access;
    boolean done = false;
    try {
      specs.forEach(spec -> add(spec, height, width));
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private void add(PartSpec spec, int height, int width) {
    Lease<Transform> lease = access.lease(Transform.class, spec);
    leases.add(lease);
    Options options = access.options(lease, spec);
    PartInfo part = lease.part();
    String title = PartCalls.describe(part);
    Transform.Augmentation made =
        PartCalls.guarded(part, "", () -> lease.service().create(height, width, options));
    if (made == null) {
      throw new RigException(Kind.PART_FAILED, title + " created nothing");
    }
    Transform.Augmentation guarded =
        (picture, random) ->
            access.step(
                List.of(lease),
                () -> PartCalls.guarded(part, "", () -> made.apply(picture, random)));
    steps.add(new Step(spec.name(), title, guarded));
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  List<PartInfo> parts() {
    return leases.stream().<PartInfo>map(Lease::part).toList();
  }

  /**
   * @return whether a part is about to go, or gone
   */
  boolean stale() {
    return leases.stream().anyMatch(lease -> lease.retiring() || lease.revoked());
  }

  @Override
  public void close() {
    leases.forEach(Lease::close);
    leases.clear();
    steps.clear();
  }
}
