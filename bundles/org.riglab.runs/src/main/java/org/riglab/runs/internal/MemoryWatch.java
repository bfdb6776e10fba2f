package org.riglab.runs.internal;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.riglab.api.lab.Run;

/** Looks after what runs hold of memory: names who leaks it, pauses a run before it is all gone. */
final class MemoryWatch {
  private final Watchdog watchdog;
  private final Culprits culprits;
  private final Store store;
  private final Map<Control, NativeGrowth> growth = new HashMap<>();

  MemoryWatch(Watchdog watchdog, Culprits culprits, Store store) {
    this.watchdog = watchdog;
    this.culprits = culprits;
    this.store = store;
  }

  /**
   * Looks at all runs at work.
   *
   * @param active their controls
   */
  void watch(List<Control> active) {
    growth.keySet().retainAll(active);
    OptionalLong resident = Machine.resident();
    if (resident.isPresent()) {
      active.forEach(control -> sample(control, resident.getAsLong()));
    }
    if (active.stream().noneMatch(Control::stopping)) {
      watchdog.shortage().ifPresent(why -> pause(active, why));
    }
  }

  private void sample(Control control, long resident) {
    List<String> suspects = suspects(control);
    if (suspects.isEmpty()) {
      return; // the bench's own parts are tested for that
    }
    Runtime runtime = Runtime.getRuntime();
    long heap = runtime.totalMemory();
    growth
        .computeIfAbsent(control, key -> new NativeGrowth())
        .sample(control.progress().done(), resident, heap, heap - runtime.freeMemory())
        .ifPresent(line -> control.leak(line + "; suspected: " + String.join(", ", suspects)));
  }

  private List<String> suspects(Control control) {
    return culprits.plugins(
        store.run(control.run().id()).parts().values().stream()
            .map(part -> part.split(" ")[0])
            .toList());
  }

  /** One run at a time, and first the one that leaks: the rest may have enough then. */
  private void pause(List<Control> active, String why) {
    active.stream()
        .max(
            Comparator.comparing((Control c) -> c.leak().isPresent())
                .thenComparing(c -> !suspects(c).isEmpty())
                .thenComparing(c -> c.run().id()))
        .ifPresent(
            control ->
                control.want(
                    Run.State.PAUSED, why + control.leak().map(line -> "; " + line).orElse("")));
  }
}
