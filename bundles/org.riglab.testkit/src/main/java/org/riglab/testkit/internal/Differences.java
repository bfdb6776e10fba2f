package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * Finite differences of a function, beside its gradients; without gradient mode. Steps are short: a
 * deep network of relus has a kink in nearly every longer one, and the slope beyond a kink is
 * another.
 */
final class Differences {
  private static final NDIndex ALL = new NDIndex("...");
  private static final double[] SHORT = {1e-8, 1e-9, 1e-7, 1e-6, 1e-5};

  /** What goes through Java's floats on its way does not feel shorter ones. */
  private static final double[] LONG = {1e-5, 1e-6, 1e-7};

  private static final double[] FLOAT32 = {1e-2, 3e-3, 1e-3, 3e-4};

  /** Smaller slopes are compared as if they were that large. */
  private static final double LEAST = 1e-2;

  /** So many are moved at once; which one is wrong is looked for if one is. */
  private static final int TOGETHER = 8;

  private final DoubleSupplier function;
  private final double here;
  private final boolean exact;
  private final double[] steps;
  private final double tolerance;
  private final int together;

  /**
   * @param function of arrays whose values are changed in between; the same value for the same ones
   * @param type in which it computes
   * @param reads whether it may read values of arrays and compute with them in Java
   */
  Differences(DoubleSupplier function, DataType type, boolean reads) {
    this.exact = type == DataType.FLOAT64;
    this.function = function;
    this.here = function.getAsDouble();
    this.steps = !exact ? FLOAT32 : reads ? LONG : SHORT;
    this.tolerance = exact ? 1e-3 : 0.1;
    this.together = exact && !reads ? TOGETHER : 1;
  }

  /**
   * An array, and where it is moved.
   *
   * @param along as long as a step of 1
   * @param said the slope in that direction, after the gradient
   */
  private record Way(String name, NDArray array, NDArray along, double said) {}

  /** Difference quotients to both sides of a point: where both are the same, that is the slope. */
  private record Slopes(double ahead, double behind) {
    double apart() {
      return Math.abs(ahead - behind);
    }

    double mean() {
      return (ahead + behind) / 2;
    }

    boolean enclose(double slope, double tolerance) {
      return slope >= Math.min(ahead, behind) - tolerance
          && slope <= Math.max(ahead, behind) + tolerance;
    }
  }

  /**
   * Looks for a gradient that is not the slope.
   *
   * @param manager owner of what is needed meanwhile
   * @param variables by name; each with its gradient, or none
   * @return what is wrong
   */
  Optional<String> wrong(NDManager manager, Map<String, NDArray> variables) {
    List<Way> ways = new ArrayList<>();
    variables.forEach((name, array) -> ways.add(way(manager, name, array)));
    // Of what is moved together no slope may drown in another's rounding.
    ways.sort(Comparator.comparingDouble(way -> Math.abs(way.said())));
    for (int from = 0; from < ways.size(); from += together) {
      Optional<String> wrong = wrong(ways.subList(from, Math.min(from + together, ways.size())));
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private Optional<String> wrong(List<Way> ways) {
    if (ways.size() == 1) {
      return wrong(ways.get(0));
    }
    if (close(ways, slopes(ways, steps[0] / ways.size()))) {
      return Optional.empty();
    }
    int half = ways.size() / 2;
    return wrong(ways.subList(0, half)).or(() -> wrong(ways.subList(half, ways.size())));
  }

  private Optional<String> wrong(Way way) {
    List<Way> ways = List.of(way);
    Slopes best = new Slopes(Double.NaN, Double.NaN);
    for (double step : steps) {
      Slopes slopes = slopes(ways, step);
      if (close(ways, slopes)) {
        return Optional.empty();
      }
      if (!(best.apart() <= slopes.apart())) {
        best = slopes;
      }
    }
    // A kink may be nearer than the shortest step that float32 resolves.
    if (!exact && best.enclose(way.said(), most(Math.abs(way.said())))) {
      return Optional.empty();
    }
    return Optional.of(
        "the gradient of %s says a slope of %.4g where finite differences find %.4g"
            .formatted(way.name(), way.said(), best.mean()));
  }

  /** Whether both sides have the slope that the gradients say. */
  private boolean close(List<Way> ways, Slopes slopes) {
    double said = ways.stream().mapToDouble(Way::said).sum();
    double least = ways.stream().mapToDouble(way -> Math.abs(way.said())).min().orElse(0);
    double most = most(least);
    return Math.abs(said - slopes.ahead()) <= most && Math.abs(said - slopes.behind()) <= most;
  }

  private double most(double slope) {
    return tolerance * Math.max(slope, LEAST);
  }

  /** Along the gradient, where the slope is steepest, and a little to the side. */
  private static Way way(NDManager manager, String name, NDArray array) {
    double[] gradient = Trial.gradient(array);
    double steep = gradient == null ? 0 : Numbers.norm(gradient);
    double[] along =
        Numbers.values(
            Numbers.normal(manager, array.getDataType(), 77, array.getShape().getShape()));
    double length = Numbers.norm(along);
    for (int i = 0; i < along.length; i++) {
      along[i] = along[i] / length + (steep == 0 ? 0 : gradient[i] / steep);
    }
    NDArray typed = manager.create(along, array.getShape()).toType(array.getDataType(), false);
    double said = gradient == null ? 0 : Numbers.dot(gradient, Numbers.values(typed));
    return new Way(name, array, typed, said);
  }

  private Slopes slopes(List<Way> ways, double step) {
    return new Slopes((moved(ways, step) - here) / step, (here - moved(ways, -step)) / step);
  }

  private double moved(List<Way> ways, double step) {
    List<NDArray> before = ways.stream().map(way -> way.array().duplicate()).toList();
    try {
      for (int i = 0; i < ways.size(); i++) {
        try (NDArray move = ways.get(i).along().mul(step);
            NDArray there = before.get(i).add(move)) {
          ways.get(i).array().set(ALL, there);
        }
      }
      return function.getAsDouble();
    } finally {
      for (int i = 0; i < ways.size(); i++) {
        ways.get(i).array().set(ALL, before.get(i));
        before.get(i).close();
      }
    }
  }
}
