package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes that follow the plugins of a home. Each holds a lock on a file of its own as long
 * as it lives, and writes beside it which plugins it runs and why it keeps one that the home no
 * longer has. Others read that after a change.
 */
final class Followers {
  private static final Logger LOG = LoggerFactory.getLogger(Followers.class);
  private static final String LOCK = ".lock";
  private static final long POLL_MILLIS = 50;

  private final Path directory;

  /** Those of this process; opening one again would release its lock. */
  private final Set<Path> own = ConcurrentHashMap.newKeySet();

  /** This process, as others see it. */
  private record Report(long process, Map<String, String> plugins) {}

  /**
   * A process that has not given up a plugin.
   *
   * @param process id
   * @param why it keeps the plugin; empty if it has not said so
   */
  record Keeper(long process, String why) {
    /** As part of a message. */
    String words() {
      return "process " + process + (why.isEmpty() ? ", which does not respond" : ": " + why);
    }
  }

  /**
   * @param plugins folder of the plugins of the home
   */
  Followers(Path plugins) {
    this.directory = plugins.resolve("followers");
  }

  /** This process as a follower; close it when it ends. */
  Member join() {
    long id = ProcessHandle.current().pid();
    try {
      Files.createDirectories(directory);
      Path lock = Files.createTempFile(directory, id + "-", LOCK);
      own.add(lock);
      FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
      channel.lock();
      return new Member(id, lock, channel);
    } catch (IOException e) {
      throw FileFailures.writing(directory, e);
    }
  }

  /** This process among the followers. */
  static final class Member implements AutoCloseable {
    private final long id;
    private final Path lock;
    private final FileChannel channel;

    private Member(long id, Path lock, FileChannel channel) {
      this.id = id;
      this.lock = lock;
      this.channel = channel;
    }

    /**
     * @param plugins that run in this process, by name; each with the reason why it is not what the
     *     home records, empty if it is
     */
    void report(Map<String, String> plugins) {
      Json.write(reportOf(lock), new Report(id, new TreeMap<>(plugins)));
    }

    @Override
    public void close() {
      try (channel) {
        Files.deleteIfExists(reportOf(lock));
        Files.deleteIfExists(lock);
      } catch (IOException e) {
        LOG.warn("Cannot remove {}", lock, e);
      }
    }
  }

  private static Path reportOf(Path lock) {
    return lock.resolveSibling(lock.getFileName().toString().replace(LOCK, ".json"));
  }

  /**
   * Waits until no other process runs a plugin, or says why it keeps it.
   *
   * @param plugin its name
   * @param seconds how long to wait for processes that say nothing
   * @return the processes that keep it
   */
  List<Keeper> without(String plugin, long seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try {
      while (true) {
        List<Keeper> keepers = keepers(plugin);
        boolean answered = keepers.stream().noneMatch(keeper -> keeper.why().isEmpty());
        if (answered || System.nanoTime() > end) {
          return keepers;
        }
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(
          RigException.Kind.BUSY, "interrupted while waiting for other processes", e);
    }
  }

  private List<Keeper> keepers(String plugin) {
    List<Keeper> keepers = new ArrayList<>();
    for (Path file : files()) {
      if (alive(file)) {
        keeper(file, plugin).ifPresent(keepers::add);
      }
    }
    return keepers;
  }

  private List<Path> files() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    return JarFiles.list(directory).stream()
        .filter(file -> file.getFileName().toString().endsWith(LOCK) && !own.contains(file))
        .toList();
  }

  /** Whether the process of a file lives; removes what a dead one left. */
  private static boolean alive(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return true;
      }
      Files.deleteIfExists(reportOf(file));
      Files.deleteIfExists(file);
      return false;
    } catch (IOException e) {
      LOG.debug("{} has gone", file, e);
      return false;
    }
  }

  private static Optional<Keeper> keeper(Path file, String plugin) {
    long process = Long.parseLong(file.getFileName().toString().replaceFirst("-.*", ""));
    try {
      Map<String, Object> report = Json.parse(Files.readAllBytes(reportOf(file)), "it");
      return report.get("plugins") instanceof Map<?, ?> plugins
              && plugins.get(plugin) instanceof String why
          ? Optional.of(new Keeper(process, why))
          : Optional.empty();
    } catch (IOException | RigException e) {
      LOG.debug("process {} has not reported yet", process, e);
      return Optional.of(new Keeper(process, ""));
    }
  }
}
