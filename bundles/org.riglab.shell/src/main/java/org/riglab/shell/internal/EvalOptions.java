package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.bench.Evaluator;

/** Options that commands for evaluation share. */
final class EvalOptions {
  private EvalOptions() {}

  /**
   * @param dataset as in {@link EvalCommand}, and so are the others
   * @return those that were given, as {@link Evaluator#plan} takes them; may be added to
   * @throws org.riglab.api.RigException if a size is not valid
   */
  static Map<String, Object> of(
      Optional<String> dataset,
      Optional<Path> data,
      Optional<String> split,
      Optional<String> limit,
      Optional<String> resize,
      Optional<String> threads,
      Optional<String> execution,
      Optional<String> device) {
    Map<String, Object> options = new LinkedHashMap<>();
    dataset.ifPresent(v -> options.put("dataset", v));
    data.ifPresent(v -> options.put("data", v.toString()));
    split.ifPresent(v -> options.put("split", v));
    limit.ifPresent(v -> options.put("limit", v));
    resize.ifPresent(v -> options.put("resize", Specs.size(v)));
    threads.ifPresent(v -> options.put("threads", v));
    execution.ifPresent(v -> options.put("execution", v));
    device.ifPresent(v -> options.put("device", v));
    return options;
  }

  /**
   * Adds the number of iterations.
   *
   * @param options receives those that are given, as {@link org.riglab.api.bench.EvalSpec} names
   *     them
   */
  static void stopping(
      Map<String, Object> options,
      Optional<String> iterations,
      Optional<String> budgetMs,
      Optional<String> budgetGmac,
      Optional<String> until) {
    iterations.ifPresent(v -> options.put("iterations", v));
    budgetMs.ifPresent(v -> options.put("budget_ms", v));
    budgetGmac.ifPresent(v -> options.put("budget_gmac", v));
    until.ifPresent(v -> options.put("until", v));
  }
}
