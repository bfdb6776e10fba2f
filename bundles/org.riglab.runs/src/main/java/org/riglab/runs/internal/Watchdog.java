package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.riglab.api.lab.Health.Check;
import org.riglab.api.lab.Health.Status;

/** Looks after disk, memory and runs that hang. Durations are those of a clock that never jumps. */
final class Watchdog {
  private static final long MIB = 1 << 20;
  private static final double NANOS_PER_HOUR = 3.6e12;
  private static final int SAMPLES = 60;
  private static final long SAMPLE_NANOS = 60_000_000_000L;
  private static final double SOON_HOURS = 6;

  /** Of so many samples, a minute apart, a trend can be told. */
  static final int TREND_SAMPLES = 10;

  private final Limits limits;
  private final Path home;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final Map<Long, List<String>> told = new HashMap<>();
  private long runsBytes;
  private long runsAt;
  private boolean runsKnown;

  /**
   * How full the disk was.
   *
   * @param nanos when
   * @param free bytes
   */
  record Sample(long nanos, long free) {}

  Watchdog(Limits limits, Path home) {
    this.limits = limits;
    this.home = home;
  }

  /** Disk and memory, now. */
  synchronized List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    long now = System.nanoTime();
    long free = Machine.freeDisk(home);
    if (samples.isEmpty() || now - samples.getLast().nanos() >= SAMPLE_NANOS) {
      samples.add(new Sample(now, free));
      if (samples.size() > SAMPLES) {
        samples.remove();
      }
    }
    checks.add(disk(free, List.copyOf(samples), limits.minFreeDisk()));
    if (limits.maxRuns() > 0) {
      checks.add(runs(now));
    }
    checks.addAll(memory());
    return checks;
  }

  private List<Check> memory() {
    List<Check> checks = new ArrayList<>();
    OptionalLong available = Machine.availableMemory();
    if (available.isPresent()) {
      checks.add(memory(available.getAsLong(), limits.minFreeMemory()));
    }
    return checks;
  }

  /** Why a run is to be paused before the system ends the whole process; empty if none is. */
  Optional<String> shortage() {
    return memory().stream()
        .filter(check -> check.status() == Status.CRITICAL)
        .map(check -> check.name() + ": " + check.text())
        .findFirst();
  }

  /**
   * @param free bytes now
   * @param samples oldest first
   * @param least bytes below which no run starts
   */
  static Check disk(long free, List<Sample> samples, long least) {
    String text = "%s free".formatted(size(free));
    if (free < least) {
      return new Check("disk", Status.CRITICAL, text + "; no run starts below " + size(least));
    }
    double lost = -trend(samples);
    double left = lost > 0 ? (free - least) / lost : Double.POSITIVE_INFINITY;
    if (left < SOON_HOURS) {
      return new Check(
          "disk",
          Status.WARN,
          text + String.format(Locale.ROOT, ", decreasing: %.1f h left at this rate", left));
    }
    return free < 2 * least
        ? new Check("disk", Status.WARN, text + "; no run starts below " + size(least))
        : new Check("disk", Status.OK, text);
  }

  /**
   * Archives the oldest ended runs while all together take too much; measures again when that is
   * done.
   *
   * @param store knows the runs
   */
  synchronized void makeRoom(Store store) {
    if (!limits.archiveOldest() || runs(System.nanoTime()).status() != Status.CRITICAL) {
      return;
    }
    runsBytes -= store.removals(home).archiveOldest(runsBytes - limits.maxRuns() + 1);
  }

  /**
   * Bytes per hour, by least squares over enough samples; 0 where most of them do not follow it: a
   * checkpoint or a cache that comes and goes is no trend.
   */
  private static double trend(List<Sample> samples) {
    int n = samples.size();
    if (n < TREND_SAMPLES) {
      return 0;
    }
    double meanTime = 0;
    double meanFree = 0;
    for (Sample sample : samples) {
      meanTime += hours(sample, samples.get(0)) / n;
      meanFree += (double) sample.free() / n;
    }
    double product = 0;
    double square = 0;
    for (Sample sample : samples) {
      double time = hours(sample, samples.get(0)) - meanTime;
      product += time * (sample.free() - meanFree);
      square += time * time;
    }
    long falls = 0;
    for (int i = 1; i < n; i++) {
      falls += samples.get(i).free() < samples.get(i - 1).free() ? 1 : 0;
    }
    return 2 * falls > n - 1 && square > 0 ? product / square : 0;
  }

  private static double hours(Sample sample, Sample first) {
    return (sample.nanos() - first.nanos()) / NANOS_PER_HOUR;
  }

  private Check runs(long now) {
    if (!runsKnown || now - runsAt > SAMPLE_NANOS) {
      runsBytes = Machine.size(home.resolve("runs"));
      runsAt = now;
      runsKnown = true;
    }
    long most = limits.maxRuns();
    String text = "runs use %s of %s".formatted(size(runsBytes), size(most));
    return runsBytes >= most
        ? new Check("runs", Status.CRITICAL, text + "; no other run starts")
        : new Check("runs", runsBytes > most / 10 * 9 ? Status.WARN : Status.OK, text);
  }

  private static Check memory(long available, long least) {
    String text = "%s available".formatted(size(available));
    return available < least
        ? new Check("memory", Status.CRITICAL, text + "; no run starts below " + size(least))
        : new Check("memory", available < 2 * least ? Status.WARN : Status.OK, text);
  }

  static String duration(double seconds) {
    return seconds < 120
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : String.format(Locale.ROOT, "%.0f minutes", Math.floor(seconds / 60));
  }

  static String size(long bytes) {
    return bytes >= 10L << 30
        ? String.format(Locale.ROOT, "%.0f GiB", bytes / (double) (1L << 30))
        : String.format(Locale.ROOT, "%.0f MiB", bytes / (double) MIB);
  }

  /** Why no run may start now; empty if one may. */
  Optional<String> hold() {
    return checks().stream()
        .filter(check -> check.status() == Status.CRITICAL)
        .map(check -> check.name() + ": " + check.text())
        .findFirst();
  }

  /** What is wrong with a run. */
  List<String> warnings(Vitals vitals) {
    List<String> warnings = new ArrayList<>();
    double minutes = vitals.silentSeconds() / 60;
    if (minutes >= limits.stallMinutes()) {
      warnings.add(String.format(Locale.ROOT, "no step for %.0f minutes", Math.floor(minutes)));
    }
    if (vitals.notFinite()) {
      warnings.add("loss or mIoU is not a number");
    }
    return warnings;
  }

  /** Writes the warnings of a run where they have changed. */
  void watch(Vitals vitals, Store store) {
    List<String> now = warnings(vitals);
    List<String> before = told.getOrDefault(vitals.run(), List.of());
    // "no step for 11 minutes" is no news after "for 10"
    if (now.size() != before.size()) {
      store.warnings(vitals.run(), now);
      told.put(vitals.run(), now);
    }
  }
}
