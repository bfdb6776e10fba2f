package org.riglab.evaluation.internal;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.EvalSpec.Scoring;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.SideBySide;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Scores;
import org.riglab.base.Names;
import org.riglab.networks.Scorers;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.ClassWeights;
import org.riglab.networks.data.DataCheck;
import org.riglab.networks.data.LabelCounts;
import org.riglab.networks.data.LeasedImages;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.PixelStatistics;
import org.riglab.networks.data.ResizedSplit;
import org.riglab.networks.engine.DeviceMemory;
import org.riglab.networks.engine.Torch;

/** Evaluates networks and label maps, and checks data. */
@Component
public final class EvaluatorService implements Evaluator, Scorers {
  private static final String USER = "evaluation";

  private final Registry registry;
  private final Sessions sessions;

  /** For declarative services. */
  @Activate
  public EvaluatorService(@Reference Registry registry, @Reference Sessions sessions) {
    this.registry = registry;
    this.sessions = sessions;
  }

  @Override
  public Scorer scorer(List<PartSpec> metrics, int classes, Inference inference, String user) {
    return new NetworkScorer(registry, metrics, classes, inference, false, false, false, user);
  }

  @Override
  public List<OptionInfo> options() {
    return EvalPlans.options();
  }

  @Override
  public EvalSpec plan(Map<String, ?> options) {
    return EvalPlans.plan(options);
  }

  @Override
  public EvalSpec plan(String network, Map<String, ?> options) {
    return EvalPlans.plan(sessions, network, options);
  }

  @Override
  public Evaluation evaluate(EvalSpec spec, Observer observer) {
    EvalPlans.check(spec);
    boolean onnx = spec.execution() == Execution.ONNX;
    Device device = Torch.device(onnx ? "cpu" : spec.device());
    String user = USER + " of " + spec.network();
    try (Session session = sessions.open(spec.network(), USER, device);
        LeasedImages data = LeasedImages.open(registry, spec.dataset(), spec.data(), user)) {
      int classes = classes(spec, session, data);
      List<String> splits = data.images().splits();
      String name =
          spec.split().isEmpty() ? splits.get(Math.min(1, splits.size() - 1)) : spec.split();
      boolean warped = spec.scoring() == Scoring.WARPED;
      Split split = ResizedSplit.of(data.images().split(name), warped ? spec.resize() : List.of());
      if (spec.execution() == Execution.COMPILED) {
        session.compile(
            spec.precision() == Precision.AUTO ? Torch.precision(device) : spec.precision(),
            false,
            observer::message);
      } else if (onnx) {
        session.onnx(spec.threads() > 0 ? spec.threads() : JniUtils.getNumThreads());
      }
      Set<PartInfo> networkParts = new LinkedHashSet<>(session.parts());
      Runnable moveOver =
          () -> {
            if (session.stale()) {
              session.renew();
              networkParts.addAll(session.parts());
              observer.message("switched to new parts");
            }
          };
      TrainedOn trainedOn = session.trainedOn();
      Normalization normalization = trainedOn.normalization();
      try (NetworkScorer scorer =
          new NetworkScorer(
              registry,
              spec.metrics(),
              classes,
              spec.inference(),
              spec.cost(),
              spec.perImage(),
              spec.extraOutputs() == EvalSpec.ExtraOutputs.IGNORE,
              user)) {
        Scorers.Result result =
            withThreads(
                spec.threads(),
                device,
                () ->
                    scorer.score(
                        session,
                        split,
                        warped ? List.of() : spec.resize(),
                        spec.limit(),
                        normalization,
                        observer,
                        moveOver));
        List<PartInfo> parts = new ArrayList<>(networkParts);
        parts.add(data.part());
        parts.addAll(scorer.parts());
        return new Evaluation(
            spec,
            session.spec(),
            parts,
            split.fingerprint(),
            data.images().classes(),
            result.images(),
            result.iterations(),
            result.imagesPerSecond(),
            result.cost(),
            result.perImage());
      }
    }
  }

  /** How many classes count; the network may have more outputs where the spec says so. */
  private static int classes(EvalSpec spec, Session session, LeasedImages data) {
    int own = session.spec().classes();
    int classes = data.images().classes().size();
    if (spec.extraOutputs() == EvalSpec.ExtraOutputs.ERROR || own < classes) {
      data.requireClasses(spec.network(), own);
    }
    return classes;
  }

  @Override
  public SideBySide compare(
      EvalSpec spec, NetworkSpec first, NetworkSpec second, int most, Observer observer) {
    EvalPlans.check(spec);
    EvalPlans.require(
        "execution",
        Names.writtenChoice(spec.execution().name()),
        spec.execution() != Execution.ONNX,
        "compiled or eager");
    EvalPlans.require("images to name", most, most >= 0, "0 or more");
    Device device = Torch.device(spec.device());
    String user = "comparison of " + spec.network();
    try (Sessions.Variant one = sessions.variant(spec.network(), first, device);
        Sessions.Variant two = sessions.variant(spec.network(), second, device);
        LeasedImages data = LeasedImages.open(registry, spec.dataset(), spec.data(), user)) {
      List<Session> both = List.of(one.session(), two.session());
      int classes = first.classes();
      data.requireClasses(spec.network(), classes);
      List<String> splits = data.images().splits();
      String name =
          spec.split().isEmpty() ? splits.get(Math.min(1, splits.size() - 1)) : spec.split();
      boolean warped = spec.scoring() == Scoring.WARPED;
      Split split = ResizedSplit.of(data.images().split(name), warped ? spec.resize() : List.of());
      if (spec.execution() == Execution.COMPILED) {
        Precision precision =
            spec.precision() == Precision.AUTO ? Torch.precision(device) : spec.precision();
        both.forEach(session -> session.compile(precision, false, observer::message));
      }
      Differences differences = new Differences();
      try (NetworkScorer scorer =
          new NetworkScorer(
              registry,
              spec.metrics(),
              classes,
              spec.inference(),
              spec.cost(),
              spec.perImage(),
              false,
              user)) {
        List<Scorers.Result> results =
            withThreads(
                spec.threads(),
                device,
                () ->
                    scorer.score(
                        both,
                        split,
                        warped ? List.of() : spec.resize(),
                        spec.limit(),
                        one.trainedOn().normalization(),
                        observer,
                        Optional.of(differences),
                        () -> both.stream().filter(Session::stale).forEach(Session::renew)));
        return new SideBySide(
            spec,
            split.fingerprint(),
            data.images().classes(),
            results.get(0).images(),
            variant(one, results.get(0)),
            variant(two, results.get(1)),
            differences.share(),
            differences.most(most));
      }
    }
  }

  private static SideBySide.Variant variant(Sessions.Variant of, Scorers.Result result) {
    return new SideBySide.Variant(
        of.session().spec(),
        of.session().parts(),
        of.weights(),
        result.iterations(),
        result.images() / result.imagesPerSecond());
  }

  private static <T> T withThreads(int threads, Device device, Supplier<T> body) {
    int before = JniUtils.getNumThreads();
    if (threads > 0) {
      JniUtils.setNumThreads(threads);
    }
    try {
      return DeviceMemory.guarded(device, DeviceMemory.EVALUATION, body);
    } finally {
      JniUtils.setNumThreads(before);
    }
  }

  @Override
  public Scores score(
      Path predictions, Path labels, int classes, int voidLabel, List<PartSpec> metrics) {
    if (!ClassTable.allows(classes)) {
      throw new RigException(
          "classes is %d; it must be %d to %d"
              .formatted(classes, ClassTable.LEAST, ClassTable.MOST));
    }
    try (LeasedMetrics leased = LeasedMetrics.lease(registry, metrics, classes, "score")) {
      List<LeasedMetrics.Score> scores = leased.scores();
      for (LeasedMetrics.Score score : scores) {
        if (score.against() != Metric.Against.LABEL) {
          throw new RigException(
              "metric %s compares iterations: label maps have none".formatted(score.name()));
        }
      }
      long[] pixels =
          MapScorer.add(
              predictions,
              labels,
              classes,
              voidLabel,
              scores.stream().map(LeasedMetrics.Score::accumulator).toList());
      Scores joined = LeasedMetrics.joined(scores);
      double all = LongStream.of(pixels).sum();
      Map<String, List<Double>> perClass = new LinkedHashMap<>(joined.perClass());
      perClass.put("share", LongStream.of(pixels).mapToObj(n -> n / all).toList());
      return new Scores(joined.values(), perClass, joined.confusion());
    }
  }

  @Override
  public DataReport check(PartSpec dataset, String data, Observer observer) {
    try (LeasedImages open = LeasedImages.open(registry, dataset, data, "data check")) {
      return DataCheck.check(open.images(), observer);
    }
  }

  @Override
  public ClassFrequencies frequencies(
      PartSpec dataset, String data, String split, List<Integer> resize, Observer observer) {
    try (LeasedImages open = LeasedImages.open(registry, dataset, data, "data frequencies")) {
      Images images = open.images();
      String name = split.isEmpty() ? images.splits().get(0) : split;
      List<ClassTable.Entry> classes = images.classes().entries();
      Split resized = ResizedSplit.of(images.split(name), resize);
      LabelCounts counts = LabelCounts.of(resized, classes.size(), observer);
      List<ClassFrequency> frequencies = new ArrayList<>();
      for (int c = 0; c < classes.size(); c++) {
        frequencies.add(
            new ClassFrequency(
                classes.get(c).name(),
                counts.pixels().get(c),
                counts.share(c),
                counts.images().get(c)));
      }
      return new ClassFrequencies(
          name, resized.size(), frequencies, counts.voidPixels(), ClassWeights.all(counts));
    }
  }

  @Override
  public Pixels pixels(PartSpec dataset, String data, String split, int limit, Observer observer) {
    try (LeasedImages open = LeasedImages.open(registry, dataset, data, "data pixels")) {
      String name = split.isEmpty() ? open.images().splits().get(0) : split;
      PixelStatistics found = PixelStatistics.of(open.images().split(name), limit, observer);
      return new Pixels(
          name,
          found.images(),
          found.pixels(),
          found.mean(),
          found.std(),
          found.imageMean(),
          found.imageStd());
    }
  }

  @Override
  public List<String> weightings() {
    return ClassWeights.COMPUTED;
  }
}
