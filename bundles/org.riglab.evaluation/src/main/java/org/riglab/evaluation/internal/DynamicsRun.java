package org.riglab.evaluation.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.riglab.api.bench.Inspection;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.base.Interrupts;
import org.riglab.networks.FeedbackFilter;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Labels;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.Anderson;
import org.riglab.networks.inference.PowerIteration;

/** Iterates a network on one image, far beyond its training. */
final class DynamicsRun {
  /** Iterations of a run, and before the spectral radius is measured. */
  private static final int ITERATIONS = 24;

  private static final int ESTIMATES = 12;

  private final Session session;
  private final Sample sample;

  DynamicsRun(Session session, Sample sample) {
    this.session = session;
    this.sample = sample;
  }

  /** Change and accuracy per iteration. */
  private record Course(List<Double> residuals, List<Double> accuracies) {}

  Inspection.Dynamics dynamics(String id) {
    Course plain = run(ITERATIONS, Optional.empty());
    Course anderson = run(ITERATIONS, Optional.of(new Anderson()));
    PowerIteration power = new PowerIteration(ITERATIONS);
    run(PowerIteration.iterations(ITERATIONS, ESTIMATES), Optional.of(power));
    return new Inspection.Dynamics(
        id,
        plain.residuals,
        anderson.residuals,
        plain.accuracies,
        anderson.accuracies,
        power.estimates());
  }

  private Course run(int iterations, Optional<FeedbackFilter> filter) {
    Interrupts.check();
    Course course = new Course(new ArrayList<>(), new ArrayList<>());
    try (NDManager manager = Torch.newManager(session.manager().getDevice())) {
      float[] planes = new float[3 * sample.height() * sample.width()];
      session.trainedOn().normalization().write(sample.image(), FloatBuffer.wrap(planes), 0);
      NDArray image = manager.create(planes, new Shape(1, 3, sample.height(), sample.width()));
      NDList logits = session.forward(image, new PassLength(iterations, Optional.empty(), filter));
      float[] before = null;
      for (NDArray prediction : logits) {
        float[] now = prediction.toFloatArray();
        course.residuals.add(before == null ? Double.NaN : MapPictures.residual(before, now));
        try (NDArray labels = Labels.of(prediction, sample.height(), sample.width())) {
          course.accuracies.add(accuracy(labels.toByteArray()));
        }
        before = now;
      }
    } finally {
      session.sweep();
    }
    return course;
  }

  private double accuracy(byte[] labels) {
    int right = 0;
    int all = 0;
    for (int i = 0; i < labels.length; i++) {
      if ((sample.label()[i] & 0xff) != Dataset.VOID) {
        all++;
        right += labels[i] == sample.label()[i] ? 1 : 0;
      }
    }
    return right / (double) all;
  }
}
