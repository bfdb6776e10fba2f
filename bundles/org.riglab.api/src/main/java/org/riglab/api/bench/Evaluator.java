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
   * @return all options, with their defaults for a network that has not been trained
   */
  List<OptionInfo> options();

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
   * As {@link #plan(String, Map)}, for a network that need not exist.
   *
   * @param options as above
   * @return the spec; the name of the network and, unless given, of the data set are empty
   * @throws org.riglab.api.RigException if an option is unknown, ill-typed or out of range
   */
  EvalSpec plan(Map<String, ?> options);

  /**
   * @param spec the evaluation
   * @param observer receives the progress
   * @return scores per iteration
   */
  Evaluation evaluate(EvalSpec spec, Observer observer);

  /**
   * Evaluates two variants of a network on the same images, side by side. Both have the weights
   * that {@link Networks#swap} would transfer. The network itself is not changed and may be in use.
   *
   * @param spec the evaluation; {@link Execution#ONNX} is not supported
   * @param first the first variant
   * @param second the second variant
   * @param most number of most differing images to list, 0 or more
   * @param observer receives the progress
   * @return both results, and their differences
   */
  SideBySide compare(
      EvalSpec spec, NetworkSpec first, NetworkSpec second, int most, Observer observer);

  /**
   * Scores label maps of other programs: PNG files with equal names in two directories, read as
   * indices.
   *
   * @param predictions directory of predicted maps
   * @param labels directory of true maps
   * @param classes number of classes
   * @param voidLabel label that is ignored; -1 for none
   * @param metrics the metrics and their options; only those that compare with the label
   * @return the scores of all metrics
   */
  Scores score(Path predictions, Path labels, int classes, int voidLabel, List<PartSpec> metrics);

  /**
   * Reads every image and label of a data set.
   *
   * @param dataset the data set
   * @param data its directory; empty for generated data sets
   * @param observer receives the progress
   * @return the report
   */
  DataReport check(PartSpec dataset, String data, Observer observer);

  /**
   * Counts the classes in all labels of a split.
   *
   * @param dataset the data set
   * @param data its directory; empty for generated data sets
   * @param split its name; empty for the first one, which is used for training
   * @param resize size (H, W) to which images and labels are resized, as in {@link
   *     TrainSpec.Data#resize}; empty for their original size
   * @param observer receives the progress
   * @return the frequencies of the classes
   */
  ClassFrequencies frequencies(
      PartSpec dataset, String data, String split, List<Integer> resize, Observer observer);

  /**
   * Computes mean and standard deviation of the pixels of a split.
   *
   * @param dataset the data set
   * @param data its directory; empty for generated data sets
   * @param split its name; empty for the first one, which is used for training
   * @param limit number of images, evenly spaced over the split; 0 for all
   * @param observer receives the progress
   * @return the statistics
   */
  Pixels pixels(PartSpec dataset, String data, String split, int limit, Observer observer);

  /**
   * @return names of the weightings in {@link ClassFrequencies#weights}
   */
  List<String> weightings();

  /**
   * The contents of a data set.
   *
   * @param splits contents of each split
   * @param errors the first few errors, one line each
   * @param errorCount total number of errors
   * @param warnings the first few possible problems, one line each
   * @param warningCount total number of warnings
   */
  record DataReport(
      List<SplitReport> splits,
      List<String> errors,
      int errorCount,
      List<String> warnings,
      int warningCount) {}

  /**
   * The contents of a split.
   *
   * @param name its name
   * @param images number of images
   * @param pixels number of pixels of each class, then of void
   * @param fingerprint see {@link org.riglab.api.data.Split#fingerprint()}
   */
  record SplitReport(String name, int images, List<Long> pixels, String fingerprint) {}

  /**
   * The frequencies of the classes in a split.
   *
   * @param split its name
   * @param images number of images
   * @param classes by label
   * @param voidPixels number of void pixels
   * @param weights one weight per class in the loss, by the name of the weighting in {@link
   *     TrainSpec.Objective#classWeights}
   */
  record ClassFrequencies(
      String split,
      int images,
      List<ClassFrequency> classes,
      long voidPixels,
      Map<String, List<Double>> weights) {}

  /**
   * The frequency of a class.
   *
   * @param name of the class
   * @param pixels number of pixels of the class
   * @param share of all pixels that are not void, 0 to 1
   * @param images number of images in which it occurs
   */
  record ClassFrequency(String name, long pixels, double share, long images) {}

  /**
   * The pixels of a split. Lists are red, green, blue, 0 to 255.
   *
   * @param split its name
   * @param images number of images that were read
   * @param pixels number of pixels of these images
   * @param mean of all pixels
   * @param std standard deviation of all pixels (divided by their number)
   * @param imageMean mean of the means of the images
   * @param imageStd mean of the standard deviations of the images
   */
  record Pixels(
      String split,
      int images,
      long pixels,
      List<Double> mean,
      List<Double> std,
      List<Double> imageMean,
      List<Double> imageStd) {}
}
