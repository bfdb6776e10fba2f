package org.riglab.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.cm.ConfigurationAdmin;

/** A Felix framework with the bundles of the features. */
final class Platform implements AutoCloseable {
  /** The start level of the framework's own services, which configurations wait for. */
  private static final int SERVICES = 1;

  private static final long READY_SECONDS = 5;
  private static final long POLL_MILLIS = 20;

  private static final String HTTP = "org.osgi.service.servlet.runtime.HttpServiceRuntime";

  private final Felix framework;
  private final BooleanSupplier ending;

  /** What is still to start; empty afterwards. */
  private List<Bundle> starting = List.of();

  private int stopSeconds;

  private Platform(Felix framework, BooleanSupplier ending) {
    this.framework = framework;
    this.ending = ending;
  }

  /**
   * Starts a framework and waits until every bundle of the features is active and every component
   * of these bundles is satisfied, except components that name a feature that is left out. Bundles
   * that something else installs meanwhile, such as plugins, are not judged: a defect of theirs
   * does not keep the platform from starting.
   *
   * @param features what runs
   * @param repository where the bundles are
   * @param cache an empty folder for the framework
   * @param properties framework properties, beside those of the features
   * @param ending whether the process has been told to end: bundles that have not begun to start do
   *     not start then. An interrupt of the calling thread makes it look at once.
   * @throws StartException naming the bundles that did not resolve or start, or the components that
   *     lack something; also if the process has been told to end
   */
  static Platform start(
      Features features,
      Path repository,
      Path cache,
      Map<String, String> properties,
      BooleanSupplier ending)
      throws StartException {
    Map<String, Object> configuration = new HashMap<>(features.framework());
    configuration.putAll(properties);
    configuration.put(Constants.FRAMEWORK_STORAGE, cache.toString());
    configuration.put(Constants.FRAMEWORK_STORAGE_CLEAN, "onFirstInit");
    // The slot's lock already keeps other processes away.
    configuration.put("felix.cache.locking", "false");
    // Otherwise every class that is not found walks the stack for a caller outside the framework.
    configuration.put("felix.bootdelegation.implicit", "false");
    configuration.put("felix.log.logger", new FrameworkLog());
    int level =
        Integer.parseInt(
            features.framework().getOrDefault(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, "1"));
    configuration.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(SERVICES));

    Platform platform = new Platform(new Felix(configuration), ending);
    try {
      platform.run(features, repository, level);
      return platform;
    } catch (BundleException e) {
      platform.close();
      throw new StartException("the framework did not start: " + e.getMessage(), e);
    } catch (StartException | RuntimeException e) {
      platform.close();
      throw e;
    }
  }

  private void run(Features features, Path repository, int level)
      throws BundleException, StartException {
    framework.init();
    BundleContext context = framework.getBundleContext();
    List<String> wrong = new ArrayList<>();
    List<Bundle> bundles = new ArrayList<>();
    for (Features.Artifact artifact : features.bundles()) {
      proceed();
      try {
        // By reference: the framework reads the jar where it is and copies nothing.
        Bundle bundle =
            context.installBundle(
                "reference:" + repository.resolve(artifact.path()).toUri().toString());
        bundle.adapt(BundleStartLevel.class).setStartLevel(artifact.startLevel());
        bundles.add(bundle);
      } catch (BundleException e) {
        wrong.add("bundle " + artifact.id() + " cannot be installed: " + e.getMessage());
      }
    }
    check(wrong);
    starting = bundles;
    for (Bundle bundle : bundles) {
      proceed();
      if (!Diagnosis.isFragment(bundle)) {
        try {
          bundle.start(Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
          wrong.add(Diagnosis.name(bundle) + ": " + e.getMessage());
        }
      }
    }
    check(wrong);
    framework.start();
    proceed();
    configure(context, features.configurations());
    raise(level);
    proceed();
    for (Bundle bundle : bundles) {
      boolean expected = bundle.adapt(BundleStartLevel.class).getStartLevel() <= level;
      // STARTING: activated lazily, by its first class.
      boolean up = (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) != 0;
      if (expected && !Diagnosis.isFragment(bundle) && !up) {
        wrong.add(Diagnosis.name(bundle) + " did not start: " + reason(bundle));
      }
    }
    check(wrong);
    awaitComponents(context, bundles, features.names());
    starting = List.of();
  }

  /**
   * Between two steps. The interrupt alone does not do: what starts may have cleared it.
   *
   * @throws StartException if the process has been told to end
   */
  private void proceed() throws StartException {
    if (ending.getAsBoolean()) {
      throw new StartException("told to end while it started");
    }
  }

  private static void check(List<String> wrong) throws StartException {
    if (!wrong.isEmpty()) {
      throw new StartException(String.join(System.lineSeparator(), wrong));
    }
  }

  private static void configure(
      BundleContext context, Map<String, Map<String, Object>> configurations)
      throws StartException {
    if (configurations.isEmpty()) {
      return;
    }
    ServiceReference<ConfigurationAdmin> reference =
        context.getServiceReference(ConfigurationAdmin.class);
    if (reference == null) {
      throw new StartException("there are configurations, but no Configuration Admin");
    }
    Configurations.apply(context.getService(reference), configurations);
    context.ungetService(reference);
  }

  private void raise(int level) throws StartException {
    CountDownLatch reached = new CountDownLatch(1);
    framework
        .adapt(FrameworkStartLevel.class)
        .setStartLevel(
            level,
            event -> {
              if (event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) {
                reached.countDown();
              }
            });
    try {
      reached.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while starting", e);
    }
  }

  /** Starting once more tells why it failed: the first time the framework could only log it. */
  private static String reason(Bundle bundle) {
    try {
      bundle.start(Bundle.START_TRANSIENT);
      return "it started late";
    } catch (BundleException e) {
      Throwable cause = e.getCause();
      return e.getMessage() + (cause == null ? "" : ": " + cause);
    }
  }

  /** Where pages are served; empty if they are not. */
  List<String> endpoints() {
    ServiceReference<?> http = framework.getBundleContext().getServiceReference(HTTP);
    return http != null && http.getProperty("osgi.http.endpoint") instanceof String[] addresses
        ? List.of(addresses)
        : List.of();
  }

  /** The secret of a link that signs in once, if a bundle offers such; see org.riglab.web. */
  Optional<String> link() {
    return service(Supplier.class, "(riglab.link=once)").map(link -> (String) link.get());
  }

  /** The first service with these properties; empty also if the framework has stopped. */
  private <T> Optional<T> service(Class<T> type, String filter) {
    BundleContext context = framework.getBundleContext();
    if (context == null) {
      return Optional.empty();
    }
    try {
      return context.getServiceReferences(type, filter).stream()
          .findFirst()
          .map(context::getService);
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Calls the service that prepares the exit of the process while native code may still compute:
   * {@code Runnable} with the property {@code riglab.exit}; see org.riglab.base. A framework that
   * has stopped has none.
   */
  void prepareExit() {
    try {
      service(Runnable.class, "(riglab.exit=*)").ifPresent(Runnable::run);
    } catch (IllegalStateException e) {
      FrameworkLog.warn("the framework stopped before the exit was prepared", e);
    }
  }

  private void awaitComponents(BundleContext context, List<Bundle> bundles, Set<String> features)
      throws StartException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    List<String> lacking = Diagnosis.components(context, bundles, features);
    while (!lacking.isEmpty() && System.nanoTime() < end) {
      proceed();
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StartException("interrupted while starting", e);
      }
      lacking = Diagnosis.components(context, bundles, features);
    }
    check(lacking);
    proceed();
  }

  /**
   * Runs what a bundle offers as the process's main function: a service {@code
   * ToIntFunction<String[]>} with the property {@code riglab.main}. It gets the command line and
   * returns the exit status; an interrupt of the calling thread asks it to come to an end.
   *
   * @throws StartException if no bundle offers one
   */
  @SuppressWarnings("unchecked")
  int main(String[] args) throws StartException {
    ToIntFunction<String[]> main =
        service(ToIntFunction.class, "(riglab.main=*)")
            .orElseThrow(
                () ->
                    new StartException(
                        "no bundle offers a main function: no service with riglab.main"));
    return main.applyAsInt(args);
  }

  /**
   * Waits until a bundle has stopped the framework, or the calling thread is interrupted.
   *
   * @return the exit status
   */
  int await() {
    try {
      framework.waitForStop(0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  /**
   * Limits how long {@link #close} waits: a plugin that does not return from its start keeps the
   * framework from stopping.
   *
   * @param seconds 1 or more
   */
  void stopWithin(int seconds) {
    stopSeconds = seconds;
  }

  /** Stops the framework and waits for it. */
  @Override
  public void close() {
    close(framework, starting, stopSeconds);
  }

  /**
   * An interrupt, which is how a start is ended, does not cut the stopping short.
   *
   * @param starting bundles of which those that have not begun to start are not to: the framework
   *     would first start them all, and stop then
   * @param seconds to wait; 0 for no limit
   */
  static void close(Framework framework, List<Bundle> starting, int seconds) {
    boolean interrupted = Thread.interrupted();
    try {
      framework.stop();
      for (Bundle bundle : starting) {
        boolean waits = (bundle.getState() & (Bundle.INSTALLED | Bundle.RESOLVED)) != 0;
        if (waits && !Diagnosis.isFragment(bundle)) {
          bundle.stop();
        }
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (true) {
        try {
          long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          long wait = seconds == 0 ? 0 : Math.max(1, left);
          if (framework.waitForStop(wait).getType() == FrameworkEvent.WAIT_TIMEDOUT) {
            FrameworkLog.warn("the framework did not stop within " + seconds + " s", null);
          }
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (BundleException e) {
      FrameworkLog.warn("the framework did not stop", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
