package org.riglab.training.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluator.DataReport;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.TrainSpec.Data;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.base.AtomicFile;
import org.riglab.base.Sha256;
import org.riglab.networks.data.DataCheck;

/**
 * Reads every image and label that a run will use. Data that stay in memory are read anyway; larger
 * data are checked once, and again when their fingerprint changes.
 *
 * @param data of the run
 * @param spec how they were opened
 * @param checked directory that remembers which data were good
 */
record TrainingDataCheck(TrainingData data, Data spec, Path checked) {
  private static final int SHOWN = 3;
  private static final int LOOKED_AT = 16;

  /**
   * @param observer may stop it
   * @throws RigException if there is an error; shows the first few
   */
  void run(Observer observer) {
    Optional<Path> mark =
        fits(data.train(), CachedSplit.defaultBytes() / 4 * 3) ? Optional.empty() : mark();
    if (mark.isPresent() && Files.exists(mark.get())) {
      return;
    }
    int images = data.train().size() + (data.validates() ? data.val().size() : 0);
    observer.message("reading and checking %d images".formatted(images));
    DataReport report = DataCheck.check(data, new StopOnly(observer));
    if (report.errorCount() > 0) {
      throw new RigException(errors(report));
    }
    report.warnings().stream()
        .limit(SHOWN)
        .forEach(warning -> observer.message("warning: " + warning));
    if (report.warningCount() > SHOWN) {
      observer.message(
          "warning: and %d more (data check lists them)".formatted(report.warningCount() - SHOWN));
    }
    mark.ifPresent(file -> AtomicFile.writeText(file, data.identity().toString() + "\n"));
  }

  private String errors(DataReport report) {
    List<String> shown = report.errors().stream().limit(SHOWN).toList();
    int more = report.errorCount() - shown.size();
    return "data set %s has %d error%s: %s%s"
        .formatted(
            spec.dataset().name(),
            report.errorCount(),
            report.errorCount() == 1 ? "" : "s",
            String.join("; ", shown),
            more > 0 ? "; and " + more + " more (data check lists them)" : "");
  }

  /** By images from all over the split: one says little of the others. */
  static boolean fits(Split split, long room) {
    int looked = Math.min(LOOKED_AT, split.size());
    try {
      double bytes = 0;
      for (int i = 0; i < looked; i++) {
        Sample sample = split.sample((int) ((long) i * split.size() / looked));
        bytes += (double) sample.image().length + sample.label().length;
      }
      return bytes / looked * split.size() <= room;
    } catch (RigException e) {
      // The check reports it among the others.
      return true;
    }
  }

  private Optional<Path> mark() {
    try {
      return Optional.of(checked.resolve(Sha256.of(data.identity().toString() + spec.resize())));
    } catch (RigException e) {
      // No fingerprint of files that cannot be read: the check says which.
      return Optional.empty();
    }
  }

  private record StopOnly(Observer observer) implements Observer {
    @Override
    public boolean stop() {
      return observer.stop();
    }
  }
}
