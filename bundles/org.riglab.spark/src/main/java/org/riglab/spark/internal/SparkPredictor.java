package org.riglab.spark.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.api.bench.Exporter;
import org.riglab.api.engine.SparkSetup;
import org.riglab.base.ProcessLock;
import org.riglab.images.ImageFolder;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.bulk.BulkFolder;
import org.riglab.networks.bulk.BulkSettings;
import org.riglab.spark.job.Request;

/** Labels images on a cluster of Spark: exports the network, and starts and follows a driver. */
@Component(configurationPid = SparkPredictor.PID)
public final class SparkPredictor implements BulkPredictor {
  static final String PID = "org.riglab.spark";

  private final Sessions sessions;
  private final Exporter exporter;
  private final SparkSetup setup;
  private final Launch launch;
  private final Path home;
  private final Set<DriverProcess> running = ConcurrentHashMap.newKeySet();

  /** Settings: configuration PID {@code org.riglab.spark}. */
  @interface Config {
    /**
     * @return an installation of Spark; empty for that of the environment variable SPARK_HOME or of
     *     'rig spark setup'
     */
    String spark_home() default "";

    /**
     * @return URL of the master where none is named
     */
    String master() default "";

    /**
     * @return properties of Spark, KEY=VALUE each
     */
    String[] properties() default {};

    /**
     * @return whether the machines of the cluster read the jars of the distribution at their paths
     *     here; otherwise they are sent
     */
    boolean jars_shared() default false;
  }

  /**
   * @param sessions open networks
   * @param exporter writes networks
   * @param setup knows where Spark is
   * @param context knows the jars
   * @param config see there
   */
  @Activate
  public SparkPredictor(
      @Reference Sessions sessions,
      @Reference Exporter exporter,
      @Reference SparkSetup setup,
      BundleContext context,
      Config config) {
    this(
        sessions,
        exporter,
        setup,
        new Launch(
            ClassPath.of(context.getBundles()),
            List.of(config.properties()),
            config.jars_shared(),
            config.master()),
        Path.of(context.getProperty("riglab.home")));
  }

  SparkPredictor(Sessions sessions, Exporter exporter, SparkSetup setup, Launch launch, Path home) {
    this.sessions = sessions;
    this.exporter = exporter;
    this.setup = setup;
    this.launch = launch;
    this.home = home;
  }

  @Override
  public String engine() {
    return "spark";
  }

  @Override
  public Outcome predict(Job job, Watcher watcher) throws InterruptedException {
    Master master = Master.parse(launch.master(job.master()));
    if (job.inference().stopping().adaptive()) {
      throw new RigException(
          "--until, --budget-ms and --budget-gmac are not available with --engine spark: an"
              + " exported network computes all iterations");
    }
    Map<String, String> properties = launch.properties(master, job.settings());
    boolean parquet = Input.parquet(job.input());
    if (!parquet) {
      ImageFolder.named(job.input());
    }
    Path spark =
        setup
            .home()
            .orElseThrow(
                () ->
                    new RigException(
                        RigException.Kind.UNAVAILABLE,
                        "Spark is not installed; 'rig spark setup' fetches it, or SPARK_HOME names"
                            + " an installation of Spark "
                            + SparkHome.VERSION));
    master.requireReachable();
    try (JobDirectory directory = new JobDirectory(home)) {
      return predict(job, parquet, SparkHome.jars(spark, "Spark"), properties, directory, watcher);
    }
  }

  @SuppressWarnings("try") // the lock is held, not used
  private Outcome predict(
      Job job,
      boolean parquet,
      Path spark,
      Map<String, String> properties,
      JobDirectory directory,
      Watcher watcher)
      throws InterruptedException {
    BulkFolder folder = new BulkFolder(job.output());
    BulkSettings settings;
    try (Session session = sessions.open(job.network(), "predict")) {
      settings = BulkSettings.of(job.network(), sessions, session, job.inference(), job.upright());
      folder.check(settings);
      session.show(
          job.inference().stopping().iterations(), shown -> directory.export(exporter, shown));
    }
    try (ProcessLock lock = folder.begin(settings)) {
      directory.write(
          new Request(
              directory.id(),
              absolute(job.input()),
              parquet,
              absolute(job.output()),
              settings.text(),
              properties));
      DriverProcess driver = new DriverProcess(launch.command(spark, directory.path()), home);
      running.add(driver);
      try {
        return driver.follow(watcher);
      } finally {
        running.remove(driver);
        driver.end();
      }
    }
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  /** Nothing computes for a service that is gone. */
  @Deactivate
  public void close() {
    running.forEach(DriverProcess::end);
  }
}
