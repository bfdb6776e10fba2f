package org.riglab.shell.internal;

import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.riglab.api.bench.Stopping;

/**
 * Options that end the iterations of a prediction.
 *
 * @param iterations number of iterations
 * @param budgetMs milliseconds per image
 * @param budgetGmac multiply-adds per image, in 10^9
 * @param until when a prediction is stable
 */
record StoppingOptions(
    @Descriptor(
            "N: number of iterations; can exceed that of the training; default: that of the"
                + " network")
        @Parameter(
            names = {"-n", "--iterations"},
            absentValue = "")
        Optional<String> iterations,
    @Descriptor(
            "MS: time limit per image in milliseconds; stops before the iteration that would"
                + " exceed it")
        @Parameter(
            names = {"-b", "--budget-ms"},
            absentValue = "")
        Optional<String> budgetMs,
    @Descriptor("N: limit in 10^9 multiply-adds; stops before the iteration that would exceed it")
        @Parameter(
            names = {"-g", "--budget-gmac"},
            absentValue = "")
        Optional<String> budgetGmac,
    @Descriptor(
            "RULE: stops when the prediction of an image is stable: change<0.5%, entropy<0.01,"
                + " kl<0.001 or stable:K (no pixel has changed in K iterations); must be quoted")
        @Parameter(
            names = {"-U", "--until"},
            absentValue = "")
        Optional<String> until) {
  /**
   * @param options receives those that are given, as {@link org.riglab.api.bench.EvalSpec} names
   *     them
   * @throws org.riglab.api.RigException if a number is not valid
   */
  void into(Map<String, Object> options) {
    rule(); // refuses numbers by the names of the options
    iterations.ifPresent(v -> options.put("iterations", v));
    budgetMs.ifPresent(v -> options.put("budget_ms", v));
    budgetGmac.ifPresent(v -> options.put("budget_gmac", v));
    until.ifPresent(v -> options.put("until", v));
  }

  /**
   * @return the rule; that of the network where nothing is given
   * @throws org.riglab.api.RigException if a number is not valid
   */
  Stopping rule() {
    return new Stopping(
        iterations.map(n -> Specs.positive("--iterations", n)).orElse(0),
        budgetMs.map(n -> Specs.budget("--budget-ms", n)).orElse(0.0),
        budgetGmac.map(n -> Specs.budget("--budget-gmac", n)).orElse(0.0),
        until.orElse(""));
  }
}
