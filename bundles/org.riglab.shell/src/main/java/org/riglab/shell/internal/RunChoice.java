package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;

/**
 * The runs that are to be deleted or archived.
 *
 * @param where conditions; empty for none
 * @param older a duration since their end; empty for any
 * @param keep runs of each network that are kept, those with the highest mIoU
 * @param ids named ones; empty for all that fulfil the rest
 */
record RunChoice(String where, String older, int keep, Collection<Long> ids) {
  private static final int PAGE = 1000;

  /**
   * @param lab knows the runs
   * @param further conditions where no run is named; empty for none
   * @return those that are chosen
   */
  List<Run> runs(Lab lab, String further) {
    if (keep < 0) {
      throw Usage.wrong("--keep-best must be 0 or more, not " + keep);
    }
    boolean conditions = !where.isBlank() || !older.isEmpty() || keep > 0;
    if (ids.isEmpty() != conditions) {
      throw Usage.wrong(
          conditions
              ? "use either ids or --where, --older-than and --keep-best"
              : "no runs selected; use ids, or --where, --older-than or --keep-best");
    }
    if (!conditions) {
      return ids.stream().map(lab::run).toList();
    }
    List<String> all = new ArrayList<>(List.of("state=done,failed,cancelled"));
    all.add(further);
    all.add(where);
    all.add(older.isEmpty() ? "" : "age>" + older);
    all.removeIf(String::isBlank);
    Set<Long> kept = best(lab);
    return list(lab, String.join(" and ", all), List.of()).stream()
        .filter(run -> !kept.contains(run.id()))
        .toList();
  }

  /** Those to keep: of all runs, not only of those that are old enough. */
  private Set<Long> best(Lab lab) {
    Set<Long> best = new HashSet<>();
    if (keep > 0) {
      Map<String, Integer> counts = new HashMap<>();
      for (Run run : list(lab, "kind=train", List.of("-mIoU"))) {
        boolean scored = run.metrics().containsKey("mIoU.t1");
        if (scored && counts.merge(run.network(), 1, Integer::sum) <= keep) {
          best.add(run.id());
        }
      }
    }
    return best;
  }

  private static List<Run> list(Lab lab, String where, List<String> sort) {
    List<Run> runs = new ArrayList<>();
    while (true) {
      Lab.Page page = lab.list(Lab.Query.where(where, sort, runs.size(), PAGE));
      runs.addAll(page.runs());
      if (page.runs().isEmpty() || runs.size() >= page.total()) {
        return runs;
      }
    }
  }
}
