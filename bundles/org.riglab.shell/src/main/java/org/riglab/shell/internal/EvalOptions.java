package org.riglab.shell.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.bench.Evaluator;

/** Options that commands for evaluation share. */
final class EvalOptions {
  private EvalOptions() {}

  /**
   * @param images of the evaluation
   * @param threads of the native library
   * @param execution compiled, eager or onnx
   * @param device where to compute
   * @return those that were given, as {@link Evaluator#plan} takes them; may be added to
   * @throws org.riglab.api.RigException if a size is not valid
   */
  static Map<String, Object> of(
      ImageOptions images,
      Optional<String> threads,
      Optional<String> execution,
      Optional<String> device) {
    Map<String, Object> options = new LinkedHashMap<>();
    images.into(options);
    threads.ifPresent(v -> options.put("threads", v));
    execution.ifPresent(v -> options.put("execution", v));
    device.ifPresent(v -> options.put("device", v));
    return options;
  }
}
