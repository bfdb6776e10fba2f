package org.riglab.training.internal;

import ai.djl.Device;
import java.util.List;
import java.util.Optional;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.training.LossShape;
import org.riglab.losses.internal.CoarseToFine;
import org.riglab.losses.internal.CrossEntropyLoss;
import org.riglab.networks.Session;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.NoiseRegistry;
import org.riglab.transforms.internal.Crop;
import org.riglab.transforms.internal.Flip;
import org.riglab.transforms.internal.Scale;

/** The losses and transforms that trainings take where nobody says otherwise. */
final class BuiltInParts {
  private BuiltInParts() {}

  static <R extends FakeRegistry> R in(R registry) {
    registry.put("cross-entropy", new CrossEntropyLoss());
    registry.put("coarse-to-fine", new CoarseToFine());
    registry.put("scale", new Scale());
    registry.put("crop", new Crop());
    registry.put("flip", new Flip());
    return registry;
  }

  static NoiseRegistry noise(int height, int width) {
    return in(new NoiseRegistry(new NoiseRegistry.Noise(height, width)));
  }

  /** Does the steps of a training of a network that makes some number of predictions. */
  static Stepper stepper(Session session, TrainSpec spec, int predictions) {
    return stepper(session, spec, predictions, 0, Optional.empty());
  }

  /** As above, waiting for the device now and then, with a compiled loss where there is one. */
  static Stepper stepper(
      Session session, TrainSpec spec, int predictions, int every, Optional<Compiler> compiler) {
    FakeRegistry registry = in(new FakeRegistry());
    LossShape shape =
        new LossShape(
            new ClassTable(List.of()), predictions, List.of(), spec.objective().iterationWeights());
    LeasedLoss loss =
        new LeasedLoss(new PartAccess(registry, registry, "test"), spec.objective().loss(), shape);
    return new Stepper(
        session,
        spec,
        spec.budget().steps(),
        new Objective(loss, compiler, line -> {}),
        Device.cpu(),
        every);
  }
}
