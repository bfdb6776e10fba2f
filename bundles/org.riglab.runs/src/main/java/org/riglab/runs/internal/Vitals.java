package org.riglab.runs.internal;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a worker reports of itself every second.
 *
 * @param run that it works on; 0 for none
 * @param silentSeconds since the run last made a step or said anything
 * @param deadSeconds since it last did, or asked whether to stop
 * @param notFinite whether a loss or mIoU was not a number
 * @param residentBytes that the process holds; 0 if the system does not say
 */
record Vitals(
    long run, double silentSeconds, double deadSeconds, boolean notFinite, long residentBytes) {
  static final Vitals NONE = new Vitals(0, 0, 0, false, 0);

  /** As they are if nothing has changed for some time. */
  Vitals after(double seconds) {
    return run == 0
        ? this
        : new Vitals(run, silentSeconds + seconds, deadSeconds + seconds, notFinite, residentBytes);
  }

  Map<String, Object> body() {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("run", run);
    body.put("silent", silentSeconds);
    body.put("dead", deadSeconds);
    body.put("not_finite", notFinite);
    body.put("resident", residentBytes);
    return body;
  }

  static Vitals of(Map<String, Object> body) {
    return new Vitals(
        number(body, "run").longValue(),
        number(body, "silent").doubleValue(),
        number(body, "dead").doubleValue(),
        Boolean.TRUE.equals(body.get("not_finite")),
        number(body, "resident").longValue());
  }

  static Number number(Map<String, Object> body, String key) {
    return body.get(key) instanceof Number number ? number : 0;
  }
}
