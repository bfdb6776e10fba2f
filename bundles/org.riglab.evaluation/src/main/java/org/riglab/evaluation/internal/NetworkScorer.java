package org.riglab.evaluation.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.Split;
import org.riglab.base.Interrupts;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Scorers;
import org.riglab.networks.Scorers.Result;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.Segmenter;

/** Runs a network over a split and scores the predictions of every iteration. */
final class NetworkScorer implements Scorers.Scorer {
  private static final int WORKERS = 2;

  /** Pixels in a batch: small images gain by company, large ones need the memory. */
  private static final int BATCH_PIXELS = 1 << 18;

  private static final int MOST_IMAGES = 16;
  private static final byte[] NOTHING = {};

  private final LeasedMetrics metrics;
  private final Inference inference;
  private final MultiScaleInputs inputs;
  private final Segmenter segmenter;
  private final boolean timed;
  private final boolean perImage;
  private final int classes;
  private final boolean ignoreExtra;

  /**
   * @param registry where metrics are found
   * @param metrics and their options
   * @param classes labels 0 to classes-1 count
   * @param inference how images are run through the network; without input scales, at the image's
   *     own size only
   * @param timed whether the cost of each prediction is measured
   * @param perImage whether the counts of every image are kept
   * @param ignoreExtra whether further outputs of the network are left out; otherwise their
   *     predictions are no class
   * @param user who asks
   * @throws RigException if there is no such metric, or an option is wrong
   */
  NetworkScorer(
      Registry registry,
      List<PartSpec> metrics,
      int classes,
      Inference inference,
      boolean timed,
      boolean perImage,
      boolean ignoreExtra,
      String user) {
    this.timed = timed;
    this.perImage = perImage;
    this.ignoreExtra = ignoreExtra;
    this.classes = classes;
    this.inference = inference;
    this.inputs = MultiScaleInputs.of(inference.inputScales());
    this.segmenter = new Segmenter(inference);
    this.metrics = LeasedMetrics.lease(registry, metrics, classes, user);
  }

  @Override
  public List<PartInfo> parts() {
    return metrics.parts();
  }

  @Override
  public Result score(
      Session session,
      Split split,
      List<Integer> imageSize,
      int limit,
      Normalization normalization,
      Observer observer,
      Runnable between) {
    long start = System.nanoTime();
    Result result =
        score(
                List.of(session),
                split,
                imageSize,
                limit,
                normalization,
                observer,
                Optional.empty(),
                between)
            .get(0);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Result(
        result.iterations(),
        result.images(),
        result.images() / seconds,
        result.cost(),
        result.perImage());
  }

  /**
   * Scores two networks, each batch by one after the other, or one alone.
   *
   * @param sessions one or two networks
   * @param differences of two networks' answers
   * @return one for each; images per second without reading them
   */
  List<Result> score(
      List<Session> sessions,
      Split split,
      List<Integer> imageSize,
      int limit,
      Normalization normalization,
      Observer observer,
      Optional<Differences> differences,
      Runnable between) {
    if (split.size() == 0) {
      throw new RigException("there are no images to evaluate on");
    }
    List<Scored> scored = sessions.stream().map(s -> scored(s)).toList();
    int done = 0;
    try (EvaluationBatches batches =
            new EvaluationBatches(
                split,
                limit,
                scored.stream().anyMatch(Scored::single) ? 1 : MOST_IMAGES,
                BATCH_PIXELS / enlarged(),
                imageSize,
                normalization,
                WORKERS);
        NDManager manager = Torch.newManager(sessions.get(0).manager().getDevice())) {
      while (batches.hasNext()) {
        try (Batch next = batches.next()) {
          List<byte[]> answers = new ArrayList<>();
          int before = done;
          for (Scored one : scored) {
            Consumer<NDList> show = maps -> show(maps, next, before, batches.images(), observer);
            answers.add(
                Torch.withoutGrad(
                    () -> score(one, next, split, before, manager, differences.isPresent(), show)));
          }
          differences.ifPresent(d -> add(d, split, before, next, answers));
          done += next.size();
        }
        observer.image(done, batches.images());
        if (batches.hasNext()) {
          Interrupts.check();
        }
        between.run();
      }
    }
    int images = done;
    return scored.stream().map(s -> s.result(images)).toList();
  }

  private static void add(
      Differences differences, Split split, int before, Batch batch, List<byte[]> answers) {
    int pixels = batch.labelHeight() * batch.labelWidth();
    for (int i = 0; i < batch.size(); i++) {
      differences.add(
          split.id(before + i),
          batch.label(i),
          Arrays.copyOfRange(answers.get(0), i * pixels, (i + 1) * pixels),
          Arrays.copyOfRange(answers.get(1), i * pixels, (i + 1) * pixels));
    }
  }

  /** Shows an observer the predictions that it wants. */
  private static void show(NDList maps, Batch batch, int before, int images, Observer observer) {
    for (int i = 0; i < batch.size(); i++) {
      if (observer.wants(before + i, images)) {
        int image = i;
        observer.predicted(
            new Observer.Predicted(
                before + i,
                batch.labelHeight(),
                batch.labelWidth(),
                batch.label(i),
                maps.stream().map(map -> map.get(image).toByteArray()).toList()));
      }
    }
  }

  /** How many times more pixels the largest scale has than the image. */
  private double enlarged() {
    double scale = inference.scales().stream().mapToDouble(s -> s).max().orElseThrow();
    return Math.max(1, scale * scale);
  }

  private Scored scored(Session session) {
    AnytimePasses passes = new AnytimePasses(inference, inputs, timed);
    ImageScores images = perImage ? new ImageScores(classes) : null;
    boolean fewer = ignoreExtra && session.spec().classes() > classes;
    return new Scored(session, inputs, passes, metrics, images, fewer ? classes : 0);
  }

  /** Returns the answers' labels, if they are asked for. */
  private byte[] score(
      Scored scored,
      Batch batch,
      Split split,
      int first,
      NDManager manager,
      boolean answers,
      Consumer<NDList> show) {
    SessionModel model = scored.model();
    long start = System.nanoTime();
    try (NDManager sub = manager.newSubManager()) {
      Shape shape = new Shape(batch.size(), 3, batch.height(), batch.width());
      NDArray images = sub.create(batch.images(), shape, DataType.FLOAT32);
      Shape input = new Shape(batch.height(), batch.width());
      Shape answer = new Shape(batch.labelHeight(), batch.labelWidth());
      segmenter
          .need(model.session().spec(), batch.size(), input, answer)
          .require(sub.getDevice(), segmenter.advice(input, answer, "a smaller --resize"));
      NDList maps = segmenter.labels(model, images, batch.labelHeight(), batch.labelWidth());
      scored.add(maps, batch, images, i -> split.id(first + i));
      show.accept(maps);
      return answers ? maps.get(maps.size() - 1).toByteArray() : NOTHING;
    } finally {
      scored.took(System.nanoTime() - start);
      model.session().sweep();
    }
  }

  @Override
  public void close() {
    metrics.close();
  }
}
