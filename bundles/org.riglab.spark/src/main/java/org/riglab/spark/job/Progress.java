package org.riglab.spark.job;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;
import org.riglab.api.RigException;

/** Tells how far a job is, each time that a task has ended. Thread safe. */
final class Progress extends SparkListener {
  private final SparkContext context;
  private final PrintStream events;
  private final LongAccumulator labelled;
  private final CollectionAccumulator<String> failed;
  private final CollectionAccumulator<String> fatal;
  private final Map<String, String> reasons = new LinkedHashMap<>();
  private long total;
  private long earlier;
  private int told;

  Progress(SparkContext context, PrintStream events) {
    this.context = context;
    this.events = events;
    this.labelled = context.longAccumulator("labelled");
    this.failed = context.collectionAccumulator("failed");
    this.fatal = context.collectionAccumulator("fatal");
    context.addSparkListener(this);
  }

  /** The task that labels images and counts them here. */
  LabelTask task(Request request) {
    return new LabelTask(request, labelled, failed, fatal);
  }

  /**
   * @param images of the input
   * @param finished how many of them are finished
   */
  synchronized void begin(long images, long finished) {
    total = images;
    earlier = finished;
    tell();
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (total > 0) {
      tell();
      if (!fatal.value().isEmpty()) {
        context.cancelAllJobs();
      }
    }
  }

  /** Says what has not been said. */
  synchronized void tell() {
    List<String> lines = new ArrayList<>(failed.value());
    for (String line : lines.subList(told, lines.size())) {
      Optional<Event> event = Event.parse(line);
      if (event.isPresent() && reasons.put(event.get().name(), event.get().text()) == null) {
        events.println(line);
      }
    }
    told = lines.size();
    long done = earlier + labelled() + reasons.size();
    events.println(new Event(Event.Type.PROGRESS, done, total, 0, null, null).line());
    events.flush();
  }

  /**
   * @return images that were labelled
   */
  long labelled() {
    return labelled.value();
  }

  /**
   * @return the reasons of the images that failed, by name
   */
  synchronized Map<String, String> failures() {
    return Map.copyOf(reasons);
  }

  /**
   * @throws RigException if something has happened that ends the job
   */
  void requireNothingFatal() {
    List<String> lines = new ArrayList<>(fatal.value());
    if (!lines.isEmpty()) {
      Event event = Event.parse(lines.get(0)).orElseThrow();
      throw new RigException(RigException.Kind.valueOf(event.name()), event.text());
    }
  }
}
