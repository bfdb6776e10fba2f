package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.riglab.api.lab.Curve;

/**
 * Points of a metric in coarser steps: sums and extremes of 64 and of 4096 steps in a row. They are
 * kept with each point that is stored.
 */
final class Levels {
  private static final int SHIFT = 6;
  private static final int COARSEST = 2;

  /** Points that are read quickly one by one. */
  private static final int FEW = 50_000;

  private static final String FROM_POINTS =
      "insert or replace into level select run, metric, 1, step >> 6, max(step), count(*),"
          + " count(value), sum(value), min(value), max(value) from point where run = ? and metric"
          + " = ? and step between ? and ? group by step >> 6";

  private static final String FROM_FINER =
      "insert or replace into level select run, metric, 2, bucket >> 6, max(step), sum(points),"
          + " sum(number), sum(total), min(least), max(most) from level where run = ? and metric ="
          + " ? and level = 1 and bucket between ? and ? group by bucket >> 6";

  private static final String BUCKETS =
      "with p as (select step, points, number, total, least, most from level where run = ? and"
          + " metric = ? and level = ?), r as (select sum(points) as n, min(step) as first,"
          + " max(step) as last from p) select max(step), sum(total) / sum(number), min(least),"
          + " max(most), max(n) from p, r group by (step - first) * ? / (last - first + 1) order by"
          + " step";

  private Levels() {}

  /**
   * Brings the levels up to date after points were stored.
   *
   * @param first step of them
   * @param last step of them
   */
  static void update(Connection c, long run, long metric, long first, long last)
      throws SQLException {
    long low = first >> SHIFT;
    long high = last >> SHIFT;
    Sql.update(c, FROM_POINTS, run, metric, low << SHIFT, ((high + 1) << SHIFT) - 1);
    Sql.update(
        c, FROM_FINER, run, metric, low >> SHIFT << SHIFT, (((high >> SHIFT) + 1) << SHIFT) - 1);
  }

  /**
   * @param most points of a curve
   * @return the coarsest level with at least so many, if there are many points; 0 for the points
   *     themselves
   */
  static int of(Connection c, long run, long metric, int most) throws SQLException {
    long points =
        Sql.number(
                c,
                "select sum(points) from level where run = ? and metric = ? and level = ?",
                run,
                metric,
                COARSEST)
            .orElse(0);
    if (points <= FEW) {
      return 0;
    }
    for (int level = COARSEST; level > 0; level--) {
      long rows =
          Sql.number(
                  c,
                  "select count(*) from level where run = ? and metric = ? and level = ?",
                  run,
                  metric,
                  level)
              .orElse(0);
      if (rows >= most) {
        return level;
      }
    }
    return 0;
  }

  /**
   * @param level 1 or more
   * @param most points of the curve
   * @param totals gets the number of all points, once for each bucket
   */
  static List<Curve.Bucket> buckets(
      Connection c, long run, long metric, int level, int most, List<Long> totals)
      throws SQLException {
    return Sql.list(c, row -> bucket(row, totals), BUCKETS, run, metric, level, most);
  }

  /**
   * @param row step, mean, low, high and the number of all points, as {@link #BUCKETS} selects them
   * @param totals gets that number
   */
  static Curve.Bucket bucket(ResultSet row, List<Long> totals) throws SQLException {
    totals.add(row.getLong(5));
    return new Curve.Bucket(row.getLong(1), Sql.real(row, 2), Sql.real(row, 3), Sql.real(row, 4));
  }
}
