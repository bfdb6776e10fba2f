package org.riglab.training.internal;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.api.RigException;
import org.riglab.api.metric.Scores;

/**
 * The score that decides which weights are the best, and when a training stops early.
 *
 * @param metric its name
 * @param classIndex of a metric per class; -1 for a metric of all classes
 * @param iteration 1 for the first; 0 for the last
 * @param smaller whether smaller values are better
 */
record Monitor(String metric, int classIndex, int iteration, boolean smaller) {
  /**
   * @param text {@code METRIC[:class][:iteration]}, with {@code -} in front if smaller is better
   * @param known scores with the names that there are
   * @param classes names of the classes
   * @param iterations predictions of the network
   * @return the score
   * @throws RigException INVALID if there is no such metric, class or iteration
   */
  static Monitor of(String text, Scores known, List<String> classes, int iterations) {
    boolean smaller = text.startsWith("-");
    String[] words = (smaller ? text.substring(1) : text).split(":", 2);
    String metric = words[0];
    String className = words.length > 1 ? words[1] : "";
    int iteration = 0;
    int colon = className.lastIndexOf(':');
    String last = className.substring(colon + 1);
    boolean named = classes.contains(className) && known.perClass().containsKey(metric);
    if (last.matches("\\d{1,9}") && !named) {
      iteration = Integer.parseInt(last);
      className = colon < 0 ? "" : className.substring(0, colon);
      if (iteration < 1 || iteration > iterations) {
        throw wrong(text, "iteration %d: there are 1 to %d".formatted(iteration, iterations));
      }
    }
    boolean perClass = !className.isEmpty();
    Set<String> names =
        new TreeSet<>(perClass ? known.perClass().keySet() : known.values().keySet());
    if (!names.contains(metric)) {
      throw wrong(
          text,
          "metric '%s'%s: there are %s"
              .formatted(metric, perClass ? " per class" : "", String.join(", ", names)));
    }
    int index = classes.indexOf(className);
    if (perClass && index < 0) {
      throw wrong(text, "class '%s': there are %s".formatted(className, list(classes)));
    }
    return new Monitor(metric, index, iteration, smaller);
  }

  private static String list(List<String> classes) {
    return String.join(", ", classes.subList(0, Math.min(40, classes.size())))
        + (classes.size() > 40 ? ", ..." : "");
  }

  private static RigException wrong(String text, String what) {
    return new RigException(
        "training: option 'monitor' is %s; there is no %s".formatted(text, what));
  }

  /**
   * @param iterations scores of each
   * @return the value; NaN if it is not defined
   */
  double value(List<Scores> iterations) {
    Scores scores = iterations.get((iteration == 0 ? iterations.size() : iteration) - 1);
    Double value =
        classIndex < 0
            ? scores.values().get(metric)
            : scores.perClass().get(metric).get(classIndex);
    return value == null ? Double.NaN : value;
  }

  /** Whether a value is better than the best so far; the first that is defined is. */
  boolean better(double value, double best) {
    return Double.isNaN(best) ? !Double.isNaN(value) : smaller ? value < best : value > best;
  }
}
