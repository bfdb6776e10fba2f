package org.riglab.spark.job;

import ai.djl.Device;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceLoader;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;
import org.riglab.api.RigException;
import org.riglab.api.bench.Report;
import org.riglab.networks.bulk.BulkFolder;
import org.riglab.networks.bulk.BulkLabeller;
import org.riglab.networks.bulk.BulkSettings;

/** Labels the images of a partition, in a process of Spark. */
final class LabelTask implements FlatMapFunction<Iterator<Item>, Long> {
  private static final long serialVersionUID = 1L;

  private final String job;
  private final String settings;
  private final String output;

  /** A directory that is needed besides the output; empty for none. */
  private final String input;

  private final LongAccumulator labelled;
  private final CollectionAccumulator<String> failed;
  private final CollectionAccumulator<String> fatal;

  /**
   * @param request what to do
   * @param labelled counts images
   * @param failed receives events of images that failed
   * @param fatal receives an event that ends the job
   */
  LabelTask(
      Request request,
      LongAccumulator labelled,
      CollectionAccumulator<String> failed,
      CollectionAccumulator<String> fatal) {
    this.job = request.id();
    this.settings = request.settings();
    this.output = request.output();
    this.input = request.parquet() ? "" : request.input();
    this.labelled = labelled;
    this.failed = failed;
    this.fatal = fatal;
  }

  @Override
  public Iterator<Long> call(Iterator<Item> items) throws Exception {
    try {
      return List.of(label(items)).iterator();
    } catch (RigException e) {
      fatal.add(new Event(Event.Type.FAILED, 0, 0, 0, e.kind().name(), e.getMessage()).line());
      return List.<Long>of().iterator();
    }
  }

  private long label(Iterator<Item> items) throws Exception {
    BulkFolder folder = new BulkFolder(Path.of(output));
    require(folder.job().resolve(Request.TOKEN + job), output);
    require(Path.of(input), input);
    long done = 0;
    BulkLabeller labeller = null;
    BulkSettings parsed = BulkSettings.parse(settings);
    try (BulkFolder.Part part = folder.part()) {
      while (items.hasNext()) {
        Item item = items.next();
        if (labeller == null) {
          labeller = labeller(parsed, folder);
        }
        BulkLabeller.Result result = labeller.label(item.name(), () -> item.read(parsed.upright()));
        result
            .failure()
            .ifPresent(
                reason ->
                    failed.add(new Event(Event.Type.BAD, 0, 0, 0, item.name(), reason).line()));
        if (result.scored().isPresent()) {
          part.add(result.scored().get());
          labelled.add(1);
          done++;
        }
        TaskContext context = TaskContext.get();
        if (context != null && context.isInterrupted()) {
          break;
        }
      }
    }
    return done;
  }

  private BulkLabeller labeller(BulkSettings parsed, BulkFolder folder) {
    ScriptModel model = ScriptModel.of(job, Path.of(SparkFiles.get(Request.NETWORK)), parsed);
    Report report =
        ServiceLoader.load(Report.class, Report.class.getClassLoader()).findFirst().orElseThrow();
    return new BulkLabeller(parsed, Device.cpu(), model, report, folder);
  }

  /** Else the results would be on the disk of another machine. */
  private static void require(Path seen, String directory) throws Exception {
    if (!Files.exists(seen)) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "machine %s of the cluster does not see %s; it must be on a file system that all share"
              .formatted(InetAddress.getLocalHost().getHostName(), directory));
    }
  }
}
