package org.riglab.torchrun.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.riglab.api.bench.TrainSpec;
import org.riglab.training.StepEngine;

/** Executes steps in processes of PyTorch that torchrun starts, on one or several machines. */
@Component(configurationPid = "org.riglab.torchrun")
public final class TorchrunEngine implements StepEngine {
  private static final String AUTO = "auto";

  private final String python;
  private final String address;
  private final long startSeconds;
  private final Set<String> good = ConcurrentHashMap.newKeySet();
  private final Set<TorchrunProcesses> running = ConcurrentHashMap.newKeySet();

  /** Settings: configuration PID {@code org.riglab.torchrun}. */
  @interface Config {
    /**
     * @return the Python that has PyTorch, a file or a name on the path
     */
    String python() default "python3";

    /**
     * @return address of this machine for the others; empty for its name
     */
    String address() default "";

    /**
     * @return seconds until all processes must have started, on all machines
     */
    int start_seconds() default 600;
  }

  /**
   * @param config see there
   */
  @Activate
  public TorchrunEngine(Config config) {
    this(config.python(), config.address(), config.start_seconds());
  }

  /**
   * @param python see {@link Config}
   * @param address see {@link Config}
   * @param startSeconds see {@link Config}
   */
  TorchrunEngine(String python, String address, long startSeconds) {
    this.python = python;
    this.address = address;
    this.startSeconds = startSeconds;
  }

  @Override
  public String name() {
    return "torchrun";
  }

  private String python(TrainSpec spec) {
    return spec.engine().python().equals(AUTO) ? python : spec.engine().python();
  }

  @Override
  public void check(TrainSpec spec) {
    String program = python(spec);
    if (!good.contains(program)) {
      Python.check(program);
      good.add(program);
    }
  }

  @Override
  public Processes start(Job job, State state) {
    TorchrunFiles.write(job, state);
    Agent agent = new Agent(job, python(job.spec()), address, startSeconds);
    boolean complete = false;
    try {
      int count = job.spec().engine().nodes() * job.spec().engine().perNode();
      TorchrunProcesses processes =
          new TorchrunProcesses(agent, agent.start(), count, job.folder(), job.told());
      complete = true;
      running.removeIf(TorchrunProcesses::closed);
      running.add(processes);
      return processes;
    } finally {
      if (!complete) {
        agent.close();
        TorchrunFiles.delete(job.folder());
      }
    }
  }

  /** Nothing computes for a service that is gone. */
  @Deactivate
  public void close() {
    running.forEach(TorchrunProcesses::close);
  }
}
