package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

/**
 * How far a run is, and what it measured since the last report, as its process says it.
 *
 * @param run that it is about
 * @param progress of the run
 * @param points of its curves
 */
record Report(long run, Run.Progress progress, List<Point> points) {
  static Report of(Map<String, Object> body) {
    List<Point> points = new ArrayList<>();
    for (Object entry : (List<?>) body.get("points")) {
      List<?> p = (List<?>) entry;
      points.add(new Point((String) p.get(0), ((Number) p.get(1)).longValue(), real(p.get(2))));
    }
    return new Report(
        Vitals.number(body, "run").longValue(),
        new Run.Progress(
            Vitals.number(body, "done").longValue(),
            Vitals.number(body, "total").longValue(),
            real(body.get("images_per_second")),
            real(body.get("seconds_left"))),
        points);
  }

  /** The opposite of {@link #of}. */
  static Map<String, Object> body(long run, Run.Progress progress, List<Point> points) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("run", run);
    body.put("done", progress.done());
    body.put("total", progress.total());
    body.put("images_per_second", progress.imagesPerSecond());
    body.put("seconds_left", progress.secondsLeft());
    body.put(
        "points",
        points.stream().map(p -> List.<Object>of(p.metric(), p.step(), p.value())).toList());
    return body;
  }

  /** JSON has no NaN: it comes as null. */
  private static double real(Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
