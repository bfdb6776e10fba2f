package org.riglab.runs.internal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PluginHost;
import org.riglab.base.ProcessExit;
import org.riglab.base.ProcessLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the process a server's worker as long as there is a configuration {@value #PID}, which the
 * launcher makes of the command line. The link to the server is the process's standard input and
 * output.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = WorkerService.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class WorkerService {
  static final String PID = "org.riglab.runs.worker";

  private static final Logger LOG = LoggerFactory.getLogger(WorkerService.class);
  private static final int EXITED = 71;
  private static final long STOP_MILLIS = 10_000;

  private final BundleContext context;
  private final Culprits culprits;
  private final ProcessLock lock;
  private final WorkLoop loop;
  private final Thread hook = new Thread(this::exiting, "worker-exit");

  /** The command line. */
  @interface Config {
    /**
     * @return the device as the server calls it
     */
    String device() default "cpu";

    /**
     * @return the worker's name, unlike that of every other one
     */
    String name() default "cpu";
  }

  /** For declarative services. */
  @Activate
  public WorkerService(
      BundleContext context,
      @Reference Workplace workplace,
      @Reference Networks networks,
      @Reference(target = "(" + PluginHost.LOCAL + "=true)") PluginHost plugins,
      @Reference Culprits culprits,
      Config config) {
    this.context = context;
    this.culprits = culprits;
    this.lock = WorkerLock.take(networks.home().resolve("lab"), config.name());
    this.loop =
        workplace.work(
            new Place(config.name(), config.device(), true),
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out),
            plugins,
            this::end);
    Runtime.getRuntime().addShutdownHook(hook);
    loop.start();
  }

  private void end() {
    new Thread(
            () -> {
              try {
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
              } catch (BundleException | IllegalStateException e) {
                LOG.error("the framework does not stop", e);
              }
            },
            "worker-end")
        .start();
    Thread late = new Thread(WorkerService::halt, "worker-halt");
    late.setDaemon(true);
    late.start();
  }

  /** A framework that is still starting may not stop; the run has ended, nothing is lost. */
  private static void halt() {
    try {
      Thread.sleep(STOP_MILLIS);
      LOG.warn("the framework has not stopped within {} ms; the process is halted", STOP_MILLIS);
      ProcessExit.withoutDestructors();
      Runtime.getRuntime().halt(0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs when the virtual machine exits. Where somebody called {@code System.exit}, the process
   * ends at once: that call waits for the hooks, and so its run would never come to an end.
   */
  private void exiting() {
    for (Map.Entry<Thread, StackTraceElement[]> thread : Thread.getAllStackTraces().entrySet()) {
      for (StackTraceElement frame : thread.getValue()) {
        if (frame.getClassName().equals(Runtime.class.getName())
            && frame.getMethodName().equals("exit")) {
          loop.farewell(
              "System.exit was called"
                  + culprits.in(List.of(thread.getKey())).map(c -> "; " + c).orElse(""));
          ProcessExit.withoutDestructors();
          Runtime.getRuntime().halt(EXITED);
        }
      }
    }
  }

  @Deactivate
  void stop() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("the process is ending by a signal", e);
    }
    loop.drain();
    loop.await();
    lock.close();
  }
}
