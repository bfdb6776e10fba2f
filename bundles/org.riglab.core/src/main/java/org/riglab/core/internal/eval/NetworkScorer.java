package org.riglab.core.internal.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Part;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Scores;
import org.riglab.core.internal.data.Batch;
import org.riglab.core.internal.data.EvaluationBatches;
import org.riglab.core.internal.data.Normalization;
import org.riglab.core.internal.engine.Torch;
import org.riglab.core.internal.network.Session;
import org.riglab.nn.Functional;

/** Runs a network over a split and scores the predictions of every iteration. */
public final class NetworkScorer implements AutoCloseable {
  private static final int WORKERS = 2;

  /** Pixels in a batch: small images gain by company, large ones need the memory. */
  private static final int BATCH_PIXELS = 1 << 18;

  private static final int MOST_IMAGES = 16;

  private final List<Lease<Metric>> metrics = new ArrayList<>();
  private final Registry registry;
  private final int classes;

  /**
   * What came of it.
   *
   * @param iterations scores per prediction, in the order of iterations
   * @param images how many
   * @param imagesPerSecond over all images
   */
  public record Result(List<Scores> iterations, int images, double imagesPerSecond) {}

  /**
   * @param registry where metrics are found
   * @param names of the metrics
   * @param classes labels 0 to classes-1 count
   * @param user who asks
   * @throws RigException if there is no such metric
   */
  public NetworkScorer(Registry registry, List<String> names, int classes, String user) {
    this.registry = registry;
    this.classes = classes;
    boolean complete = false;
    try {
      for (String name : names) {
        metrics.add(registry.lease(Metric.class, name, user));
      }
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /**
   * @return the metrics in use
   */
  public List<Part> parts() {
    return metrics.stream().map(Lease::part).toList();
  }

  /**
   * Scores a network on images of any size, one by one or, where neighbours have one size, several
   * at a time.
   *
   * @param session the network
   * @param split where from
   * @param limit the first so many images only; 0 for all
   * @param normalization of the pixels
   * @param observer counts images
   * @return the scores
   * @throws RigException if an image cannot be read, a part misbehaves or logits are NaN
   */
  public Result score(
      Session session, Split split, int limit, Normalization normalization, Observer observer) {
    if (split.size() == 0) {
      throw new RigException("there are no images to evaluate on");
    }
    Sample first = split.sample(0);
    int batch = BATCH_PIXELS / Math.max(1, first.height() * first.width());
    List<List<Accumulator>> accumulators = new ArrayList<>();
    long start = System.nanoTime();
    int done = 0;
    try (EvaluationBatches batches =
            new EvaluationBatches(
                split, limit, Math.min(MOST_IMAGES, Math.max(1, batch)), normalization, WORKERS);
        NDManager manager = Torch.newManager(session.manager().getDevice())) {
      while (batches.hasNext()) {
        try (Batch next = batches.next()) {
          Torch.withoutGrad(
              () -> {
                score(session, next, manager, accumulators);
                return null;
              });
          done += next.size();
        }
        observer.image(done, batches.images());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Result(
        accumulators.stream().map(NetworkScorer::joined).toList(), done, done / seconds);
  }

  private void score(
      Session session, Batch batch, NDManager manager, List<List<Accumulator>> accumulators) {
    try (NDManager sub = manager.newSubManager()) {
      Shape shape = new Shape(batch.size(), 3, batch.height(), batch.width());
      NDList logits = session.forward(sub.create(batch.images(), shape, DataType.FLOAT32), false);
      for (int t = 0; t < logits.size(); t++) {
        if (accumulators.size() == t) {
          accumulators.add(accumulators());
        }
        byte[] labels = labels(logits.get(t), t, batch);
        int pixels = batch.height() * batch.width();
        for (int i = 0; i < batch.size(); i++) {
          byte[] prediction = new byte[pixels];
          System.arraycopy(labels, i * pixels, prediction, 0, pixels);
          byte[] label = batch.label(i);
          for (Accumulator accumulator : accumulators.get(t)) {
            accumulator.add(prediction, label, batch.height(), batch.width());
          }
        }
      }
    } finally {
      session.sweep();
    }
  }

  /** Closes what it makes at once: maps at the size of the image are the largest of all. */
  private static byte[] labels(NDArray logits, int t, Batch batch) {
    try (NDArray sum = logits.sum()) {
      if (Float.isNaN(sum.getFloat())) {
        throw new RigException(
            "the logits of prediction %d are not finite: the network has diverged, or a part is broken"
                .formatted(t + 1));
      }
    }
    try (NDArray upsampled = Functional.interpolate(logits, batch.height(), batch.width());
        NDArray best = upsampled.argMax(1);
        NDArray bytes = best.toType(DataType.UINT8, true)) {
      return bytes.toByteArray();
    }
  }

  private List<Accumulator> accumulators() {
    return metrics.stream()
        .map(
            lease ->
                lease
                    .service()
                    .accumulator(
                        classes,
                        registry.options(
                            "metric " + lease.part().name(), lease.service(), Map.of())))
        .toList();
  }

  private static Scores joined(List<Accumulator> accumulators) {
    Map<String, Double> values = new LinkedHashMap<>();
    Map<String, List<Double>> perClass = new LinkedHashMap<>();
    List<List<Long>> confusion = List.of();
    for (Accumulator accumulator : accumulators) {
      Scores scores = accumulator.result();
      scores.values().forEach(values::putIfAbsent);
      scores.perClass().forEach(perClass::putIfAbsent);
      if (confusion.isEmpty()) {
        confusion = scores.confusion();
      }
    }
    return new Scores(values, perClass, confusion);
  }

  @Override
  public void close() {
    metrics.forEach(Lease::close);
  }
}
