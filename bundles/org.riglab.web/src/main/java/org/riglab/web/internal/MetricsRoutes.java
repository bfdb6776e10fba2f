package org.riglab.web.internal;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.util.List;
import java.util.Map;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Plugins;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/** What Prometheus scrapes. */
final class MetricsRoutes {
  private final Lab lab;
  private final Live live;
  private final Plugins plugins;

  MetricsRoutes(Lab lab, Live live, Plugins plugins) {
    this.lab = lab;
    this.live = live;
    this.plugins = plugins;
  }

  List<Route> routes() {
    return List.of(Route.of("GET", "/metrics", Role.VIEWER, this::metrics));
  }

  private void metrics(Call call) throws IOException {
    Exposition out = new Exposition();
    Health health = lab.health();
    out.head("riglab_runs", "Runs by state.", "gauge");
    for (Run.State state : Run.State.values()) {
      out.sample(
          "riglab_runs",
          Map.of("state", Names.writtenChoice(state)),
          health.runs().getOrDefault(state, 0L));
    }
    out.gauge(
        "riglab_queue_length",
        "Runs that wait for their turn.",
        health.runs().getOrDefault(Run.State.QUEUED, 0L));
    out.counter(
        "riglab_steps_total",
        "Training steps and evaluated images since the server started.",
        live.steps());
    out.head("riglab_images_per_second", "Images per second of runs that run.", "gauge");
    for (Run run : lab.list(Lab.Query.of(Run.State.RUNNING)).runs()) {
      out.sample(
          "riglab_images_per_second",
          Map.of("run", Long.toString(run.id())),
          run.progress().imagesPerSecond());
    }
    out.head("riglab_worker_busy", "Whether a device works on a run.", "gauge");
    for (Health.Worker worker : health.workers()) {
      out.sample(
          "riglab_worker_busy", Map.of("device", worker.device()), worker.run() == 0 ? 0 : 1);
    }
    out.head("riglab_check", "Checks of the lab: 0 ok, 1 warning, 2 critical.", "gauge");
    for (Health.Check check : health.checks()) {
      out.sample("riglab_check", Map.of("check", check.name()), check.status().ordinal());
    }
    out.gauge("riglab_watchers", "Clients that watch live.", live.watching());
    out.counter("riglab_watchers_dropped_total", "Watchers that were too slow.", live.dropped());
    out.head("riglab_plugins", "Plugins by whether they are active.", "gauge");
    List<Plugins.Plugin> installed = plugins.list();
    for (boolean active : new boolean[] {true, false}) {
      long count = installed.stream().filter(p -> p.state().equals("active") == active).count();
      out.sample("riglab_plugins", Map.of("active", Boolean.toString(active)), count);
    }
    out.gauge("riglab_disk_free_bytes", "Free where the home is.", health.freeDiskBytes());
    process(out, health);
    call.send(200, Exposition.TYPE, out.bytes());
  }

  private static void process(Exposition out, Health health) {
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    out.gauge(
        "process_resident_memory_bytes", "Resident set of the server.", health.residentBytes());
    out.gauge(
        "process_start_time_seconds",
        "When the server started, in seconds since 1970.",
        runtime.getStartTime() / 1000.0);
    out.gauge(
        "jvm_threads_current", "Threads.", ManagementFactory.getThreadMXBean().getThreadCount());
    out.gauge(
        "jvm_classes_loaded",
        "Classes.",
        ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    MemoryUsage other = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage();
    out.head("jvm_memory_used_bytes", "Memory in use.", "gauge");
    out.sample("jvm_memory_used_bytes", Map.of("area", "heap"), heap.getUsed());
    out.sample("jvm_memory_used_bytes", Map.of("area", "nonheap"), other.getUsed());
    out.head("jvm_memory_max_bytes", "Memory that may be used.", "gauge");
    out.sample("jvm_memory_max_bytes", Map.of("area", "heap"), heap.getMax());
  }
}
