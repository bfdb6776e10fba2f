package org.riglab.evaluation.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Cost;
import org.riglab.api.metric.Metric.Against;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Scorers.Result;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.inference.AnytimePasses;

/**
 * Scores of one network per iteration, in the making. Where an image has fewer predictions than
 * another, its last one is carried forward: every iteration is scored over the same images.
 */
final class Scored {
  private final SessionModel model;
  private final AnytimePasses passes;
  private final LeasedMetrics metrics;
  private final ImageScores perImage;
  private final List<List<LeasedMetrics.Score>> scores = new ArrayList<>();

  /** Each image against its own answer, as an iteration that changes nothing would be scored. */
  private List<LeasedMetrics.Score> unchanged = List.of();

  private final List<Integer> used = new ArrayList<>();
  private final List<Double> milliseconds = new ArrayList<>();
  private final List<Integer> timings = new ArrayList<>();
  private final List<Double> multiplyAdds = new ArrayList<>();
  private double computed;
  private boolean countable = true;
  private long nanos;

  /**
   * @param perImage counts every image; null for none
   * @param outputs see {@link SessionModel}
   */
  Scored(
      Session session,
      MultiScaleInputs inputs,
      AnytimePasses passes,
      LeasedMetrics metrics,
      ImageScores perImage,
      int outputs) {
    this.perImage = perImage;
    this.model = new SessionModel(session, inputs, passes, outputs);
    this.passes = passes;
    this.metrics = metrics;
  }

  SessionModel model() {
    return model;
  }

  /** Whether images must come one by one. */
  boolean single() {
    return passes.single() || model.session().stopsEarly();
  }

  void took(long more) {
    nanos += more;
  }

  /**
   * Adds the labels of each prediction of a batch.
   *
   * @param ids of its images
   */
  void add(NDList labels, Batch batch, NDArray images, IntFunction<String> ids) {
    for (int i = 0; i < batch.size(); i++) {
      used.add(labels.size());
    }
    grow(labels.size());
    NDList maps = new NDList(labels);
    while (maps.size() < scores.size()) {
      maps.add(labels.get(labels.size() - 1));
    }
    // counting on the CPU by NDArray operations is a hundred times slower than a loop
    if (images.getDevice().isGpu()) {
      addOnDevice(maps, batch, images.getManager(), scores, unchanged);
    } else {
      addOnHost(maps, batch);
    }
    if (perImage != null) {
      byte[] answers = labels.get(labels.size() - 1).toByteArray();
      int pixels = answers.length / batch.size();
      for (int i = 0; i < batch.size(); i++) {
        byte[] answer = Arrays.copyOfRange(answers, i * pixels, (i + 1) * pixels);
        perImage.add(ids.apply(i), answer, batch.label(i));
      }
    }
    if (passes.single()) {
      addCost(labels.size(), images);
    }
  }

  /** Makes room for as many predictions; earlier images have no more than they had. */
  private void grow(int predictions) {
    boolean first = scores.isEmpty();
    while (scores.size() < predictions) {
      List<LeasedMetrics.Score> next = metrics.scores();
      if (!first) {
        List<LeasedMetrics.Score> last = scores.get(scores.size() - 1);
        for (int m = 0; m < next.size(); m++) {
          boolean label = next.get(m).against() == Against.LABEL;
          next.get(m).accumulator().merge((label ? last : unchanged).get(m).accumulator());
        }
      }
      scores.add(next);
    }
    if (first && scores.get(0).stream().anyMatch(s -> s.against() == Against.PREVIOUS_ITERATION)) {
      unchanged = metrics.scores();
    }
  }

  private void addOnHost(NDList maps, Batch batch) {
    int height = batch.labelHeight();
    int width = batch.labelWidth();
    int pixels = height * width;
    List<byte[]> bytes = maps.stream().map(NDArray::toByteArray).toList();
    for (int i = 0; i < batch.size(); i++) {
      byte[] truth = batch.label(i);
      byte[] before = null;
      for (int t = 0; t < maps.size(); t++) {
        byte[] prediction = Arrays.copyOfRange(bytes.get(t), i * pixels, (i + 1) * pixels);
        for (LeasedMetrics.Score score : scores.get(t)) {
          byte[] label = score.against() == Against.LABEL ? truth : before;
          if (label != null) {
            score.accumulator().add(prediction, label, height, width);
          }
        }
        before = prediction;
      }
      for (LeasedMetrics.Score score : unchanged) {
        if (score.against() == Against.PREVIOUS_ITERATION) {
          score.accumulator().add(before, before, height, width);
        }
      }
    }
  }

  /**
   * Adds maps that are on a device.
   *
   * @param maps per prediction (N, H, W)
   * @param unchanged see {@link #unchanged}
   */
  static void addOnDevice(
      NDList maps,
      Batch batch,
      NDManager manager,
      List<List<LeasedMetrics.Score>> scores,
      List<LeasedMetrics.Score> unchanged) {
    Shape shape = new Shape(batch.size(), batch.labelHeight(), batch.labelWidth());
    NDArray truth = manager.create(batch.labels(), shape, DataType.UINT8);
    for (int t = 0; t < maps.size(); t++) {
      for (LeasedMetrics.Score score : scores.get(t)) {
        if (score.against() == Against.LABEL) {
          score.accumulator().add(maps.get(t), truth);
        } else if (t > 0) {
          score.accumulator().add(maps.get(t), maps.get(t - 1));
        }
      }
    }
    NDArray answer = maps.get(maps.size() - 1);
    for (LeasedMetrics.Score score : unchanged) {
      if (score.against() == Against.PREVIOUS_ITERATION) {
        score.accumulator().add(answer, answer);
      }
    }
  }

  private void addCost(int predictions, NDArray images) {
    List<Double> times = passes.milliseconds();
    for (int t = 0; t < times.size(); t++) {
      if (milliseconds.size() == t) {
        milliseconds.add(0.0);
        timings.add(0);
      }
      milliseconds.set(t, milliseconds.get(t) + times.get(t));
      timings.set(t, timings.get(t) + 1);
    }
    try {
      List<Long> costs = countable ? passes.multiplyAdds(model.session(), images) : List.<Long>of();
      for (int t = 0; t < costs.size(); t++) {
        if (multiplyAdds.size() == t) {
          multiplyAdds.add(0.0);
        }
        multiplyAdds.set(t, multiplyAdds.get(t) + costs.get(t));
      }
      computed += costs.isEmpty() ? Double.NaN : costs.get(Math.min(predictions, costs.size()) - 1);
    } catch (RigException e) {
      countable = false; // a part that cannot be traced: scores and times are measured all the same
      multiplyAdds.clear();
      computed = Double.NaN;
    }
  }

  /**
   * @param images their number
   * @return the scores so far; images per second without reading them
   */
  Result result(int images) {
    return new Result(
        scores.stream().map(LeasedMetrics::joined).toList(),
        images,
        images * 1e9 / nanos,
        new Cost(
            List.copyOf(used),
            multiplyAdds.stream().map(sum -> sum / images).toList(),
            multiplyAdds.isEmpty() ? Double.NaN : computed / images,
            IntStream.range(0, timings.size())
                .mapToObj(t -> milliseconds.get(t) / timings.get(t))
                .toList()),
        perImage == null ? List.of() : perImage.images());
  }
}
