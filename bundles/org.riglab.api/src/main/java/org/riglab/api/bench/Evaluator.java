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
   * As {@link #plan(String, Map)}, of a network that need not be there yet.
   *
   * @param options as above
   * @return the spec, whose network, and data set unless given, have no name
   * @throws org.riglab.api.RigException if an option is unknown, ill-typed or out of range
   */
  EvalSpec plan(Map<String, ?> options);

  /**
   * @param spec what to do
   * @param observer watches
   * @return scores per iteration
   */
  Evaluation evaluate(EvalSpec spec, Observer observer);

  /**
   * Evaluates two variants of a network on the same images, side by side. Both have the network's
   * weights as {@link Networks#swap} would give them; the network itself stays as it is, and may be
   * in use meanwhile.
   *
   * @param spec what to do; not with {@link Execution#ONNX}
   * @param first one variant
   * @param second another one
   * @param most how many images to name where they differ most, 0 or more
   * @param observer watches
   * @return both, and where they differ
   */
  SideBySide compare(
      EvalSpec spec, NetworkSpec first, NetworkSpec second, int most, Observer observer);

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
   * Reads every label of a split and counts.
   *
   * @param dataset the data set
   * @param data its directory; empty for data sets made on the fly
   * @param split its name; empty for the data set's first, which is for training
   * @param resize size (H, W) every image and label is brought to, as in {@link
   *     TrainSpec.Data#resize}; empty to leave them
   * @param observer counts
   * @return how often the classes occur
   */
  ClassFrequencies frequencies(
      PartSpec dataset, String data, String split, List<Integer> resize, Observer observer);

  /**
   * @return names of the weightings in {@link ClassFrequencies#weights}
   */
  List<String> weightings();

  /**
   * What is in a data set.
   *
   * @param splits what is in each
   * @param errors the first few errors, one line each
   * @param errorCount how many there are altogether
   * @param warnings the first few of what may be wrong, one line each
   * @param warningCount how many there are altogether
   */
  record DataReport(
      List<SplitReport> splits,
      List<String> errors,
      int errorCount,
      List<String> warnings,
      int warningCount) {}

  /**
   * What is in a split.
   *
   * @param name its name
   * @param images how many
   * @param pixels how many pixels of each class, then of void
   * @param fingerprint see {@link org.riglab.api.data.Split#fingerprint()}
   */
  record SplitReport(String name, int images, List<Long> pixels, String fingerprint) {}

  /**
   * How often the classes of a data set occur in a split.
   *
   * @param split its name
   * @param images how many
   * @param classes by label
   * @param voidPixels pixels that do not count
   * @param weights one weight per class in the loss, by the name that {@link
   *     TrainSpec.Objective#classWeights} has for the weighting
   */
  record ClassFrequencies(
      String split,
      int images,
      List<ClassFrequency> classes,
      long voidPixels,
      Map<String, List<Double>> weights) {}

  /**
   * How often a class occurs.
   *
   * @param name of the class
   * @param pixels of the class
   * @param share of all pixels that count, 0 to 1
   * @param images in which it occurs
   */
  record ClassFrequency(String name, long pixels, double share, long images) {}
}
