package org.riglab.runs.internal;

import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.engine.Devices;
import org.riglab.api.lab.Run;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the process the job of a cluster as long as there is a configuration {@value #PID}, which
 * the launcher makes of {@code worker --once FOLDER}: it does that run and ends.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = JobService.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class JobService {
  static final String PID = "org.riglab.runs.job";

  /** The launcher exits with it: 0 if the run is done, 1 if it failed, 75 if it is to go on. */
  static final String STATUS = "riglab.job.status";

  private static final Logger LOG = LoggerFactory.getLogger(JobService.class);
  private static final int FAILED = 1;
  private static final int GOES_ON = 75;

  private final BundleContext context;
  private final ClusterJob job;
  private final Thread thread = new Thread(this::work, "job");

  /** The command line. */
  @interface Config {
    /**
     * @return the folder of the run
     */
    String folder() default "";
  }

  /** For declarative services. */
  @Activate
  public JobService(
      BundleContext context,
      @Reference Workplace workplace,
      @Reference Devices devices,
      Config config) {
    this.context = context;
    this.job = workplace.job(config.folder(), devices.names().get(0));
    thread.start();
  }

  private void work() {
    int status = FAILED;
    try {
      Run.State state = job.run();
      LOG.info("the run is {}", state);
      status = state == Run.State.DONE ? 0 : state == Run.State.QUEUED ? GOES_ON : FAILED;
    } catch (RigException e) {
      LOG.error("the job ends", e);
    }
    System.setProperty(STATUS, Integer.toString(status));
    new Thread(this::end, "job-end").start();
  }

  private void end() {
    try {
      context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
    } catch (BundleException | IllegalStateException e) {
      LOG.error("the framework does not stop", e);
    }
  }

  @Deactivate
  void stop() {
    job.drain();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
