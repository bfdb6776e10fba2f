package org.riglab.launcher;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The keys of Riglab's configurations and the values that they may have. Without it a wrong value
 * would show where it is first used, and a misspelt key would be ignored.
 */
final class ConfigurationKeys {
  private static final long MOST = 1L << 40;
  private static final String HTTP = "org.apache.felix.http";
  private static final String OWN = "org.riglab.";
  private static final String SIMILAR = "; the most similar is ";

  /** Characters by which a name may differ from the one that is meant. */
  private static final int MOST_DIFFERENT = 2;

  /** Characters of a name that are compared. */
  private static final int LONGEST = 100;

  /** Of more names, only the similar one is listed. */
  private static final int LISTED = 30;

  /** A kind of value: what it is, in words, and whether a value is one. */
  private record Kind(String words, Predicate<Object> test) {}

  private static final Kind BOOLEAN =
      new Kind("true or false", v -> v.toString().matches("true|false"));
  private static final Kind TEXT = new Kind("a text", v -> v instanceof String);
  private static final Kind TEXTS = list("a list of texts", "(?s).*");
  private static final Kind PORT = whole(0, 65_535);
  private static final Kind URL =
      new Kind(
          "a URL of http: or https:",
          v -> v instanceof String text && text.matches("https?://[^\\s/].*|"));
  private static final Kind DURATION =
      new Kind(
          "a duration such as 30s, 15m or 2h, or 0", v -> v.toString().matches("0|\\d{1,6}[smh]"));

  private static final Map<String, Map<String, Kind>> KEYS =
      Map.ofEntries(
          Map.entry("org.riglab.runs", runs()),
          Map.entry("org.riglab.slurm", slurm()),
          Map.entry(
              "org.riglab.torchrun",
              Map.of("python", TEXT, "address", TEXT, "start.seconds", whole(1, 86_400))),
          Map.entry(
              "org.riglab.spark",
              Map.of(
                  "spark.home",
                  TEXT,
                  "master",
                  TEXT,
                  "properties",
                  list("a list of spark.KEY=VALUE", "(?s)spark\\..+=.*"),
                  "jars.shared",
                  BOOLEAN)),
          Map.entry("org.riglab.plugins", plugins()),
          Map.entry("org.riglab.ssh", ssh()),
          Map.entry("org.riglab.web", Map.of("hosts", TEXTS, "proxies", TEXTS, "data", TEXTS)),
          Map.entry("org.riglab.tensorboard", Map.of("directory", TEXT)),
          Map.entry("org.riglab.mlflow", Map.of("uri", URL, "experiment", TEXT, "token", TEXT)),
          Map.entry("org.riglab.engine", engine()),
          // Of the features and the command line; that they are there says what a process is for.
          Map.entry("org.riglab.runs.server", Map.of()),
          Map.entry("org.riglab.runs.worker", Map.of("device", TEXT, "name", TEXT)),
          Map.entry("org.riglab.runs.job", Map.of("folder", TEXT)),
          Map.entry("org.riglab.plugins.inbox", Map.of()),
          Map.entry(HTTP, http()));

  private ConfigurationKeys() {}

  private static Map<String, Kind> runs() {
    return Map.ofEntries(
        Map.entry("devices", list("a list of cpu, gpu0, gpu1, ...", "cpu|gpu\\d{1,3}")),
        Map.entry("min.free.disk", whole(0, MOST)),
        Map.entry("max.runs", whole(0, MOST)),
        Map.entry("archive.oldest", BOOLEAN),
        Map.entry("min.free.memory", whole(0, MOST)),
        Map.entry("max.memory", whole(0, MOST)),
        Map.entry("pictures", whole(0, 1000)),
        Map.entry("stall.minutes", number()),
        Map.entry("step.minutes", number()),
        Map.entry("crash.limit", whole(1, 1_000_000)),
        Map.entry("grace.seconds", whole(0, 86_400)),
        Map.entry("worker.heap", whole(0, MOST >> 20)),
        Map.entry("worker.threads", whole(0, 4096)),
        Map.entry("worker.options", TEXTS),
        Map.entry("recycle.growth", whole(0, MOST >> 20)),
        Map.entry("recycle.updates", whole(0, 1_000_000_000)),
        Map.entry("run.on", TEXT),
        Map.entry("store.folder", TEXT));
  }

  private static Map<String, Kind> slurm() {
    return Map.of(
        "commands", TEXT,
        "defaults", list("a list of OPTION=VALUE", "(?s)[a-z-]+=.+"),
        "java", TEXT,
        "java.options", TEXTS,
        "signal.seconds", whole(1, 65_535),
        "user", TEXT);
  }

  private static Map<String, Kind> plugins() {
    return Map.of(
        "trust",
        choice("off", "digests", "certificates"),
        "digests",
        list("a list of SHA-256 digests, 64 hexadecimal digits each", "[0-9A-Fa-f]{64}"),
        "certificates",
        TEXT,
        "max.size",
        whole(1, MOST >> 20),
        "repositories",
        TEXTS,
        "catalogues",
        TEXTS);
  }

  private static Map<String, Kind> ssh() {
    return Map.of(
        "enabled", BOOLEAN,
        "address", TEXT,
        "port", PORT,
        "max.sessions", whole(1, 10_000),
        "max.tries", whole(1, 100),
        "idle", DURATION,
        "idle.minutes", whole(0, 1_000_000));
  }

  private static Map<String, Kind> engine() {
    return Map.of(
        "build", choice("cpu", "cuda"),
        "version", TEXT,
        "cuda", TEXT,
        "flavor", TEXT,
        "source", TEXT,
        "libraries", TEXT,
        "cudart", TEXT,
        "excluded", TEXTS,
        "architectures", TEXTS);
  }

  private static Map<String, Kind> http() {
    return Map.of(
        "org.osgi.service.http.port", PORT,
        "org.osgi.service.http.port.secure", PORT,
        "org.apache.felix.https.enable", BOOLEAN,
        "org.apache.felix.http.host", TEXT);
  }

  private static Kind whole(long least, long most) {
    return new Kind(
        "a whole number from " + least + " to " + most,
        v -> {
          try {
            long number = new BigDecimal(v.toString()).longValueExact();
            return number >= least && number <= most;
          } catch (NumberFormatException e) {
            return false;
          } catch (ArithmeticException e) {
            return false; // not whole
          }
        });
  }

  private static Kind number() {
    return new Kind(
        "a number from 0",
        v -> {
          try {
            return new BigDecimal(v.toString()).signum() >= 0;
          } catch (NumberFormatException e) {
            return false;
          }
        });
  }

  private static Kind choice(String... words) {
    return new Kind(
        "one of " + String.join(", ", words), v -> List.of(words).contains(v.toString()));
  }

  private static Kind list(String words, String pattern) {
    return new Kind(
        words,
        v ->
            items(v).stream()
                .allMatch(item -> item instanceof String text && text.matches(pattern)));
  }

  private static List<Object> items(Object value) {
    List<Object> items = new ArrayList<>();
    if (value.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(value); i++) {
        items.add(Array.get(value, i));
      }
    } else if (value instanceof Collection<?> collection) {
      items.addAll(collection);
    } else {
      items.add(value);
    }
    return items;
  }

  /**
   * A key that is not known is refused as a wrong value is: ignored, a misspelt {@code address} or
   * {@code trust} would leave a server open.
   *
   * @param file where the values are, for the message
   * @param pid of the configuration; those of plugins are not checked
   * @param values by key
   * @return a line for each wrong value and each unknown key, naming file, key and what is allowed
   */
  static List<String> check(String file, String pid, Map<String, Object> values) {
    Map<String, Kind> kinds = KEYS.get(pid);
    List<String> wrong = new ArrayList<>();
    if (kinds == null) {
      unknown(pid, KEYS.keySet())
          .filter(line -> pid.startsWith(OWN) || line.contains(SIMILAR))
          .ifPresent(line -> wrong.add("%s: configuration %s".formatted(file, line)));
    } else {
      for (Map.Entry<String, Object> entry : new TreeMap<>(values).entrySet()) {
        String key = entry.getKey();
        Kind kind = kinds.get(key);
        if (kind != null && !kind.test().test(entry.getValue())) {
          wrong.add(
              "%s: %s of %s is %s; it must be %s"
                  .formatted(file, key, pid, shown(entry.getValue()), kind.words()));
        } else if (kind == null && !passedOn(pid, key)) {
          unknown(key, allowed(pid, kinds))
              .ifPresent(line -> wrong.add("%s: %s: %s".formatted(file, pid, line)));
        }
      }
    }
    return wrong;
  }

  private static Set<String> allowed(String pid, Map<String, Kind> kinds) {
    Set<String> allowed = new TreeSet<>(kinds.keySet());
    if (pid.equals(HTTP)) {
      allowed.addAll(HttpKeys.ALL);
    }
    return allowed;
  }

  private static boolean passedOn(String pid, String key) {
    return pid.equals(HTTP) && key.startsWith(HttpKeys.FREE);
  }

  /** What is said of a name that is not among others; empty if it is. */
  private static Optional<String> unknown(String name, Set<String> names) {
    if (names.contains(name)) {
      return Optional.empty();
    }
    Optional<String> similar =
        names.stream()
            .min(Comparator.comparingInt(other -> distance(plain(name), plain(other))))
            .filter(other -> distance(plain(name), plain(other)) <= MOST_DIFFERENT);
    List<String> listed =
        names.size() <= LISTED || similar.isEmpty()
            ? names.stream().sorted().limit(LISTED).toList()
            : List.of(similar.get());
    int others = names.size() - listed.size();
    return Optional.of(
        "%s is unknown; %s%s%s"
            .formatted(
                shown(name),
                listed.isEmpty() ? "it has no keys" : "there are " + String.join(", ", listed),
                others > 0 ? " and " + others + " others" : "",
                similar.map(other -> SIMILAR + other).orElse("")));
  }

  private static String plain(String name) {
    String plain = name.replaceAll("[-_. ]", "").toLowerCase(Locale.ROOT);
    return plain.substring(0, Math.min(LONGEST, plain.length()));
  }

  /** Optimal string alignment, as of Names in org.riglab.base, which is not on this class path. */
  private static int distance(String a, String b) {
    int[][] rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        rows[i][j] = Math.min(replaced, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
      }
    }
    return rows[a.length()][b.length()];
  }

  private static String shown(Object value) {
    String text = items(value).toString();
    String one = value.getClass().isArray() || value instanceof Collection ? text : "" + value;
    String line = one.replaceAll("\\p{Cntrl}", "?");
    return "'" + (line.length() > 80 ? line.substring(0, 77) + "..." : line) + "'";
  }
}
