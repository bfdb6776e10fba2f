package org.riglab.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The process: {@code [--home DIR] [WORD ARGS...]}.
 *
 * <p>Starts the platform of the distribution that the system property {@code riglab.distribution}
 * names, runs the console (or, with the word {@code server}, nothing but the services) and exits
 * with the status of what ran. SIGINT and SIGTERM interrupt the main thread, which saves its work;
 * the status is then 130 or 143, which the virtual machine sees to. A server starts workers with
 * {@code worker --device D --name N}: such a process has no console, and ends when its standard
 * input does.
 */
public final class Main {
  /** The features that a distribution may lack. */
  private static final List<String> OPTIONAL =
      List.of("training", "onnx", "slurm", "torchrun", "spark", "native-cuda-" + platform());

  /** Makes a process that stays take plugins from the inbox; the server's feature has it too. */
  private static final String INBOX = "org.riglab.plugins.inbox";

  private static final int FAILED_TO_START = 70;
  private static final int USAGE = 2;

  /** Of the framework, after the grace time of the runs. */
  private static final int STOP_SECONDS = 30;

  private static final String SERVER = "server";
  private static final String OPEN = "--open";
  private static final String WORKER = "worker";
  private static final String JOB = "job";
  private static final String FOLDER = "folder";

  private static final String SERVER_HELP =
      """
      usage: rig [--home DIR] [--debug PORT] server [--open]
        executes queued runs, one worker process per device, and serves the page and SSH
        --home DIR     networks, runs, plugins and configuration; default: RIGLAB_HOME or ~/.riglab
        --debug PORT   debuggers can connect to the server at PORT, and to its workers at the ports
                       after it
        --open         opens the page in a browser, signed in by a link that works once
      SIGTERM ends it: running runs write a checkpoint and continue with the next server.
      Settings are in config/*.json of the home; docs/reference/configuration.md lists them.\
      """;

  /** Levels of loggers, which 'log level' changes while processes run. */
  private static final String LEVELS = "config/logging.xml";

  /** What says how long a step may take to end. */
  private static final String RUNS = "org.riglab.runs";

  private static final String GRACE = "grace.seconds";
  private static final int GRACE_SECONDS = 60;

  private final Path distribution;
  private final Path home;
  private final List<String> words;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile Platform platform; // null before it has started
  private Path temporary; // the store of a job; null for none
  private volatile int patience = GRACE_SECONDS + STOP_SECONDS;

  private Main(Path distribution, Path home, List<String> words) {
    this.distribution = distribution;
    this.home = home;
    this.words = words;
  }

  /**
   * @param args the command line
   */
  public static void main(String[] args) {
    List<String> words = new ArrayList<>(Arrays.asList(args));
    String home = System.getenv("RIGLAB_HOME");
    if (!words.isEmpty() && words.get(0).equals("--home")) {
      if (words.size() < 2 || words.get(1).isEmpty()) {
        System.err.println("rig: --home needs a directory");
        System.exit(USAGE);
      }
      home = words.get(1);
      words.subList(0, 2).clear();
    } else if (!words.isEmpty() && words.get(0).startsWith("--home=")) {
      home = words.remove(0).substring("--home=".length());
    }
    if (words.equals(List.of("--version"))) {
      System.out.println("riglab " + Main.class.getPackage().getImplementationVersion());
      System.exit(0);
    }
    if (!words.isEmpty() && words.get(0).equals(SERVER) && !serves(words)) {
      boolean help = List.of("--help", "-h").contains(words.get(1)) && words.size() == 2;
      (help ? System.out : System.err)
          .println(help ? SERVER_HELP : "rig: server takes --open only; see 'rig server --help'");
      System.exit(help ? 0 : USAGE);
    }
    Path folder =
        home == null || home.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".riglab")
            : Path.of(home);
    Path distribution = Path.of(System.getProperty("riglab.distribution"));
    System.exit(new Main(distribution, folder.toAbsolutePath().normalize(), words).run());
  }

  private int run() {
    try {
      PrivateHome.prepare(home);
      PrivateHome.tryWriting(home);
    } catch (StartException e) {
      System.err.println("rig: " + e.getMessage());
      return FAILED_TO_START;
    } catch (IOException e) {
      System.err.println("rig: cannot write the home " + home + ": " + reason(e));
      return 1;
    }
    if (!levels()) {
      return 1;
    }
    // Read by the logging configuration and, through the framework, by the bundles.
    System.setProperty("riglab.home", home.toString());
    Map<String, Object> place = new HashMap<>();
    boolean worker = !words.isEmpty() && words.get(0).equals(WORKER);
    if (worker) {
      if (!place(words.subList(1, words.size()), place)) {
        System.err.println("rig: a server starts its workers itself; use: rig server");
        return USAGE;
      }
      // Standard output is the link to the server: nobody else may write to it.
      System.setOut(System.err);
      System.setProperty("riglab.log", WORKER + "-" + place.get("name"));
    }
    System.setProperty(
        "logback.configurationFile", distribution.resolve("config/logback.xml").toString());
    if (!words.isEmpty() && List.of(SERVER, WORKER).contains(words.get(0))) {
      System.setProperty("riglab.server", "true"); // FileContents of org.riglab.base
    }
    Logger log = LoggerFactory.getLogger(Main.class);
    int status = FAILED_TO_START;
    boolean server = serves(words);
    try (CacheSlot slot = CacheSlot.take(home.resolve("cache/felix"))) {
      Features features =
          Features.read(
              distribution.resolve("features"), features(distribution.resolve("features")));
      configure(features, place);
      patience = grace(features) + STOP_SECONDS;
      new NativeEngine(distribution, home, System::getenv)
          .apply(features.configurations())
          .ifPresent(
              problem -> System.err.println("rig: " + problem + "; using the CPU: rig gpu setup"));
      Path repository = distribution.resolve("repository");
      Digests.of(repository).verify(features.bundles(), home.resolve("cache/verified"));
      Thread main = Thread.currentThread();
      Thread hook = new Thread(() -> stop(main), "rig-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      try (Platform platform =
          Platform.start(
              features,
              repository,
              slot.directory(),
              Map.of("riglab.home", home.toString()),
              this::ending)) {
        this.platform = platform;
        platform.stopWithin(server || worker ? patience : STOP_SECONDS);
        log.info("started in {} ms", System.currentTimeMillis() - startTime());
        status =
            server
                ? serve(platform)
                : worker ? worked(platform) : platform.main(words.toArray(new String[0]));
        // Else an interrupt that ended the work would also cut the stopping short.
        Thread.interrupted();
      }
      return status;
    } catch (StartException e) {
      log.atLevel(ending() ? Level.INFO : Level.ERROR).setCause(e).log("not started");
      e.getMessage().lines().forEach(line -> System.err.println("rig: " + line));
      return FAILED_TO_START;
    } catch (IOException e) {
      log.warn("the cache was not removed", e);
      return status;
    } finally {
      removeTemporary();
      finished.countDown();
    }
  }

  /** Makes the file of levels: Logback watches what is there when it starts. */
  private boolean levels() {
    Path levels = home.resolve(LEVELS);
    try {
      if (!Files.exists(levels)) {
        Files.createDirectories(levels.getParent());
        Files.writeString(levels, "<included></included>\n");
      }
      return true;
    } catch (IOException e) {
      System.err.println("rig: cannot write " + levels + ": " + reason(e));
      return false;
    }
  }

  private void removeTemporary() {
    if (temporary == null) {
      return;
    }
    try (Stream<Path> tree = Files.walk(temporary)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("rig: cannot remove " + temporary + ": " + e.getMessage());
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    } else if (e instanceof FileAlreadyExistsException) {
      return e.getMessage() + " is not a directory";
    }
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static long startTime() {
    return ProcessHandle.current()
        .info()
        .startInstant()
        .map(java.time.Instant::toEpochMilli)
        .orElseGet(System::currentTimeMillis);
  }

  private void configure(Features features, Map<String, Object> place)
      throws IOException, StartException {
    if (words.isEmpty()) {
      features.configurations().put(INBOX, new HashMap<>());
    }
    if (!place.isEmpty()) {
      features.configurations().put(RUNS + "." + (once(place) ? JOB : WORKER), place);
    }
    Configurations.read(distribution.resolve("config"), features.configurations());
    Configurations.read(home.resolve("config"), features.configurations());
    if (once(place)) {
      // The store of the home is its server's, and the home may be on a file system of a network.
      Path store = Files.createTempDirectory("riglab-job");
      features
          .configurations()
          .computeIfAbsent(RUNS, pid -> new HashMap<>())
          .put("store.folder", store.toString());
      temporary = store;
    }
  }

  /** What the words ask for; a worker has no commands. */
  private List<String> features(Path directory) {
    List<String> names = new ArrayList<>(List.of("core", "native-" + platform()));
    String first = words.isEmpty() ? "" : words.get(0);
    names.add(first.equals(WORKER) ? WORKER : "shell");
    OPTIONAL.stream()
        .filter(name -> Files.exists(directory.resolve(name + ".json")))
        .forEach(names::add);
    if (serves(words)) {
      names.add(SERVER);
    }
    return names;
  }

  /**
   * Takes {@code --device D --name N} of a server's worker, or {@code --once FOLDER} of a cluster's
   * job; returns whether it was that.
   */
  private static boolean place(List<String> options, Map<String, Object> into) {
    if (options.size() == 2 && options.get(0).equals("--once")) {
      into.put(FOLDER, options.get(1));
      into.put("name", JOB + "-" + ProcessHandle.current().pid());
      return true;
    }
    for (int i = 0; i + 1 < options.size(); i += 2) {
      into.put(options.get(i).replaceFirst("^--", ""), options.get(i + 1));
    }
    return options.size() == 4 && into.keySet().equals(Set.of("device", "name"));
  }

  private static boolean once(Map<String, Object> place) {
    return place.containsKey(FOLDER);
  }

  /** Waits for a worker to end; the job of a cluster says how its run stands. */
  private static int worked(Platform platform) {
    platform.await();
    return Integer.getInteger("riglab.job.status", 0);
  }

  private static int grace(Features features) {
    Object seconds = features.configurations().getOrDefault(RUNS, Map.of()).get(GRACE);
    return seconds instanceof Number number ? number.intValue() : GRACE_SECONDS;
  }

  /** The platform in the names DJL gives its native libraries. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    String system = os.startsWith("mac") ? "osx" : os.startsWith("win") ? "win" : "linux";
    return system + "-" + (arch.equals("amd64") ? "x86_64" : arch);
  }

  /** Whether the words are {@code server} or {@code server --open}. */
  static boolean serves(List<String> words) {
    return words.equals(List.of(SERVER)) || words.equals(List.of(SERVER, OPEN));
  }

  private int serve(Platform platform) {
    List<String> pages = platform.endpoints();
    System.out.println(
        pages.isEmpty()
            ? "rig: serving without a page, as nothing listens for HTTP (the log says why, for"
                + " example a port that is taken); SIGTERM ends it"
            : "rig: serving, page at " + String.join(" ", pages) + "; SIGTERM ends it");
    boolean open = words.contains(OPEN);
    if (open || System.console() != null) {
      // Not where standard output may be a log: who has the link is an administrator.
      FirstVisit.of(pages, platform::link)
          .ifPresentOrElse(
              visit ->
                  visit.offer(
                      System.out,
                      open ? home.resolve("access") : null,
                      System.console() != null,
                      () -> FirstVisit.of(pages, platform::link).orElse(visit)),
              () -> {
                if (open) {
                  System.err.println("rig: --open needs a page at 127.0.0.1 or ::1");
                }
              });
    }
    try {
      ending.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private boolean ending() {
    return ending.getCount() == 0;
  }

  /** Runs when the virtual machine exits, by a signal or because main has finished. */
  private void stop(Thread main) {
    if (finished.getCount() == 0) {
      return;
    }
    ending.countDown();
    main.interrupt();
    Platform running = platform;
    try {
      // The framework may have stopped at the end: the services are called before and after.
      if (running != null) {
        running.prepareExit();
      }
      if (!finished.await(patience, TimeUnit.SECONDS)) {
        System.err.println("rig: still busy after " + patience + " s, giving up");
        if (running != null) {
          running.prepareExit();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
