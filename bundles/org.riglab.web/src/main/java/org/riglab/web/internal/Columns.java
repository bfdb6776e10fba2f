package org.riglab.web.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.riglab.api.lab.Run;

/** What a list of runs can show of each. */
final class Columns {
  static final String METRIC = "metric.";
  static final String SPEC = "spec.";
  static final String NETWORK = "network.";

  private static final Map<String, Function<Run, Object>> PLAIN = new LinkedHashMap<>();

  static {
    PLAIN.put("id", Run::id);
    PLAIN.put("name", Run::name);
    PLAIN.put("kind", Run::kind);
    PLAIN.put("state", Run::state);
    PLAIN.put("network", Run::network);
    PLAIN.put("mIoU", Columns::answer);
    PLAIN.put("loss", run -> run.metrics().get("loss"));
    PLAIN.put("done", run -> run.progress().done());
    PLAIN.put("total", run -> run.progress().total());
    PLAIN.put("imagesPerSecond", run -> run.progress().imagesPerSecond());
    PLAIN.put("secondsLeft", run -> run.progress().secondsLeft());
    PLAIN.put("seed", Run::seed);
    PLAIN.put("priority", Run::priority);
    PLAIN.put("device", Run::device);
    PLAIN.put("after", Run::after);
    PLAIN.put("sweep", Run::sweep);
    PLAIN.put("replayOf", Run::replayOf);
    PLAIN.put("submitted", run -> run.times().submitted());
    PLAIN.put("started", run -> run.times().started());
    PLAIN.put("ended", run -> run.times().ended());
    PLAIN.put("seconds", run -> run.times().seconds());
    PLAIN.put("tags", Run::tags);
    PLAIN.put("note", Run::note);
    PLAIN.put("files", run -> run.storage().files());
    PLAIN.put("bytes", run -> run.storage().bytes());
    PLAIN.put("error", Run::error);
    PLAIN.put("warnings", Run::warnings);
  }

  /** The default columns of a list. */
  static final List<String> USUAL =
      List.of(
          "id",
          "name",
          "kind",
          "state",
          "network",
          "mIoU",
          "loss",
          "done",
          "total",
          "imagesPerSecond",
          "secondsLeft",
          "submitted",
          "seconds",
          "error",
          "warnings");

  private Columns() {}

  /**
   * @param run a run
   * @param columns names
   * @return their values
   * @throws Refusal 400 if there is no such column
   */
  static Map<String, Object> row(Run run, List<String> columns) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (String column : columns) {
      row.put(column, value(run, column));
    }
    return row;
  }

  private static Object value(Run run, String column) {
    Function<Run, Object> plain = PLAIN.get(column);
    if (plain != null) {
      return plain.apply(run);
    }
    if (column.startsWith(METRIC)) {
      return run.metrics().get(column.substring(METRIC.length()));
    }
    if (column.startsWith(SPEC)) {
      return run.spec().get(column.substring(SPEC.length()));
    }
    if (column.startsWith(NETWORK)) {
      return run.networkSpec().get(column.substring(NETWORK.length()));
    }
    throw new Refusal(
        400,
        "there is no column '"
            + Call.printable(column)
            + "'; there are "
            + String.join(", ", PLAIN.keySet())
            + ", metric.NAME, spec.NAME and network.NAME");
  }

  /** The mIoU of the last iteration. */
  private static Double answer(Run run) {
    Double answer = null;
    for (int t = 1; ; t++) {
      Double value = run.metrics().get("mIoU.t" + t);
      if (value == null) {
        return answer;
      }
      answer = value;
    }
  }

  /**
   * @param runs some runs
   * @return the names of all columns that any of them has a value for
   */
  static List<String> of(List<Run> runs) {
    TreeSet<String> further = new TreeSet<>();
    for (Run run : runs) {
      run.metrics().keySet().forEach(name -> further.add(METRIC + name));
      run.spec().keySet().forEach(name -> further.add(SPEC + name));
      run.networkSpec().keySet().forEach(name -> further.add(NETWORK + name));
    }
    List<String> all = new java.util.ArrayList<>(PLAIN.keySet());
    all.addAll(further);
    return all;
  }
}
