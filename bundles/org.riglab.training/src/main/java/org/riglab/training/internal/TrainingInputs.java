package org.riglab.training.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.TrainSpec.Budget;
import org.riglab.api.data.ClassTable;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Scores;
import org.riglab.networks.Scorers;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Normalization;

/** What a run learns from and is validated on, through leased parts. */
final class TrainingInputs implements Inputs, AutoCloseable {
  private static final PartSpec METRIC = PartSpec.of("confusion");
  private static final List<PartSpec> METRICS = List.of(METRIC);

  private final PartAccess access;
  private final Optional<Scorers> scorers;
  private final TrainSpec spec;
  private final Normalization normalization;
  private final boolean raw;
  private TrainingData data;
  private LeasedTransforms transforms;

  /**
   * Opens the data.
   *
   * @param access to the parts
   * @param scorers score the validation split; empty without an evaluator
   * @param spec of the training
   * @param raw whether batches are bytes that the device normalises
   * @throws RigException if there is no such data set, directory, split or transform
   */
  TrainingInputs(PartAccess access, Optional<Scorers> scorers, TrainSpec spec, boolean raw) {
    this.raw = raw;
    this.access = access;
    this.scorers = scorers;
    this.spec = spec;
    this.normalization =
        new Normalization(
            spec.data().channels(),
            spec.data().pixelRange(),
            spec.data().mean(),
            spec.data().std());
    open();
  }

  private void open() {
    TrainingData opened = new TrainingData(access, spec.data());
    boolean complete = false;
    try {
      if (opened.validates() && scorers.isEmpty()) {
        throw new RigException(
            Kind.UNAVAILABLE,
            "validation requires the bundle org.riglab.evaluation, which is not installed; use"
                + " --val-split none");
      }
      List<Integer> size = spec.transforms().size();
      transforms =
          new LeasedTransforms(access, spec.transforms().transforms(), size.get(0), size.get(1));
      data = opened;
      complete = true;
    } finally {
      if (!complete) {
        opened.close();
      }
    }
  }

  TrainingData data() {
    return data;
  }

  @Override
  public List<PartInfo> parts() {
    return transforms.parts();
  }

  Normalization normalization() {
    return normalization;
  }

  /** How long the run is. */
  Length length() {
    Budget budget = spec.budget();
    return new Length(
        TrainingBatches.perEpoch(data.train().size(), budget.batch()),
        budget.accumulation(),
        budget.epochs(),
        budget.steps());
  }

  @Override
  public Feed feed(long step) {
    List<Integer> size = spec.transforms().size();
    Augmentation augmentation =
        new Augmentation(size.get(0), size.get(1), transforms.steps(), normalization);
    TrainingBatches batches =
        new TrainingBatches(
            data.train(),
            spec.budget().batch(),
            augmentation,
            spec.budget().seed(),
            spec.engine().workers(),
            step * spec.budget().accumulation(),
            raw);
    return new Feed() {
      @Override
      public Batch next() {
        return batches.next();
      }

      @Override
      public long waitedNanos() {
        return batches.waitedNanos();
      }

      @Override
      public void close() {
        batches.close();
      }
    };
  }

  @Override
  public boolean validates() {
    return data.validates();
  }

  /**
   * @param text see {@link Monitor#of}
   * @param predictions of the network
   * @return the score
   * @throws RigException INVALID if validation does not bring it
   */
  Monitor monitor(String text, int predictions) {
    if (!validates()) {
      return new Monitor(text, -1, 0, false);
    }
    try (Lease<Metric> lease = access.lease(Metric.class, METRIC)) {
      Scores empty =
          lease
              .service()
              .accumulator(data.classes().size(), access.options(lease, METRIC))
              .result();
      List<String> classes = data.classes().entries().stream().map(ClassTable.Entry::name).toList();
      return Monitor.of(text, empty, classes, predictions);
    }
  }

  @Override
  public Evaluation validate(Session session, Observer observer) {
    Inference plain = Inference.PLAIN;
    Inference inference =
        new Inference(
            plain.scales(),
            plain.flip(),
            plain.window(),
            plain.overlap(),
            spec.data().inputScales());
    try (Scorers.Scorer scorer =
        scorers.orElseThrow().scorer(METRICS, data.classes().size(), inference, access.user())) {
      Scorers.Result result =
          scorer.score(
              session,
              data.val(),
              List.of(),
              spec.data().valLimit(),
              normalization,
              observer,
              () -> {});
      List<PartInfo> parts = new ArrayList<>(session.parts());
      parts.add(data.part());
      parts.addAll(scorer.parts());
      return new Evaluation(
          evalSpec(inference),
          session.spec(),
          parts,
          data.val().fingerprint(),
          data.classes(),
          result.images(),
          result.iterations(),
          result.imagesPerSecond(),
          result.cost(),
          result.perImage());
    }
  }

  private EvalSpec evalSpec(Inference inference) {
    return new EvalSpec(
        spec.network(),
        spec.data().dataset(),
        spec.data().data(),
        data.valName(),
        spec.data().valLimit(),
        spec.data().resize(),
        EvalSpec.Scoring.WARPED,
        inference.scales(),
        inference.flip(),
        inference.window(),
        inference.overlap(),
        inference.inputScales(),
        0,
        0,
        0,
        "",
        false,
        false,
        METRICS,
        spec.engine().threads(),
        spec.engine().execution(),
        spec.engine().precision(),
        spec.engine().device());
  }

  @Override
  public boolean stale() {
    return data.stale() || transforms.stale();
  }

  @Override
  public void renew() {
    Map<String, Object> before = data.identity();
    close();
    open();
    data.requireSame(before);
  }

  @Override
  public void close() {
    transforms.close();
    data.close();
  }
}
