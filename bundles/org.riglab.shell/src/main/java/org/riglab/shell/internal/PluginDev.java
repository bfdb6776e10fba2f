package org.riglab.shell.internal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;

/** Watches the builds of a plugin project: checks, installs and tries each, and prints changes. */
final class PluginDev implements AutoCloseable {
  private static final long POLL_MILLIS = 300;
  private static final int NAMES_SHOWN = 6;

  /** Appended to the symbolic name of a build's bundle. */
  private static final String OWN = ".dev";

  /** Appended to names of parts that an installed plugin has, too. */
  private static final String SUFFIX = "-dev";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS", Locale.ROOT);

  private final Plugins plugins;
  private final Optional<PluginChecks> checks;
  private final PluginTrial trial;
  private final DevNetworks followers;
  private final Path folder;
  private final Terminal terminal;
  private final PrintStream out;
  private final Clock clock;

  private Optional<BuiltJar> seen = Optional.empty();
  private Optional<BuiltJar> done = Optional.empty();
  private int builds;
  private Map<String, Double> before = Map.of();
  private Optional<String> current = Optional.empty();

  PluginDev(
      Plugins plugins,
      Optional<PluginChecks> checks,
      PluginTrial trial,
      DevNetworks followers,
      Path project,
      Terminal terminal,
      Clock clock) {
    if (!Files.isDirectory(project)) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "there is no folder " + project + "; 'plugin new KIND NAME' creates a project");
    }
    this.plugins = plugins;
    this.checks = checks;
    this.trial = trial;
    this.followers = followers;
    this.folder = project.resolve("target");
    this.terminal = terminal;
    this.out = terminal.out();
    this.clock = clock;
  }

  /**
   * Watches until the output is closed.
   *
   * @throws InterruptedException if the command is cancelled
   */
  void watch() throws InterruptedException {
    out.println(
        "watching " + folder + " for jars; 'mvn package' there builds one, Ctrl-C ends this");
    while (!out.checkError()) {
      look();
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** Discards the network of the trial, moves other networks back, and removes the build. */
  @Override
  public void close() {
    trial.close();
    try {
      followers.close();
      current.ifPresent(name -> plugins.remove(name, false));
    } catch (RigException e) {
      // A network that is in use keeps the build, which stays installed.
      say("kept", e.getMessage());
    }
  }

  /**
   * Checks the folder once. A jar is used if two checks find it unchanged and complete.
   *
   * @return whether there was a new build
   * @throws InterruptedException if the command is cancelled
   */
  boolean look() throws InterruptedException {
    Optional<BuiltJar> now = BuiltJar.newest(folder);
    boolean quiet = now.equals(seen);
    seen = now;
    if (!quiet || now.isEmpty() || now.equals(done) || !now.get().whole()) {
      return false;
    }
    done = now;
    long start = clock.millis();
    out.printf(
        "build %d, %s: %s%n",
        ++builds, TIME.format(LocalDateTime.now(clock)), now.get().file().getFileName());
    try {
      built(now.get());
      say("took", seconds(start));
    } catch (RigException e) {
      say("failed", e.getMessage());
    }
    out.println();
    return true;
  }

  private void built(BuiltJar jar) throws InterruptedException {
    if (!checked(jar)) {
      say("swap", "no: the previous build, if any, stays active");
      return;
    }
    Plugins.Plugin plugin = swapped(jar);
    current = Optional.of(plugin.name());
    followers.follow(plugin.parts(), SUFFIX).forEach(line -> say("swap", line));
    Map<String, Double> kept = Map.of();
    if (trial.made()) {
      say(trial.carryOver());
      kept = trial.evaluate(plugin.parts());
    }
    Map<String, Double> numbers =
        trial.run(jar.identity().name(), plugin.parts()).orElseThrow(InterruptedException::new);
    print(kept, numbers);
    before = numbers;
  }

  private boolean checked(BuiltJar jar) {
    if (checks.isEmpty()) {
      say("check", "none: nothing in this process checks plugins (org.riglab.testkit does)");
      return true;
    }
    long start = clock.millis();
    PluginChecks.Report report = checks.get().check(jar.file(), Optional.empty(), check -> {});
    Map<PluginChecks.Verdict, Long> counts =
        report.checks().stream()
            .collect(Collectors.groupingBy(PluginChecks.Check::verdict, Collectors.counting()));
    say(
        "check",
        Text.format(
            "%d passed, %d failed, %d to note; %s",
            counts.getOrDefault(PluginChecks.Verdict.PASSED, 0L),
            counts.getOrDefault(PluginChecks.Verdict.FAILED, 0L),
            counts.getOrDefault(PluginChecks.Verdict.NOTE, 0L),
            seconds(start)));
    for (PluginChecks.Check check : report.checks()) {
      if (check.verdict() != PluginChecks.Verdict.PASSED) {
        say(
            check.verdict() == PluginChecks.Verdict.FAILED ? "failed" : "note",
            check.part() + ", " + check.name() + ": " + check.sentence());
      }
    }
    return report.passed();
  }

  /** Installs the build under a name of its own: users of an installed version are not moved. */
  private Plugins.Plugin swapped(BuiltJar jar) {
    String name = jar.identity().name() + OWN;
    List<Plugins.Plugin> all = plugins.list();
    Optional<Plugins.Plugin> there = all.stream().filter(p -> p.name().equals(name)).findFirst();
    Set<String> taken =
        all.stream()
            .filter(plugin -> !plugin.name().equals(name))
            .flatMap(plugin -> plugin.parts().stream())
            .map(part -> part.substring(part.indexOf(' ') + 1))
            .collect(Collectors.toSet());
    try {
      Path copy = Files.createTempFile("riglab-dev", ".jar");
      try {
        jar.copy(copy, new BuiltJar.Renaming(name, "", taken, SUFFIX));
        if (there.isEmpty()) {
          Plugins.Plugin plugin = plugins.install(copy);
          say("swap", "installed " + title(plugin));
          return plugin;
        }
        Plugins.Plugin old = there.get();
        if (old.state().equals("active") && old.sha256().equals(Sha256.of(copy))) {
          say("swap", "not needed: " + title(old) + " is installed");
          return old;
        }
        if (old.version().equals(jar.identity().version().toString())) {
          String stamp = "dev" + STAMP.format(LocalDateTime.now(clock));
          jar.copy(copy, new BuiltJar.Renaming(name, stamp, taken, SUFFIX));
        }
        return updated(copy);
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw FileFailures.writing(jar.file(), e);
    }
  }

  private Plugins.Plugin updated(Path jar) {
    Plugins.Update update;
    try {
      update = plugins.update(jar);
    } catch (RigException e) {
      if (!trial.made()) {
        throw e;
      }
      // The trial's network must not be what holds back a part that has got another name.
      trial.close();
      update = plugins.update(jar);
    }
    say(
        "swap",
        Text.format(
            "%s for %s in %d ms%s",
            title(update.after()),
            update.before().version(),
            update.millis(),
            update.moved().isEmpty() ? "" : "; moved " + String.join(", ", update.moved())));
    return update.after();
  }

  private static String title(Plugins.Plugin plugin) {
    return plugin.name() + " " + plugin.version() + " (" + String.join(", ", plugin.parts()) + ")";
  }

  private void say(WeightTransfer weights) {
    say(
        "weights",
        weights.matched().size()
            + " kept, "
            + names(weights.initialised(), "new")
            + ", "
            + names(weights.leftOver(), "gone"));
  }

  private static String names(List<String> names, String what) {
    String shown =
        names.stream()
            .map(name -> name.split(" ", 2)[0])
            .limit(NAMES_SHOWN)
            .collect(Collectors.joining(", "));
    return names.size()
        + " "
        + what
        + (names.isEmpty() ? "" : " (" + shown + (names.size() > NAMES_SHOWN ? ", ..." : "") + ")");
  }

  private void print(Map<String, Double> kept, Map<String, Double> numbers) {
    Map<String, Double> rows = new LinkedHashMap<>();
    kept.forEach((name, value) -> rows.put(name + " of the weights kept", value));
    rows.putAll(numbers);
    Table table = new Table("", "before", "now");
    rows.forEach((name, value) -> table.row(name, number(before.get(before(name))), number(value)));
    table.toString().lines().forEach(line -> out.println("  " + line));
  }

  /** The kept weights were trained in the build before: its number is theirs. */
  private String before(String name) {
    String kept = " of the weights kept";
    if (!name.endsWith(kept)) {
      return name;
    }
    String score = name.substring(0, name.length() - kept.length());
    return before.keySet().stream()
        .filter(n -> n.equals(score) || n.startsWith(score + " after"))
        .findFirst()
        .orElse(name);
  }

  private static String number(Double value) {
    if (value == null) {
      return "-";
    }
    return Text.format(value > 1 && value == Math.rint(value) ? "%.0f" : "%.4f", value);
  }

  private String seconds(long start) {
    return Text.format("%.1f s", (clock.millis() - start) / 1000.0);
  }

  private void say(String what, String text) {
    out.println(Text.format("  %-8s%s", what, terminal.wrap(text, 10)));
  }
}
