package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;

/** The metrics of runs, step by step. */
final class Points {
  /** Step by step where that is few enough, else one bucket per range of steps. */
  private static final String BUCKETS =
      "with p as (select step, value from point where run = ? and metric = (select id from metric"
          + " where name = ?)), r as (select count(*) as n, min(step) as first, max(step) as last"
          + " from p) select max(step), avg(value), min(value), max(value), max(n) from p, r group"
          + " by case when n <= ? then step else (step - first) * ? / (last - first + 1) end order"
          + " by step";

  private static final String DIFFERENCES =
      "with a as (select metric, step, value from point where run = ?),"
          + " b as (select metric, step, value from point where run = ?),"
          + " j as (select coalesce(a.metric, b.metric) as metric, a.value as x,"
          + " b.value as y, a.step is not null and b.step is not null as both"
          + " from a full join b on b.metric = a.metric and b.step = a.step)"
          + " select m.name, sum(both), sum(not both), max(case when not both then"
          + " null when (x is null) <> (y is null) then 9e999 when x is null then 0"
          + " else abs(x - y) end),"
          + " (select value from a where metric = m.id order by step desc limit 1),"
          + " (select value from b where metric = m.id order by step desc limit 1)"
          + " from j join metric m on m.id = j.metric and m.name <> '"
          + Control.CLOCK
          + "' group by m.id order by m.name";

  private final Database database;

  Points(Database database) {
    this.database = database;
  }

  /** Saves points of a run, how far it is and its last values. */
  void add(long id, Run.Progress progress, double seconds, List<Point> points) {
    database.write(
        c -> {
          insert(c, id, points);
          Map<String, Double> metrics =
              JsonColumns.numbers(Sql.text(c, "select metrics from run where id = ?", id));
          points.forEach(point -> metrics.put(point.metric(), point.value()));
          return Sql.update(
              c,
              "update run set done = ?, total = ?, images_per_second = ?, seconds_left = ?, seconds"
                  + " = ?, metrics = ? where id = ?",
              progress.done(),
              progress.total(),
              progress.imagesPerSecond(),
              progress.secondsLeft(),
              seconds,
              Json.line(metrics),
              id);
        });
  }

  /** Replaces the rate of a run that this process does not run by that of the whole run. */
  void meanRate(long id) {
    database.write(
        c ->
            Sql.update(
                c, "update run set images_per_second = " + Claims.MEAN_RATE + " where id = ?", id));
  }

  private static void insert(Connection c, long id, List<Point> points) throws SQLException {
    Map<String, Long> ids = new HashMap<>(); // not kept: the transaction may be taken back
    try (PreparedStatement s =
        c.prepareStatement(
            "insert or replace into point (run, metric, step, value) values (?, ?, ?, ?)")) {
      for (Point point : points) {
        s.setLong(1, id);
        if (!ids.containsKey(point.metric())) {
          ids.put(point.metric(), metric(c, point.metric()));
        }
        s.setLong(2, ids.get(point.metric()));
        s.setLong(3, point.step());
        s.setDouble(4, point.value());
        s.addBatch();
      }
      s.executeBatch();
    }
    for (Map.Entry<String, Long> metric : ids.entrySet()) {
      LongSummaryStatistics steps =
          points.stream()
              .filter(point -> point.metric().equals(metric.getKey()))
              .mapToLong(Point::step)
              .summaryStatistics();
      Levels.update(c, id, metric.getValue(), steps.getMin(), steps.getMax());
    }
  }

  private static long metric(Connection c, String name) throws SQLException {
    Sql.update(c, "insert or ignore into metric (name) values (?)", name);
    return Sql.number(c, "select id from metric where name = ?", name).orElseThrow();
  }

  /** The last step of which a run has a point of a metric; 0 for none. */
  long lastStep(long id, String metric) {
    return database.read(
        c ->
            Sql.number(
                    c,
                    "select max(step) from point where run = ? and metric = (select id from metric"
                        + " where name = ?)",
                    id,
                    metric)
                .orElse(0));
  }

  /** The names of a run's metrics. */
  List<String> metrics(long id) {
    return database.read(
        c -> {
          RunRows.require(c, id);
          return Sql.list(
              c,
              row -> row.getString(1),
              "select name from metric where exists (select 1 from point where run = ? and"
                  + " metric = metric.id) order by name",
              id);
        });
  }

  Curve curve(long id, String metric, int maxPoints) {
    return database.read(
        c -> {
          RunRows.require(c, id);
          List<Long> totals = new ArrayList<>();
          long number = Sql.number(c, "select id from metric where name = ?", metric).orElse(0);
          int level = Levels.of(c, id, number, maxPoints);
          if (level > 0) {
            List<Curve.Bucket> coarse = Levels.buckets(c, id, number, level, maxPoints, totals);
            return new Curve(id, metric, totals.get(0), coarse);
          }
          List<Curve.Bucket> buckets =
              Sql.list(
                  c, row -> Levels.bucket(row, totals), BUCKETS, id, metric, maxPoints, maxPoints);
          return new Curve(id, metric, totals.isEmpty() ? 0 : totals.get(0), buckets);
        });
  }

  /** The same metrics of two runs, step by step. */
  List<Comparison.Metric> compare(long first, long second) {
    return database.read(
        c ->
            Sql.list(
                c,
                row ->
                    new Comparison.Metric(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        Sql.real(row, 4),
                        Sql.real(row, 5),
                        Sql.real(row, 6)),
                DIFFERENCES,
                first,
                second));
  }
}
