package org.riglab.tensorboard.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Report;
import org.riglab.api.data.ClassTable;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes an event file per run while it goes on: every point of its metrics, the confusion matrix
 * of each evaluation, and at the end the pictures in its folder. The lab calls it on a thread of
 * its own and goes on without it where it is too slow; what was left out is read from the store
 * when the run ends.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = Settings.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class EventWriter implements LabListener {
  private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);
  private static final String EVALUATION = "evaluation.json";
  private static final String EVENTS = "events.out.tfevents.";
  private static final int PNG_SIZE_AT = 16;
  private static final long LARGEST_PICTURE = 16L << 20;

  private final Lab lab;
  private final Report report;
  private final Path directory;
  private final Clock clock;
  private final Map<Long, Log> logs = new HashMap<>();
  private final Set<Long> begun = new HashSet<>();
  private final Set<Long> incomplete = new HashSet<>();
  private final Lab.Registration registration;
  private boolean broken;

  /** What a run has so far; {@code again} if an earlier process has begun it. */
  private record Log(EventFile file, boolean again) {}

  /** Writes something that may fail. */
  private interface Writing {
    void write() throws IOException;
  }

  /**
   * @param networks knows the home
   * @param lab has the runs
   * @param report draws confusion matrices
   * @param settings where to
   */
  @Activate
  public EventWriter(
      @Reference Networks networks,
      @Reference Lab lab,
      @Reference Report report,
      Settings settings) {
    this(networks.home().resolve(settings.directory()), lab, report, Clock.systemUTC());
  }

  EventWriter(Path directory, Lab lab, Report report, Clock clock) {
    this.lab = lab;
    this.report = report;
    this.directory = directory;
    this.clock = clock;
    registration = lab.listen(this);
    LOG.info("TensorBoard's event files are written to {}", directory);
  }

  @Deactivate
  synchronized void stop() {
    registration.close();
    logs.values().forEach(log -> attempt(log.file()::close));
    logs.clear();
  }

  @Override
  public synchronized void missed() {
    incomplete.addAll(logs.keySet());
  }

  @Override
  public synchronized void points(long run, Run.Progress progress, List<Point> points) {
    if (points.isEmpty()) {
      return;
    }
    attempt(
        () -> {
          Log log = log(run, points.get(0).step());
          if (begun.add(run) && !log.again() && points.get(0).step() > 1) {
            incomplete.add(run);
          }
          for (Point point : points) {
            log.file().scalar(tag(point.metric()), point.step(), point.value());
          }
        });
  }

  @Override
  public synchronized void event(Event event) {
    if (event.type() == Event.Type.EVALUATED) {
      attempt(() -> confusion(event.run()));
    } else if (event.type() == Event.Type.STATE && lab.run(event.run()).state().ended()) {
      attempt(() -> end(event.run()));
    }
  }

  /** Full disks and the like are told once, until it works again. */
  private void attempt(Writing writing) {
    try {
      writing.write();
      broken = false;
    } catch (IOException | RigException | JsonParseException | IllegalStateException e) {
      if (!broken) {
        LOG.warn("cannot write TensorBoard's event files to {}", directory, e);
      }
      broken = true;
    }
  }

  private Log log(long run, long step) throws IOException {
    Log log = logs.get(run);
    if (log == null) {
      Path folder = folder(lab.run(run));
      Files.createDirectories(folder);
      boolean again = !files(folder).isEmpty();
      log = new Log(new EventFile(EventFile.name(folder, clock), clock), again);
      logs.put(run, log);
      if (again) {
        log.file().restart(step);
      }
    }
    return log;
  }

  private Path folder(Run run) {
    return directory.resolve(run.id() + "-" + run.name().replaceAll("[^A-Za-z0-9._-]", "_"));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith(EVENTS)).toList();
    }
  }

  /** TensorBoard makes groups of what is in front of a slash. */
  private static String tag(String metric) {
    return metric.replaceFirst("\\.", "/");
  }

  private void confusion(long run) throws IOException {
    if (lab.files(run).stream().noneMatch(f -> f.name().equals(EVALUATION))) {
      return;
    }
    JsonObject evaluation =
        JsonParser.parseString(Files.readString(lab.file(run, EVALUATION))).getAsJsonObject();
    List<ClassTable.Entry> classes = new ArrayList<>();
    for (JsonElement entry : evaluation.getAsJsonArray("classes")) {
      JsonObject named = entry.getAsJsonObject();
      classes.add(
          new ClassTable.Entry(named.get("name").getAsString(), named.get("rgb").getAsInt()));
    }
    JsonArray iterations = evaluation.getAsJsonArray("iterations");
    List<List<Long>> counts = new ArrayList<>();
    for (JsonElement row :
        iterations.get(iterations.size() - 1).getAsJsonObject().getAsJsonArray("confusion")) {
      List<Long> cells = new ArrayList<>();
      row.getAsJsonArray().forEach(cell -> cells.add(cell.getAsLong()));
      counts.add(cells);
    }
    if (counts.isEmpty()) {
      return;
    }
    long step = evaluation.get("step").getAsLong();
    String split = evaluation.get("split").getAsString();
    Path png = Files.createTempFile("confusion", ".png");
    try {
      report.confusion(png, counts, new ClassTable(classes), split + ", step " + step);
      image(log(run, step).file(), "confusion/" + split, step, png);
    } finally {
      Files.deleteIfExists(png);
    }
  }

  private static void image(EventFile file, String tag, long step, Path png) throws IOException {
    byte[] bytes = Files.readAllBytes(png);
    // Signature, length and type of the first chunk; then width and height.
    if (bytes.length > PNG_SIZE_AT + 2 * Integer.BYTES) {
      ByteBuffer size = ByteBuffer.wrap(bytes, PNG_SIZE_AT, 2 * Integer.BYTES);
      int width = size.getInt();
      file.image(tag, step, size.getInt(), width, bytes);
    }
  }

  private void end(long id) throws IOException {
    Run run = lab.run(id);
    if (incomplete.remove(id)) {
      rewrite(run);
    }
    long step = run.progress().done();
    for (Lab.RunFile file : lab.files(id)) {
      if (file.name().endsWith(".png") && file.bytes() <= LARGEST_PICTURE) {
        String tag = file.name().substring(0, file.name().length() - ".png".length());
        image(log(id, step).file(), tag, step, lab.file(id, file.name()));
      }
    }
    begun.remove(id);
    Log log = logs.remove(id);
    if (log != null) {
      log.file().close();
    }
  }

  /** Writes all that the store has, then removes what there was. */
  private void rewrite(Run run) throws IOException {
    Log before = logs.remove(run.id());
    if (before != null) {
      before.file().close();
    }
    Path folder = Files.createDirectories(folder(run));
    List<Path> old = files(folder);
    EventFile file = new EventFile(EventFile.name(folder, clock), clock);
    logs.put(run.id(), new Log(file, true));
    for (String metric : lab.metrics(run.id())) {
      long total = lab.curve(run.id(), metric, 1).total();
      Curve curve =
          lab.curve(run.id(), metric, (int) Math.min(Integer.MAX_VALUE, Math.max(1, total)));
      for (Curve.Bucket point : curve.points()) {
        file.scalar(tag(metric), point.step(), point.mean());
      }
    }
    for (Path path : old) {
      Files.deleteIfExists(path);
    }
  }
}
