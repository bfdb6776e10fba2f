package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.metric.Scores;

/** Evaluates networks and label maps, and checks data. */
@ProviderType
public interface Evaluator {
  /**
   * Completes a spec.
   *
   * @param network name of the network
   * @param options by name as in {@link EvalSpec}; {@code dataset} and {@code data} default to
   *     those of the network's last training
   * @return the complete spec
   */
  EvalSpec plan(String network, Map<String, ?> options);

  /**
   * @param spec what to do
   * @param observer watches
   * @return scores per iteration
   */
  Evaluation evaluate(EvalSpec spec, Observer observer);

  /**
   * Scores label maps made by anyone: PNG files of the same names in two directories, read as
   * indices.
   *
   * @param predictions directory of predicted maps
   * @param labels directory of true maps
   * @param classes number of classes
   * @param voidLabel label that does not count; -1 for none
   * @param metrics the metrics and their options; only such as compare with the label
   * @return the scores of all metrics
   */
  Scores score(Path predictions, Path labels, int classes, int voidLabel, List<PartSpec> metrics);

  /**
   * Reads every image and label of a data set.
   *
   * @param dataset the data set
   * @param data its directory; empty for data sets made on the fly
   * @param observer counts
   * @return what was found
   */
  DataReport check(PartSpec dataset, String data, Observer observer);

  /**
   * What is in a data set.
   *
   * @param splits what is in each
   * @param errors the first few errors, one line each
   * @param errorCount how many there are altogether
   */
  record DataReport(List<SplitReport> splits, List<String> errors, int errorCount) {}

  /**
   * What is in a split.
   *
   * @param name its name
   * @param images how many
   * @param pixels how many pixels of each class, then of void
   * @param fingerprint see {@link org.riglab.api.data.Split#fingerprint()}
   */
  record SplitReport(String name, int images, List<Long> pixels, String fingerprint) {}
}
