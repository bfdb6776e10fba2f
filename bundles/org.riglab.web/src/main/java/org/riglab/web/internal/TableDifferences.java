package org.riglab.web.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.riglab.api.bench.ImageScore;
import org.riglab.base.PairedBootstrap;
import org.riglab.base.Steady;

/**
 * Differences of cells to the baseline by a paired bootstrap. One may take seconds: they are
 * computed one after the other on a thread of their own, and kept.
 */
final class TableDifferences implements AutoCloseable {
  private static final int MOST = 2000;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "web-tables");
            made.setDaemon(true);
            return made;
          });

  private final Map<Key, Answer> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Answer> eldest) {
          return size() > MOST;
        }
      };

  private record Key(String metric, List<Long> first, List<Long> second) {}

  /**
   * What is known of a difference.
   *
   * @param known whether it was computed, or there is none
   * @param difference null if there is none, or it is not known yet
   */
  record Answer(boolean known, PairedBootstrap.Difference difference) {}

  /**
   * @param metric of the table
   * @param cell evaluations of a cell
   * @param baseline evaluations of the baseline
   * @return the difference over the seeds that both have; it is computed if it is not known
   */
  Answer of(String metric, List<Tables.Seed> cell, List<Tables.Seed> baseline) {
    PairedBootstrap.Metric known = PairedBootstrap.Metric.of(metric);
    List<Long> ids = new ArrayList<>();
    List<Long> others = new ArrayList<>();
    List<List<ImageScore>> first = new ArrayList<>();
    List<List<ImageScore>> second = new ArrayList<>();
    for (Tables.Seed one : cell) {
      for (Tables.Seed other : baseline) {
        if (one.seed() == other.seed() && paired(one.images(), other.images())) {
          ids.add(one.eval());
          others.add(other.eval());
          first.add(one.images());
          second.add(other.images());
        }
      }
    }
    if (known == null || ids.isEmpty()) {
      return new Answer(true, null);
    }
    Key key = new Key(metric, ids, others);
    synchronized (kept) {
      Answer answer = kept.get(key);
      if (answer != null) {
        return answer;
      }
      Answer later = new Answer(false, null);
      kept.put(key, later);
      thread.execute(
          Steady.task(
              "a difference of a table",
              () -> {
                PairedBootstrap.Difference difference = PairedBootstrap.of(known, first, second);
                synchronized (kept) {
                  kept.put(key, new Answer(true, difference));
                }
              }));
      return later;
    }
  }

  private static boolean paired(List<ImageScore> first, List<ImageScore> second) {
    return !first.isEmpty()
        && first.size() == second.size()
        && first.get(0).correct().size() == second.get(0).correct().size();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
