package org.riglab.slurm.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.base.Names;
import org.riglab.runs.cluster.Cluster;

/** Executes runs as jobs of SLURM; those of a sweep as one array of jobs. */
@Component(configurationPid = "org.riglab.slurm")
public final class SlurmCluster implements Cluster {
  /** Options of sbatch that a request may set. */
  private static final Set<String> OPTIONS =
      Set.of(
          "account",
          "constraint",
          "cpus-per-task",
          "gres",
          "mem",
          "nodes",
          "partition",
          "qos",
          "reservation",
          "time");

  private static final Pattern VALUE =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.,:=+*/@\\[\\]-]{0,199}");

  /** What SLURM calls states in which a job is executed or about to end. */
  private static final Set<String> AT_WORK =
      Set.of("RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "SUSPENDED", "STOPPED");

  private static final Set<String> WAITING =
      Set.of(
          "PENDING",
          "CONFIGURING",
          "REQUEUED",
          "REQUEUE_FED",
          "REQUEUE_HOLD",
          "RESV_DEL_HOLD",
          "SPECIAL_EXIT",
          "RESIZING");

  private final Path home;
  private final SlurmCommands commands;
  private final Config config;

  /** Settings: configuration PID {@code org.riglab.slurm}. */
  @interface Config {
    /**
     * @return folder of sbatch, squeue and scancel; empty to look for them on the path
     */
    String commands() default "";

    /**
     * @return the Java of the nodes; empty for the path of that of the server
     */
    String java() default "";

    /**
     * @return options of the jobs' virtual machines
     */
    String[] java_options() default {"-XX:MaxRAMPercentage=25"};

    /**
     * @return seconds before its time limit at which a job is told to write a checkpoint and end
     */
    int signal_seconds() default 120;

    /**
     * @return the user whose jobs are looked at; empty for that of the server
     */
    String user() default "";

    /**
     * @return options of sbatch for every job, as {@code partition=gpu}
     */
    String[] defaults() default {};
  }

  /**
   * @param networks know the home
   */
  @Activate
  public SlurmCluster(@Reference Networks networks, Config config) {
    this.home = networks.home();
    this.commands = new SlurmCommands(config.commands());
    this.config = config;
  }

  @Override
  public String name() {
    return "slurm";
  }

  @Override
  public void check(Map<String, String> options) {
    options.forEach(
        (name, value) -> {
          if (!OPTIONS.contains(name)) {
            throw new RigException(
                "slurm: there is no option '%s'; the options are %s"
                    .formatted(
                        name, Names.nearestFirst(name, OPTIONS).collect(Collectors.joining(", "))));
          }
          if (!VALUE.matcher(value).matches()) {
            throw new RigException(
                "slurm: option '%s' is '%s'; it must consist of letters, digits and %s"
                    .formatted(name, value, "_.,:=+*/@[]-"));
          }
        });
    SlurmCommands.Result result = commands.run("", List.of("sbatch", "--version"));
    if (result.status() != 0) {
      throw failed(RigException.Kind.UNAVAILABLE, "sbatch", result);
    }
  }

  @Override
  public List<String> submit(List<Task> tasks) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String entry : config.defaults()) {
      int equals = entry.indexOf('=');
      if (equals < 1) {
        throw new RigException(
            "org.riglab.slurm: 'defaults' has '%s'; it must be NAME=VALUE".formatted(entry));
      }
      options.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
    options.putAll(tasks.get(0).options());
    List<String> words = new ArrayList<>(List.of("sbatch", "--parsable"));
    options.forEach((name, value) -> words.add("--%s=%s".formatted(name, value)));
    words.add("--job-name=" + tasks.get(0).title());
    words.add("--output=" + home.resolve("log/slurm-%j.out"));
    words.add("--open-mode=append");
    words.add("--requeue");
    words.add("--signal=B:TERM@" + config.signal_seconds());
    words.add("--chdir=" + home);
    if (tasks.size() > 1) {
      words.add("--array=0-" + (tasks.size() - 1));
    }
    SlurmCommands.Result result = commands.run(script(tasks), words);
    if (result.status() != 0) {
      // sbatch has one exit status for everything; this is how it begins a refusal.
      boolean refused = result.error().contains("Batch job submission failed");
      throw failed(
          refused ? RigException.Kind.INVALID : RigException.Kind.UNAVAILABLE, "sbatch", result);
    }
    String job = result.out().strip().split(";")[0];
    return tasks.size() == 1
        ? List.of(job)
        : IntStream.range(0, tasks.size()).mapToObj(k -> job + "_" + k).toList();
  }

  /** What a node executes; the process of the job's shell becomes that of Java. */
  private String script(List<Task> tasks) {
    String java =
        config.java().isEmpty()
            ? Path.of(System.getProperty("java.home"), "bin", "java").toString()
            : config.java();
    String distribution = System.getProperty("riglab.distribution", "");
    return """
    #!/bin/bash
    folders=(%s)
    folder=${folders[${SLURM_ARRAY_TASK_ID:-0}]}
    cores=${SLURM_CPUS_ON_NODE:-1}
    export OMP_NUM_THREADS=$cores
    echo "job $SLURM_JOB_ID on $(hostname): $folder"
    exec %s %s -XX:ActiveProcessorCount=$cores -XX:+UseSerialGC -Djava.awt.headless=true \\
      -DOPT_OUT_TRACKING=true -Driglab.distribution=%s -cp %s org.riglab.launcher.Main \\
      --home %s worker --once "$folder"
    """
        .formatted(
            tasks.stream()
                .map(task -> quoted(task.folder().toString()))
                .collect(Collectors.joining(" ")),
            quoted(java),
            List.of(config.java_options()).stream()
                .map(SlurmCluster::quoted)
                .collect(Collectors.joining(" ")),
            quoted(distribution),
            quoted(distribution + "/lib/*"),
            quoted(home.toString()));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  @Override
  public Map<String, Status> status(Collection<String> jobs) {
    List<String> words =
        new ArrayList<>(List.of("squeue", "--noheader", "--array", "--states=all"));
    words.add(config.user().isEmpty() ? "--me" : "--user=" + config.user());
    words.add("--format=%i|%T|%r");
    SlurmCommands.Result result = commands.run("", words);
    if (result.status() != 0) {
      throw failed(RigException.Kind.UNAVAILABLE, "squeue", result);
    }
    Set<String> asked = new HashSet<>(jobs);
    Map<String, Status> states = new HashMap<>();
    for (String line : result.out().lines().toList()) {
      String[] fields = line.split("\\|", 3);
      if (fields.length == 3 && asked.contains(fields[0].strip())) {
        states.put(fields[0].strip(), status(fields[1].strip(), fields[2].strip()));
      }
    }
    return states;
  }

  private static Status status(String state, String reason) {
    String words = state.toLowerCase(Locale.ROOT).replace('_', ' ');
    String why = reason.isEmpty() || reason.equals("None") ? words : words + ", " + reason;
    if (WAITING.contains(state)) {
      return new Status(Phase.PENDING, why);
    } else if (AT_WORK.contains(state)) {
      return new Status(Phase.RUNNING, why);
    } else if (state.equals("TIMEOUT")) {
      return new Status(Phase.TIMED_OUT, why);
    } else if (state.equals("CANCELLED")) {
      return new Status(Phase.CANCELLED, why);
    }
    return new Status(Phase.ENDED, why);
  }

  @Override
  public void cancel(String job) {
    // The shell's process is Java's: a job that is executed gets the signal that ends its step.
    SlurmCommands.Result result = commands.run("", List.of("scancel", job));
    if (result.status() != 0 && status(List.of(job)).containsKey(job)) {
      throw failed(RigException.Kind.UNAVAILABLE, "scancel", result);
    }
  }

  private static RigException failed(
      RigException.Kind kind, String command, SlurmCommands.Result result) {
    return new RigException(
        kind,
        "slurm: %s ended with status %d: %s".formatted(command, result.status(), result.error()));
  }
}
