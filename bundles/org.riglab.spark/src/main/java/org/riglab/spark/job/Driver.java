package org.riglab.spark.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.riglab.api.RigException;
import org.riglab.base.AtomicFile;
import org.riglab.images.ImageFolder;
import org.riglab.networks.bulk.BulkFolder;
import org.riglab.networks.bulk.BulkSettings;

/**
 * The driver of a job, a process that {@code rig} starts: {@code Driver DIRECTORY}. Writes {@link
 * Event}s to standard output, and ends when its standard input does.
 */
public final class Driver {
  /** Images of a partition: what is lost at most when an executor is. */
  private static final int IMAGES = 32;

  private static final int PARTITIONS = 20_000;
  private static final int FEWEST = 8;
  private static final double NANOS = 1e9;
  private static final int INTERRUPTED = 130;

  private final Request request;
  private final Path directory;
  private final BulkFolder folder;
  private final PrintStream events;

  private Driver(Request request, Path directory, PrintStream events) {
    this.request = request;
    this.directory = directory;
    this.folder = new BulkFolder(Path.of(request.output()));
    this.events = events;
  }

  /**
   * @param args the job's directory
   */
  public static void main(String[] args) {
    PrintStream events = System.out;
    System.setOut(System.err);
    endWithInput(System.in);
    Event failure = null;
    try {
      Path directory = Path.of(args[0]);
      Request request = Request.parse(Files.readString(directory.resolve(Request.FILE)));
      Driver driver = new Driver(request, directory, events);
      // The process that started this one may be gone: nobody else removes it then.
      Runtime.getRuntime().addShutdownHook(new Thread(driver::delete, "rig-files"));
      driver.run();
    } catch (RigException e) {
      failure = new Event(Event.Type.FAILED, 0, 0, 0, e.kind().name(), e.getMessage());
      e.printStackTrace();
    } catch (Exception | LinkageError e) {
      failure = new Event(Event.Type.FAILED, 0, 0, 0, "UNAVAILABLE", "Spark: " + reason(e));
      e.printStackTrace();
    }
    if (failure != null) {
      events.println(failure.line());
    }
    events.flush();
    System.exit(failure == null ? 0 : 1);
  }

  private static String reason(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** The process that started this one may be killed. */
  private static void endWithInput(InputStream in) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (in.read() >= 0) {
                  continue;
                }
              } catch (IOException e) {
                e.printStackTrace();
              }
              System.exit(INTERRUPTED);
            },
            "rig-input");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() throws IOException {
    SparkConf conf = new SparkConf();
    request.spark().forEach(conf::set);
    BulkSettings settings = BulkSettings.parse(request.settings());
    Set<String> finished = new HashSet<>(folder.finished().keySet());
    try (Stream<Path> files = Files.list(folder.job())) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith(Request.TOKEN)) {
          Files.delete(file); // of a driver that was killed
        }
      }
    }
    AtomicFile.writeText(token(), "");
    try (JavaSparkContext context = new JavaSparkContext(conf);
        Waiting waiting = new Waiting(context, events)) {
      waiting.start();
      context.addFile(directory.resolve(Request.NETWORK).toString());
      Progress progress = new Progress(context.sc(), events);
      long start = System.nanoTime();
      long total = label(context, finished, progress);
      double seconds = (System.nanoTime() - start) / NANOS;
      progress.requireNothingFatal();
      progress.tell();
      folder.finish(settings.classes(), progress.failures());
      long earlier = total - progress.labelled() - progress.failures().size();
      events.println(
          new Event(Event.Type.RESULT, progress.labelled(), earlier, seconds, null, null).line());
    }
  }

  private Path token() {
    return folder.job().resolve(Request.TOKEN + request.id());
  }

  /** Deletes what is only needed while the job runs. */
  private void delete() {
    for (Path file :
        List.of(
            token(),
            directory.resolve(Request.NETWORK),
            directory.resolve(Request.FILE),
            directory)) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        e.printStackTrace();
      }
    }
  }

  /** Returns how many images the input has. */
  private long label(JavaSparkContext context, Set<String> finished, Progress progress) {
    JavaRDD<Item> items;
    long total;
    long earlier;
    if (request.parquet()) {
      Tables tables =
          new Tables(
              SparkSession.builder().config(context.getConf()).getOrCreate(), request.input());
      total = tables.count();
      earlier = Math.min(total, finished.size());
      Broadcast<Set<String>> known = context.broadcast(finished);
      JavaRDD<Item> rows = tables.items().filter(item -> !known.value().contains(item.name()));
      int partitions = partitions(total - earlier);
      items = rows.getNumPartitions() < partitions ? rows.repartition(partitions) : rows;
    } else {
      List<Item> files = new ArrayList<>();
      Map<String, Path> named = ImageFolder.named(Path.of(request.input()));
      named.forEach(
          (name, file) -> {
            if (!finished.contains(name)) {
              files.add(new Item(name, file.toString(), null));
            }
          });
      total = named.size();
      earlier = total - files.size();
      items = context.parallelize(files, partitions(files.size()));
    }
    progress.begin(total, earlier);
    try {
      items.mapPartitions(progress.task(request)).collect();
    } catch (Exception e) { // Spark's are checked ones that are not declared
      progress.requireNothingFatal();
      throw e;
    }
    return total;
  }

  private static int partitions(long images) {
    long many = (images + IMAGES - 1) / IMAGES;
    long few = Math.min(images, FEWEST);
    return (int) Math.max(1, Math.min(PARTITIONS, Math.max(many, few)));
  }
}
