package org.riglab.training.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.TrainSpec;

/**
 * How a run continues: with the options that it was started with, except for those that change no
 * result, or that users change on purpose.
 *
 * @param spec of the training from now on
 * @param changes options with another value than before: {@code [before, now]} by name
 * @param extended whether the run may become longer
 */
record Resumption(TrainSpec spec, Map<String, List<Object>> changes, boolean extended) {
  /** An option of {@link org.riglab.api.bench.Trainer#resume} that is none of the training. */
  static final String EXTEND = "extend";

  /** Another value computes the same numbers; that data are the same is checked. */
  private static final Set<String> HARMLESS =
      Set.of("workers", "checkpoint_every", "keep_every", "data", "python");

  /** Another value adds up in another order. */
  private static final Set<String> NUMERIC =
      Set.of("device", "threads", "engine", "nodes", "per_node");

  /** How long a run is. */
  private static final Set<String> LENGTH = Set.of("steps", "epochs", "patience");

  /**
   * @param before spec that the run was started or last resumed with
   * @param now the same with the options that are given
   * @param extend whether the length may change
   * @throws RigException CONFLICT if another option differs
   */
  static Resumption of(TrainSpec before, TrainSpec now, boolean extend) {
    Map<String, Object> old = Plans.json(before);
    Map<String, Object> given = Plans.json(now);
    Set<String> names = new LinkedHashSet<>(old.keySet());
    names.addAll(given.keySet());
    Map<String, List<Object>> changes = new LinkedHashMap<>();
    for (String name : names) {
      if (Objects.equals(old.get(name), given.get(name))) {
        continue;
      }
      boolean length = LENGTH.contains(name);
      if (!HARMLESS.contains(name) && !NUMERIC.contains(name) && !(length && extend)) {
        throw new RigException(
            Kind.CONFLICT,
            "option '%s' is %s, but the run to be resumed was started with %s; %s"
                .formatted(
                    name,
                    given.get(name),
                    old.get(name),
                    length
                        ? "use --extend to make it longer"
                        : "start a new training to change it"));
      }
      changes.put(name, List.of(given(old, name), given(given, name)));
    }
    return new Resumption(now, changes, extend);
  }

  private static Object given(Map<String, Object> json, String name) {
    return Objects.requireNonNullElse(json.get(name), "");
  }

  /**
   * @param step steps done
   * @param steps of the whole run from now on
   * @throws RigException CONFLICT if it has done more already
   */
  void check(long step, long steps) {
    if (extended && steps < step) {
      throw new RigException(
          Kind.CONFLICT,
          "the run has already done %d steps; it cannot be extended to %d".formatted(step, steps));
    }
  }

  /**
   * @param step steps done
   * @param steps of the whole run from now on
   * @return what changes, in one line; empty if nothing does
   */
  String line(long step, long steps) {
    if (changes.isEmpty()) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    changes.forEach(
        (name, values) ->
            parts.add("%s %s instead of %s".formatted(name, values.get(1), values.get(0))));
    boolean longer = changes.keySet().stream().anyMatch(LENGTH::contains);
    boolean numeric = changes.keySet().stream().anyMatch(NUMERIC::contains);
    String effect;
    if (numeric) {
      effect = "results are no longer equal to the bit";
    } else if (longer && !spec.schedule().schedule().equals("constant")) {
      effect =
          "from step %d on the learning rate is that of a training of %d steps"
              .formatted(step + 1, steps);
    } else {
      effect = "results stay equal to the bit";
    }
    return "continues after step %d with %s; %s".formatted(step, String.join(", ", parts), effect);
  }
}
