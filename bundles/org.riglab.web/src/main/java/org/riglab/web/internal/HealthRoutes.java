package org.riglab.web.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckSelector;
import org.riglab.api.access.Role;

/**
 * Results of Felix's health checks: 200 if all pass or warn, else 503. Without a token the response
 * contains names and states, with a token also the reasons.
 */
final class HealthRoutes {
  /** The tag of the checks that count. */
  static final String TAG = "riglab";

  private final HealthCheckExecutor executor;

  HealthRoutes(HealthCheckExecutor executor) {
    this.executor = executor;
  }

  /** Routes without authentication. */
  List<Route> open() {
    return List.of(Route.of("GET", "/health", Role.VIEWER, call -> answer(call, false)));
  }

  List<Route> routes() {
    return List.of(Route.of("GET", "/api/v1/health", Role.VIEWER, call -> answer(call, true)));
  }

  private void answer(Call call, boolean reasons) throws IOException {
    List<HealthCheckExecutionResult> results =
        executor.execute(HealthCheckSelector.tags(TAG)).stream()
            .sorted(Comparator.comparing(r -> r.getHealthCheckMetadata().getName()))
            .toList();
    Result.Status worst = results.isEmpty() ? Result.Status.CRITICAL : Result.Status.OK;
    Map<String, Object> checks = new LinkedHashMap<>();
    for (HealthCheckExecutionResult result : results) {
      Result.Status status = result.getHealthCheckResult().getStatus();
      if (status.compareTo(worst) > 0) {
        worst = status;
      }
      String name = result.getHealthCheckMetadata().getName();
      checks.put(name, reasons ? reasons(result) : status);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("status", worst);
    answer.put("checks", checks);
    boolean works = worst == Result.Status.OK || worst == Result.Status.WARN;
    call.json(works ? 200 : 503, answer);
  }

  /** Of a check that is not well, only what is not. */
  private static Map<String, Object> reasons(HealthCheckExecutionResult execution) {
    Result result = execution.getHealthCheckResult();
    List<String> reasons = new ArrayList<>();
    for (ResultLog.Entry entry : result) {
      if (result.isOk() || entry.getStatus() != Result.Status.OK) {
        reasons.add(entry.getMessage());
      }
    }
    Map<String, Object> check = new LinkedHashMap<>();
    check.put("status", result.getStatus());
    check.put("reasons", reasons);
    return check;
  }
}
