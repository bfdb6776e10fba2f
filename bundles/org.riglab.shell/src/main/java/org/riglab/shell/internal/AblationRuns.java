package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImageScore;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.base.EvaluationJson;
import org.riglab.base.Json;
import org.riglab.base.Names;

/**
 * The runs of a table in the queue: a training and, after it, an evaluation for each network. What
 * is there already is used.
 */
final class AblationRuns {
  private static final int MOST = 1000;
  private static final int POINTS = 2000;
  private static final String LOSS = "loss";

  private final Lab lab;

  AblationRuns(Lab lab) {
    this.lab = lab;
  }

  /**
   * The runs of one network.
   *
   * @param train its training
   * @param eval evaluates it
   */
  record Pair(Run train, Run eval) {}

  /**
   * Finds the runs of a network, or puts them into the queue; failed and cancelled ones go on.
   *
   * @param title for display
   * @param network is there
   * @param training options
   * @param evaluation options
   */
  Pair queue(
      String title, String network, Map<String, Object> training, Map<String, Object> evaluation) {
    List<Run> runs = of(network);
    Optional<Run> trained = trained(runs, training);
    Run train =
        trained.isPresent()
            ? again(trained.get())
            : submit(Run.Kind.TRAIN, title, network, training, List.of());
    Map<String, Object> options = new LinkedHashMap<>(evaluation);
    options.put("per_image", true);
    Optional<Run> evaluated = evaluated(runs, train);
    Run eval =
        evaluated.isPresent()
            ? again(evaluated.get())
            : submit(Run.Kind.EVAL, title, network, options, List.of(train.id()));
    return new Pair(train, eval);
  }

  /**
   * @param network of a cell
   * @param training options
   * @return its runs; empty until the evaluation is done
   */
  Optional<Pair> done(String network, Map<String, Object> training) {
    List<Run> runs = of(network);
    return trained(runs, training)
        .flatMap(train -> evaluated(runs, train).map(eval -> new Pair(train, eval)))
        .filter(pair -> pair.eval().state() == Run.State.DONE);
  }

  private List<Run> of(String network) {
    return lab.list(new Lab.Query(Set.of(), Set.of(), network, 0, 0, MOST)).runs().stream()
        .filter(run -> run.network().equals(network))
        .toList();
  }

  private static Optional<Run> trained(List<Run> runs, Map<String, Object> training) {
    Optional<Run> trained =
        runs.stream()
            .filter(run -> run.kind() == Run.Kind.TRAIN && run.replayOf() == 0)
            .findFirst();
    trained.ifPresent(run -> agree(run, training));
    return trained;
  }

  private static Optional<Run> evaluated(List<Run> runs, Run train) {
    return runs.stream()
        .filter(run -> run.kind() == Run.Kind.EVAL && run.after().contains(train.id()))
        .findFirst();
  }

  private Run again(Run run) {
    return run.state() == Run.State.FAILED || run.state() == Run.State.CANCELLED
        ? lab.retry(run.id())
        : run;
  }

  private Run submit(
      Run.Kind kind, String title, String network, Map<String, Object> options, List<Long> after) {
    return lab.submit(
            new Request(kind, title, network, Map.of(), options, Map.of(), List.of(), 0, after))
        .get(0);
  }

  /** A training with other numbers is another cell of another table. */
  private static void agree(Run run, Map<String, Object> wanted) {
    wanted.forEach(
        (option, value) -> {
          Object there = run.spec().get(option);
          if (there instanceof Number number
              && value != null
              && !same(number, String.valueOf(value))) {
            throw new RigException(
                RigException.Kind.CONFLICT,
                "run %d trains %s with %s = %s, the table wants %s: discard the network, or use"
                        .formatted(run.id(), run.network(), option, there, value)
                    + " another --home");
          }
        });
  }

  private static boolean same(Number there, String wanted) {
    try {
      return there.doubleValue() == Double.parseDouble(wanted);
    } catch (NumberFormatException e) {
      return true; // an option that may be a word, too
    }
  }

  /**
   * Waits for both runs of a network.
   *
   * @throws RigException if one did not finish
   */
  void await(Pair pair, Terminal terminal) {
    for (Run run : List.of(pair.train(), pair.eval())) {
      Run ended = run;
      if (run.state() != Run.State.DONE) {
        try (Waiting waiting = new Waiting(terminal)) {
          ended = lab.await(run.id(), waiting);
        }
      }
      if (ended.state() != Run.State.DONE) {
        throw new RigException(
            Waiting.failure(ended),
            Text.format(
                "run %d of %s is %s%s; run the same command again to continue",
                ended.id(),
                ended.network(),
                Names.writtenChoice(ended.state()),
                ended.error().isEmpty() ? "" : " (" + ended.error() + ")"));
      }
    }
  }

  /**
   * What an evaluation found.
   *
   * @param iterations scores per iteration
   * @param images counts of every image
   */
  record Found(List<Map<String, Object>> iterations, List<ImageScore> images) {}

  Found found(Pair pair) {
    Map<String, Object> json = Json.read(lab.file(pair.eval().id(), EvaluationJson.FILE));
    List<Map<String, Object>> iterations = new ArrayList<>();
    for (Object item : list(json.get("iterations"))) {
      Map<String, Object> scores = object(item);
      scores.put("perClass", scores.remove("per_class"));
      iterations.add(scores);
    }
    List<ImageScore> images = new ArrayList<>();
    for (Object item : list(json.get("perImage"))) {
      Map<String, Object> image = object(item);
      images.add(
          new ImageScore(
              String.valueOf(image.get("id")),
              longs(image.get("correct")),
              longs(image.get("predicted")),
              longs(image.get("labelled"))));
    }
    return new Found(iterations, images);
  }

  private static List<?> list(Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  private static Map<String, Object> object(Object value) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> object.put(String.valueOf(key), item));
    }
    return object;
  }

  private static List<Long> longs(Object value) {
    return list(value).stream().map(number -> ((Number) number).longValue()).toList();
  }

  /** First and last loss of a training; NaN if it has none. */
  double[] losses(Pair pair) {
    if (!lab.metrics(pair.train().id()).contains(LOSS)) {
      return new double[] {Double.NaN, Double.NaN};
    }
    List<Curve.Bucket> points = lab.curve(pair.train().id(), LOSS, POINTS).points();
    return points.isEmpty()
        ? new double[] {Double.NaN, Double.NaN}
        : new double[] {points.get(0).mean(), points.get(points.size() - 1).mean()};
  }
}
