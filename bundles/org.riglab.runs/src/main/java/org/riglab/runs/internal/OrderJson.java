package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.Json;

/** An unfinished run as {@link Orders} keeps it. */
final class OrderJson {
  private static final String INSERT =
      "insert into run (id, name, kind, state, network, own, weights, network_spec, options, seed,"
          + " priority, position, device, sweep, replay_of, submitted, folder) values (?, ?, ?, ?,"
          + " ?, ?, ?, ?, ?, ?, ?, (select coalesce(max(position), 0) + 1 from run), ?, ?, ?, ?,"
          + " ?)";

  private OrderJson() {}

  static Map<String, Object> of(Job job) {
    Run run = job.run();
    Map<String, Object> order = new LinkedHashMap<>();
    order.put("id", run.id());
    order.put("name", run.name());
    order.put("kind", run.kind().name());
    // One that runs begins as one that waits, with its checkpoint.
    order.put("state", (run.state() == State.PAUSED ? State.PAUSED : State.QUEUED).name());
    order.put("network", run.network());
    order.put("own", job.own());
    order.put("weights", job.weights());
    order.put("network_spec", run.networkSpec());
    order.put("options", job.options());
    order.put("seed", run.seed());
    order.put("priority", (long) run.priority());
    order.put("device", run.state() == State.RUNNING ? asked(job) : run.device());
    order.put("sweep", run.sweep());
    order.put("replay_of", run.replayOf());
    order.put("after", run.after());
    order.put("folder", run.folder());
    return order;
  }

  private static String asked(Job job) {
    Object device = job.options().get("device");
    return device == null ? "auto" : String.valueOf(device);
  }

  /**
   * @throws RigException INVALID if the order is not whole
   */
  static void insert(Connection c, Map<String, Object> order, long now) throws SQLException {
    String folder = text(order, "folder");
    Sql.update(
        c,
        INSERT,
        order.get("id"),
        text(order, "name"),
        Run.Kind.valueOf(text(order, "kind")).name(),
        State.valueOf(text(order, "state")).name(),
        text(order, "network"),
        Boolean.TRUE.equals(order.get("own")),
        text(order, "weights"),
        Json.line(order.get("network_spec")),
        Json.line(order.get("options")),
        order.get("seed"),
        order.get("priority"),
        text(order, "device"),
        order.get("sweep"),
        order.get("replay_of"),
        now,
        folder.isEmpty() ? null : folder);
    if (order.get("after") instanceof List<?> after) {
      for (Object id : after) {
        // Those that are done are not there any more.
        Sql.update(
            c,
            "insert or ignore into dependency (run, after) select ?, id from run where id = ?",
            order.get("id"),
            id);
      }
    }
  }

  private static String text(Map<String, Object> order, String key) {
    if (order.get(key) instanceof String text) {
      return text;
    }
    throw new RigException("the copy of the order has no " + key);
  }
}
