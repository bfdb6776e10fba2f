package org.riglab.runs.internal;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Training;
import org.riglab.api.bench.Weights;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a run asks for, from where it was left. */
final class Runner {
  /** Where the lab's evaluations lie; a training's place is the trainer's. */
  static final String EVALUATIONS = "evaluations";

  static final String RUNS = "runs";

  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

  private final Networks networks;
  private final Weights weights;
  private final OptionalTrainer trainer;
  private final Evaluator evaluator;
  private final Provenance provenance;
  private final Store store;
  private final Pictures pictures;
  private final int kept;

  /** How a run came to an end that was no error. */
  enum Outcome {
    /** It has done all it should. */
    DONE,
    /** It was asked to stop. */
    STOPPED,
    /** A part went away. */
    WITHOUT_PART
  }

  /**
   * @param kept images whose pictures a run keeps
   */
  Runner(
      Networks networks,
      Weights weights,
      OptionalTrainer trainer,
      Evaluator evaluator,
      Provenance provenance,
      Store store,
      Pictures pictures,
      int kept) {
    this.networks = networks;
    this.weights = weights;
    this.trainer = trainer;
    this.evaluator = evaluator;
    this.provenance = provenance;
    this.store = store;
    this.pictures = pictures;
    this.kept = kept;
  }

  /**
   * @param job what to do
   * @param device where
   * @param control watches
   * @return how it ended
   */
  Outcome run(Job job, String device, Control control) {
    Run run = job.run();
    boolean train = run.kind() == Run.Kind.TRAIN;
    if (run.replayOf() > 0) {
      provenance.require(store.run(run.replayOf())); // it may have waited for long
    }
    RunFolder folder =
        run.folder().isEmpty()
            ? RunFolder.make(networks.home(), parent(run), run.network())
            : new RunFolder(networks.home(), run.folder());
    if (run.folder().isEmpty()) {
      store.folder(run.id(), folder.name());
    }
    control.folder(folder);
    try {
      if (!folder.started()) {
        prepare(job);
        describe(run);
      }
      Outcome outcome =
          train ? train(job, device, folder, control) : evaluate(job, device, folder, control);
      if (outcome == Outcome.DONE) {
        keepPictures(run.id(), control);
      }
      return outcome;
    } finally {
      // A queue of many networks would fill the memory with idle ones.
      if (networks.names().contains(run.network())) {
        networks.release(run.network());
      }
    }
  }

  /** What the run is about has been done and stored: without pictures it is done as well. */
  private void keepPictures(long id, Control control) {
    try {
      pictures.keep(store.run(id), kept, control::stop);
    } catch (RigException e) {
      LOG.warn("run {} keeps no pictures", id, e);
      control.message("keeps no pictures: " + e.getMessage());
    }
  }

  /** Makes the network, where the run has one of its own; begun again if it was cut off. */
  private void prepare(Job job) {
    Run run = job.run();
    if (!job.own()) {
      return;
    }
    networks.assemble(
        run.network(), networks.spec(run.networkSpec(), "the network of run " + run.id()), true);
    if (!job.weights().isEmpty()) {
      weights.read(run.network(), networks.home().resolve(job.weights()), ImportSpec.LENIENT);
    }
  }

  /** Where the folder of a run is made. */
  static String parent(Run run) {
    return run.kind() == Run.Kind.TRAIN ? RUNS : EVALUATIONS;
  }

  /** What takes part is known before any of it is called, which may end the process. */
  private void describe(Run run) {
    if (networks.names().contains(run.network())) {
      store.parts(run.id(), parts(networks.get(run.network()).parts()));
    }
  }

  /** As {@code Run.parts} has them. */
  private static Map<String, String> parts(List<PartInfo> infos) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (PartInfo part : infos) {
      parts.put(
          part.kind() + " " + part.name(),
          part.bundle() + " " + part.version() + " " + part.sha256());
    }
    return parts;
  }

  private Outcome train(Job job, String device, RunFolder folder, Control control) {
    Run run = job.run();
    Map<String, Object> options = new LinkedHashMap<>();
    if (folder.started()) {
      // What was logged after the last flush, by a process that was killed.
      long last = store.points().lastStep(run.id(), "loss");
      long evaluated = store.points().lastStep(run.id(), "mIoU.t1");
      store
          .points()
          .add(run.id(), run.progress(), run.times().seconds(), folder.points(last, evaluated));
    } else {
      options.putAll(job.options());
      options.put("device", device);
    }
    Observer observer =
        kept > 0 ? new TrainingPictures(control, pictures, store, run.id(), kept) : control;
    Training training = trainer.get().resume(run.network(), folder.path(), options, observer);
    control.describeAgain();
    return switch (training.end()) {
      case FINISHED, EARLY -> Outcome.DONE;
      case STOPPED -> Outcome.STOPPED;
      case PAUSED -> Outcome.WITHOUT_PART;
    };
  }

  private Outcome evaluate(Job job, String device, RunFolder folder, Control control) {
    Run run = job.run();
    Map<String, Object> options = new LinkedHashMap<>(job.options());
    options.put("device", device);
    // The page finds the images of a confusion by them.
    options.putIfAbsent("per_image", true);
    Path weights = weights(networks, run.network());
    if (!Files.exists(weights)) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "there is no network '%s' to evaluate".formatted(run.network()));
    }
    EvalSpec spec = evaluator.plan(run.network(), options);
    RunFolder.link(weights, folder.initial());
    Evaluation evaluation = evaluator.evaluate(spec, control);
    Map<String, Object> network =
        Json.parse(networks.json(evaluation.networkSpec()), "the network's spec");
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("dataset", part(spec.dataset()));
    data.put("images", (long) evaluation.images());
    data.put("fingerprint", evaluation.fingerprint());
    folder.write("network.json", network);
    folder.write("data.json", data);
    folder.write("spec.json", options(spec));
    Map<String, Object> described = options(spec);
    described.replace("device", run.device());
    store.describe(run.id(), described, network, parts(evaluation.parts()));
    store.data(run.id(), data);
    control.evaluated(evaluation, 0);
    return Outcome.DONE;
  }

  /** A network's file, as docs/reference/files.md has it. */
  static Path weights(Networks networks, String network) {
    return networks.home().resolve("models").resolve(network).resolve("network.safetensors");
  }

  /** A spec as options that make the same spec. */
  private static Map<String, Object> options(Record spec) {
    Map<String, Object> options = new LinkedHashMap<>();
    for (RecordComponent component : spec.getClass().getRecordComponents()) {
      try {
        options.put(
            component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT),
            plain(component.getAccessor().invoke(spec)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("accessors of records are public and do not throw", e);
      }
    }
    return options;
  }

  private static Object plain(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Runner::plain).toList();
    } else if (value instanceof PartSpec part) {
      return part(part);
    } else if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    } else if (value instanceof Integer number) {
      return number.longValue();
    }
    return value;
  }

  private static Map<String, Object> part(PartSpec part) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", part.name());
    map.putAll(part.options());
    return map;
  }
}
