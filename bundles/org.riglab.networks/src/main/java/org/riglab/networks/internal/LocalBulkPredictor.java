package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.riglab.api.RigException;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Report;
import org.riglab.base.ProcessLock;
import org.riglab.images.ImageFolder;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.bulk.BulkFolder;
import org.riglab.networks.bulk.BulkLabeller;
import org.riglab.networks.bulk.BulkSettings;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.Model;

/** Labels many images in this process. */
@Component
public final class LocalBulkPredictor implements BulkPredictor {
  private static final double NANOS = 1e9;

  private final Sessions sessions;

  /** Reads images and writes label maps. */
  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  volatile Report report;

  /**
   * @param sessions open networks
   */
  @Activate
  public LocalBulkPredictor(@Reference Sessions sessions) {
    this.sessions = sessions;
  }

  /**
   * Without declarative services.
   *
   * @param sessions open networks
   * @param report reads images and writes label maps
   */
  public LocalBulkPredictor(Sessions sessions, Report report) {
    this(sessions);
    this.report = report;
  }

  @Override
  public String engine() {
    return "libtorch";
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public Outcome predict(Job job, Watcher watcher) throws InterruptedException {
    if (!job.master().isEmpty() || !job.settings().isEmpty()) {
      throw new RigException("--master and --cluster require --engine spark");
    }
    if (!Files.isDirectory(job.input())) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          Files.exists(job.input())
              ? job.input() + " is not a directory; engine libtorch reads directories of images"
              : "there is no directory " + job.input());
    }
    Report artist = report;
    if (artist == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE, "there is no report service to write label maps");
    }
    Map<String, Path> files = ImageFolder.named(job.input());
    try (Session session = sessions.open(job.network(), "predict")) {
      BulkFolder folder = new BulkFolder(job.output());
      BulkSettings settings =
          BulkSettings.of(job.network(), sessions, session, job.inference(), job.upright());
      Model model = new Live(session, job.inference(), settings);
      BulkLabeller labeller =
          new BulkLabeller(settings, session.manager().getDevice(), model, artist, folder);
      try (ProcessLock lock = folder.begin(settings)) {
        return label(files, labeller, artist, folder, settings, watcher);
      }
    }
  }

  private Outcome label(
      Map<String, Path> files,
      BulkLabeller labeller,
      Report artist,
      BulkFolder folder,
      BulkSettings settings,
      Watcher watcher)
      throws InterruptedException {
    Set<String> finished = folder.finished().keySet();
    long earlier = files.keySet().stream().filter(finished::contains).count();
    Map<String, String> failed = new LinkedHashMap<>();
    long start = System.nanoTime();
    long labelled = 0;
    watcher.progress(earlier, files.size());
    try (BulkFolder.Part part = folder.part()) {
      for (Map.Entry<String, Path> file : files.entrySet()) {
        if (finished.contains(file.getKey())) {
          continue;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException("before " + file.getValue());
        }
        BulkLabeller.Result result =
            labeller.label(file.getKey(), () -> artist.read(file.getValue(), settings.upright()));
        result.scored().ifPresent(part::add);
        result.failure().ifPresent(reason -> failed.put(file.getKey(), reason));
        result.failure().ifPresent(reason -> watcher.failed(file.getKey(), reason));
        labelled += result.scored().isPresent() ? 1 : 0;
        watcher.progress(earlier + labelled + failed.size(), files.size());
      }
    }
    double seconds = (System.nanoTime() - start) / NANOS;
    folder.finish(settings.classes(), failed);
    return new Outcome(labelled, earlier, failed.size(), seconds);
  }

  /** The network of a session. */
  private static final class Live implements Model {
    private final Session session;
    private final AnytimePasses passes;
    private final MultiScaleInputs inputs;

    Live(Session session, Inference inference, BulkSettings settings) {
      this.session = session;
      this.inputs = new MultiScaleInputs(settings.inputScales());
      this.passes = new AnytimePasses(inference, inputs, false);
    }

    @Override
    public NDList logits(NDArray images) {
      NDList logits = inputs.forward(images, scaled -> passes.forward(session, scaled)).fused();
      logits.attach(images.getManager());
      session.sweep();
      return logits;
    }

    @Override
    public String blame(NDArray images) {
      return session.blame(images, false);
    }
  }
}
