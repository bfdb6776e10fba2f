package org.riglab.runs.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.riglab.api.RigException;
import org.riglab.api.engine.Devices;

/** Starts workers as processes of the same Java and the same distribution as this one. */
final class ProcessHost implements WorkerHost {
  private static final String DISTRIBUTION = "riglab.distribution";
  private static final String MAIN = "org.riglab.launcher.Main";
  private static final long MOST_SAID = 1 << 20;
  private static final double QUARTER_PERCENT = 25;

  private final Path home;
  private final Path distribution;
  private final WorkerSettings settings;
  private final int workers;
  private final UnaryOperator<String> owners;
  private final BooleanSupplier ending;

  /** Names of the workers that debuggers can connect to, in the order of their ports. */
  private final List<String> debugged = new ArrayList<>();

  /**
   * @param home of server and workers
   * @param distribution whose features they run
   * @param workers how many share cores and memory
   * @param owners names the plugin of a class; empty for none
   * @param ending as {@link #ending}
   */
  ProcessHost(
      Path home,
      Path distribution,
      WorkerSettings settings,
      int workers,
      UnaryOperator<String> owners,
      BooleanSupplier ending) {
    this.home = home;
    this.distribution = distribution;
    this.settings = settings;
    this.workers = workers;
    this.owners = owners;
    this.ending = ending;
  }

  /**
   * Of this process's distribution; refuses where it has none.
   *
   * @param context of the framework that a signal stops, be it before all of it has started
   */
  static WorkerHost of(
      Path home, LabConfig config, Devices devices, Culprits culprits, BundleContext context) {
    String distribution = System.getProperty(DISTRIBUTION, "");
    if (distribution.isEmpty()) {
      return place -> {
        throw new RigException(
            RigException.Kind.UNAVAILABLE,
            "a server starts its workers from the distribution that the system property %s names;"
                    .formatted(DISTRIBUTION)
                + " it names none");
      };
    }
    return new ProcessHost(
        home,
        Path.of(distribution),
        WorkerSettings.of(config),
        Limits.of(config, devices).devices().size(),
        name -> culprits.owner(name).orElse(""),
        () -> context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() == Bundle.STOPPING);
  }

  @Override
  public Running start(Place place) {
    Path log = home.resolve("log");
    Path said = log.resolve("worker-%s.err".formatted(place.name()));
    try {
      Files.createDirectories(log);
      if (Files.exists(said) && Files.size(said) > MOST_SAID) {
        Files.delete(said);
      }
      ProcessBuilder builder = new ProcessBuilder(command(place, log));
      builder.redirectError(ProcessBuilder.Redirect.appendTo(said.toFile()));
      environment(place, builder.environment());
      return new Started(place, builder.start(), log);
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "cannot start the worker for %s: %s".formatted(place.name(), e.getMessage()),
          e);
    }
  }

  @Override
  public boolean ending() {
    return ending.getAsBoolean();
  }

  private List<String> command(Place place, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xshare:auto",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
            "-XX:+UseSerialGC",
            // Pages of a heap that were touched once stay resident until it shrinks.
            "-Xms32m",
            "-XX:MaxHeapFreeRatio=50",
            "-XX:-ShrinkHeapInSteps",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:ActiveProcessorCount=" + settings.threads(workers),
            "-XX:ErrorFile=" + log.resolve("worker-" + place.name() + "-%p.crash"),
            "-Dfile.encoding=UTF-8",
            "-Djava.awt.headless=true",
            "-DOPT_OUT_TRACKING=true",
            "-Driglab.distribution=" + distribution));
    command.add(heap());
    Path archive = home.resolve("cache/classes.jsa");
    if (Files.exists(archive)) {
      command.add("-XX:SharedArchiveFile=" + archive);
    }
    command.addAll(settings.options());
    debugger(place).ifPresent(command::add);
    command.addAll(List.of("-cp", distribution.resolve("lib") + "/*", MAIN));
    command.addAll(List.of("--home", home.toString(), "worker"));
    command.addAll(List.of("--device", place.device(), "--name", place.name()));
    return command;
  }

  /** Where a debugger of the server can connect, each worker has the next port for itself. */
  private Optional<String> debugger(Place place) {
    Integer port = Integer.getInteger("riglab.debug");
    if (port == null) {
      return Optional.empty();
    }
    synchronized (debugged) {
      if (!debugged.contains(place.name())) {
        debugged.add(place.name());
      }
      return Optional.of(
          "-agentlib:jdwp=transport=dt_socket,server=y,quiet=y,suspend=n,address=127.0.0.1:"
              + (port + 1 + debugged.indexOf(place.name())));
    }
  }

  /** Together as much as the virtual machine allows one process by default. */
  private String heap() {
    return settings.heapMib() > 0
        ? "-Xmx%dm".formatted(settings.heapMib())
        : String.format(
            Locale.ROOT, "-XX:MaxRAMPercentage=%.2f", QUARTER_PERCENT / Math.max(1, workers));
  }

  private void environment(Place place, Map<String, String> environment) {
    environment.put("CUDA_VISIBLE_DEVICES", place.visible(environment.get("CUDA_VISIBLE_DEVICES")));
    environment.putIfAbsent("OMP_NUM_THREADS", Integer.toString(settings.threads(workers)));
  }

  private final class Started implements Running {
    private final Place place;
    private final Process process;
    private final Path log;
    private final CompletableFuture<Integer> exit;

    Started(Place place, Process process, Path log) {
      this.place = place;
      this.process = process;
      this.log = log;
      this.exit = process.onExit().thenApply(Process::exitValue);
    }

    @Override
    public String title() {
      return "worker %s (process %d)".formatted(place.name(), process.pid());
    }

    @Override
    public OutputStream input() {
      return process.getOutputStream();
    }

    @Override
    public InputStream output() {
      return process.getInputStream();
    }

    @Override
    public CompletableFuture<Integer> exit() {
      return exit;
    }

    @Override
    public void kill() {
      process.destroyForcibly();
    }

    @Override
    public String lastWords() {
      Path crash = log.resolve("worker-%s-%d.crash".formatted(place.name(), process.pid()));
      return CrashReport.read(crash, owners);
    }
  }
}
