package org.riglab.training.internal;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator.DataReport;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.base.AtomicFile;
import org.riglab.networks.Scorers;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.DataCheck;
import org.riglab.networks.data.LeasedImages;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.ResizedSplit;
import org.riglab.parts.PartSpecs;

/** The data of a run, through a leased data set. */
final class TrainingInputs implements Inputs, AutoCloseable {
  private static final List<PartSpec> METRICS = List.of(PartSpec.of("confusion"));
  private static final int SHOWN = 3;

  private final Registry registry;
  private final Optional<Scorers> scorers;
  private final TrainSpec spec;
  private final String user;
  private final Normalization normalization;
  private LeasedImages open;
  private String trainName;
  private String valName;
  private Split train;
  private Split val;
  private Map<String, Object> identity;

  /**
   * Opens the data.
   *
   * @param registry where parts are found
   * @param scorers score the validation split; empty without an evaluator
   * @param spec of the training
   * @param user who asks
   * @throws RigException if there is no such data set, directory or split
   */
  TrainingInputs(Registry registry, Optional<Scorers> scorers, TrainSpec spec, String user) {
    this.registry = registry;
    this.scorers = scorers;
    this.spec = spec;
    this.user = user;
    this.normalization =
        new Normalization(spec.channels(), spec.pixelRange(), spec.mean(), spec.std());
    open();
  }

  private void open() {
    open = LeasedImages.open(registry, spec.dataset(), spec.data(), user);
    boolean complete = false;
    try {
      Images images = open.images();
      List<String> splits = images.splits();
      trainName = spec.trainSplit().isEmpty() ? splits.get(0) : spec.trainSplit();
      valName =
          spec.valSplit().equals(Plans.NO_SPLIT) || spec.valSplit().isEmpty() && splits.size() < 2
              ? ""
              : spec.valSplit().isEmpty() ? splits.get(1) : spec.valSplit();
      if (!valName.isEmpty() && scorers.isEmpty()) {
        throw new RigException(
            RigException.Kind.UNAVAILABLE,
            "validation needs bundle org.riglab.evaluation, which is not installed; without it"
                + " choose val split none");
      }
      // Training visits images again and again, in random order, validation after every epoch.
      train = prepared(images.split(trainName), CachedSplit.defaultBytes() / 4 * 3);
      val =
          valName.isEmpty()
              ? null
              : prepared(images.split(valName), CachedSplit.defaultBytes() / 4);
      if (train.size() == 0) {
        throw new RigException(
            "split %s of data set %s has no images to train on"
                .formatted(trainName, spec.dataset().name()));
      }
      complete = true;
    } finally {
      if (!complete) {
        open.close();
      }
    }
  }

  private Split prepared(Split split, long bytes) {
    return new CachedSplit(ResizedSplit.of(split, spec.resize()), bytes);
  }

  /** The part that reads the data. */
  PartInfo part() {
    return open.part();
  }

  ClassTable classes() {
    return open.images().classes();
  }

  void requireClasses(int classes) {
    open.requireClasses(spec.network(), classes);
  }

  Split train() {
    return train;
  }

  Normalization normalization() {
    return normalization;
  }

  /**
   * @return the superclass of each class; empty without a coarse-to-fine loss
   * @throws RigException if the table is broken or does not fit the data
   */
  List<Integer> superclasses() {
    return Superclasses.of(spec.coarse(), classes());
  }

  TrainingRun.Length length() {
    return new TrainingRun.Length(
        TrainingBatches.perEpoch(train.size(), spec.batch()),
        spec.accumulation(),
        spec.epochs(),
        spec.steps());
  }

  /**
   * @return what tells these data from others, as JSON would give it
   */
  Map<String, Object> identity() {
    if (identity == null) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("dataset", PartSpecs.write(spec.dataset()));
      json.put("classes", classes().entries().stream().map(ClassTable.Entry::name).toList());
      json.put("train", split(trainName, train));
      if (val != null) {
        json.put("val", split(valName, val));
      }
      List<Integer> superclasses = superclasses();
      if (!superclasses.isEmpty()) {
        json.put("superclasses", superclasses.stream().map(Integer::longValue).toList());
      }
      identity = json;
    }
    return identity;
  }

  private static Map<String, Object> split(String name, Split split) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("split", name);
    json.put("images", (long) split.size());
    json.put("fingerprint", split.fingerprint());
    return json;
  }

  /**
   * Reads every image and label that the run will use. Data that stay in memory are read anyway;
   * larger data are checked once, and again when their fingerprint changes.
   *
   * @param checked directory that remembers which data were good
   * @param observer may stop it
   * @throws RigException if there is an error; shows the first few
   */
  void check(Path checked, Observer observer) {
    Optional<Path> mark = fits(train) ? Optional.empty() : mark(checked);
    if (mark.isPresent() && Files.exists(mark.get())) {
      return;
    }
    observer.message(
        "reading and checking %d images".formatted(train.size() + (val == null ? 0 : val.size())));
    DataReport report = DataCheck.check(new Used(), new StopOnly(observer));
    if (report.errorCount() > 0) {
      List<String> shown = report.errors().stream().limit(SHOWN).toList();
      int more = report.errorCount() - shown.size();
      throw new RigException(
          "data set %s has %d error%s: %s%s"
              .formatted(
                  spec.dataset().name(),
                  report.errorCount(),
                  report.errorCount() == 1 ? "" : "s",
                  String.join("; ", shown),
                  more > 0 ? "; and " + more + " more (data check lists them)" : ""));
    }
    report.warnings().stream()
        .limit(SHOWN)
        .forEach(warning -> observer.message("warning: " + warning));
    if (report.warningCount() > SHOWN) {
      observer.message(
          "warning: and %d more (data check lists them)".formatted(report.warningCount() - SHOWN));
    }
    mark.ifPresent(file -> AtomicFile.writeText(file, identity().toString() + "\n"));
  }

  private static boolean fits(Split split) {
    try {
      Sample first = split.sample(0);
      long bytes = (long) first.image().length + first.label().length;
      return bytes * split.size() <= CachedSplit.defaultBytes() / 4 * 3;
    } catch (RigException e) {
      // The check reports it among the others.
      return true;
    }
  }

  private Optional<Path> mark(Path checked) {
    try {
      byte[] key = (identity().toString() + spec.resize()).getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
      return Optional.of(checked.resolve(HexFormat.of().formatHex(digest)));
    } catch (RigException e) {
      // No fingerprint of files that cannot be read: the check says which.
      return Optional.empty();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The splits of the run, as they are used. */
  private final class Used implements Images {
    @Override
    public ClassTable classes() {
      return TrainingInputs.this.classes();
    }

    @Override
    public List<String> splits() {
      return valName.isEmpty() || valName.equals(trainName)
          ? List.of(trainName)
          : List.of(trainName, valName);
    }

    @Override
    public Split split(String name) {
      return name.equals(trainName) ? train : val;
    }
  }

  private record StopOnly(Observer observer) implements Observer {
    @Override
    public boolean stop() {
      return observer.stop();
    }
  }

  @Override
  public Feed feed(long step) {
    Augmentation augmentation =
        new Augmentation(
            spec.size().get(0),
            spec.size().get(1),
            spec.scale().get(0),
            spec.scale().get(1),
            spec.flip(),
            normalization);
    TrainingBatches batches =
        new TrainingBatches(
            train,
            spec.batch(),
            augmentation,
            spec.seed(),
            spec.workers(),
            step * spec.accumulation());
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
    return val != null;
  }

  @Override
  public Evaluation validate(Session session, Observer observer) {
    Inference plain = Inference.PLAIN;
    Inference inference =
        new Inference(
            plain.scales(), plain.flip(), plain.window(), plain.overlap(), spec.inputScales());
    try (Scorers.Scorer scorer =
        scorers.orElseThrow().scorer(METRICS, classes().size(), inference, user)) {
      Scorers.Result result =
          scorer.score(session, val, List.of(), spec.valLimit(), normalization, observer, () -> {});
      List<PartInfo> parts = new ArrayList<>(session.parts());
      parts.add(part());
      parts.addAll(scorer.parts());
      return new Evaluation(
          new EvalSpec(
              spec.network(),
              spec.dataset(),
              spec.data(),
              valName,
              spec.valLimit(),
              spec.resize(),
              EvalSpec.Scoring.WARPED,
              inference.scales(),
              inference.flip(),
              inference.window(),
              inference.overlap(),
              inference.inputScales(),
              METRICS,
              spec.threads(),
              spec.execution(),
              spec.precision(),
              spec.device()),
          session.spec(),
          parts,
          val.fingerprint(),
          classes(),
          result.images(),
          result.iterations(),
          result.imagesPerSecond());
    }
  }

  @Override
  public boolean stale() {
    return open.stale();
  }

  @Override
  public void renew() {
    Map<String, Object> before = identity();
    open.close();
    open();
    identity = null;
    if (!identity().equals(before)) {
      throw new RigException(
          "the new part for data set %s reads other data than the one before"
              .formatted(spec.dataset().name()));
    }
  }

  @Override
  public void close() {
    open.close();
  }
}
