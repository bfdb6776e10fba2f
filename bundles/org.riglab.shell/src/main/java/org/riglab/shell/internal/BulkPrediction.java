package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.api.bench.Inference;

/** Labels many images as the options of a command say. */
final class BulkPrediction {
  private static final String SPARK = "spark";

  private final List<BulkPredictor> engines;
  private final BulkOptions options;
  private final List<String> cluster;

  /**
   * @param engines that there are
   * @param options as typed
   */
  BulkPrediction(List<BulkPredictor> engines, BulkOptions options) {
    this.engines = engines;
    this.options = options;
    this.cluster =
        options.cluster().isEmpty()
            ? List.of()
            : Arrays.stream(options.cluster().split(",")).map(String::strip).toList();
  }

  /** Whether many images are to be labelled. */
  boolean asked() {
    return options.input().isPresent();
  }

  /** Refuses options of a cluster for single images. */
  void requireLocal() {
    if (!options.engine().equals(BulkOptions.LOCAL)
        || !options.master().isEmpty()
        || !cluster.isEmpty()) {
      throw Usage.wrong("--engine, --master and --cluster are for --input");
    }
  }

  /** Refuses what is for single images. */
  void requireAlone(List<Path> images, List<String> maps) {
    if (!images.isEmpty()) {
      throw Usage.wrong("--input and images exclude each other");
    }
    if (!maps.isEmpty()) {
      throw Usage.wrong("--input and --maps exclude each other");
    }
  }

  /**
   * @param session shows the progress
   * @param network its name
   * @param output directory
   * @param inference settings
   * @param upright whether images are turned
   * @throws RigException PART_FAILED if some images could not be labelled, or as the engine does
   * @throws InterruptedException as the engine does
   */
  void predict(
      CommandSession session, String network, Path output, Inference inference, boolean upright)
      throws InterruptedException {
    if (NamedFiles.confined(session) && !(options.master().isEmpty() && cluster.isEmpty())) {
      // Properties of Spark can start any program in the cluster
      throw new RigException(
          RigException.Kind.DENIED,
          "--master and --cluster are for local users; the configuration org.riglab.spark sets them"
              + " for a server");
    }
    Terminal terminal = Terminal.of(session);
    BulkPredictor.Job job =
        new BulkPredictor.Job(
            network,
            options.input().orElseThrow(),
            output,
            inference,
            upright,
            options.master(),
            cluster);
    BulkPredictor.Outcome outcome;
    try (BulkProgress progress = new BulkProgress(terminal)) {
      outcome = engine().predict(job, progress);
    }
    terminal
        .out()
        .println(
            Text.format(
                "%s in %s%s%s",
                Text.count(outcome.images(), "image"),
                output,
                outcome.earlier() > 0 ? ", %d earlier".formatted(outcome.earlier()) : "",
                outcome.images() > 0 && outcome.seconds() > 0
                    ? Text.format(", %.2f images/s", outcome.images() / outcome.seconds())
                    : ""));
    if (outcome.failed() > 0) {
      throw new RigException(
          RigException.Kind.PART_FAILED,
          "%s could not be labelled; %s has the reasons"
              .formatted(Text.count(outcome.failed(), "image"), output.resolve("failed.csv")));
    }
  }

  private BulkPredictor engine() {
    return engines.stream()
        .filter(e -> e.engine().equals(options.engine()))
        .findFirst()
        .orElseThrow(
            () ->
                options.engine().equals(SPARK)
                    ? new RigException(
                        RigException.Kind.UNAVAILABLE,
                        "--engine spark requires the bundle org.riglab.spark, which is not"
                            + " installed")
                    : new RigException(
                        "there is no engine '%s' for predictions; there is %s"
                            .formatted(
                                options.engine(),
                                engines.stream()
                                    .map(BulkPredictor::engine)
                                    .sorted()
                                    .collect(Collectors.joining(", ")))));
  }
}
