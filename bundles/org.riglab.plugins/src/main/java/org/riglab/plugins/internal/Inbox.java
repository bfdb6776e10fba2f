package org.riglab.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.lab.Notices;
import org.riglab.base.FileFailures;
import org.riglab.base.Steady;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs the jars that appear in {@code plugins/inbox}, and follows what other processes do to
 * the plugins of the home; as long as there is a configuration {@value #PID}: in a server and in an
 * interactive shell.
 *
 * <p>One process of a home looks after the inbox, whichever has its lock. A jar stays in the inbox
 * until it is installed or refused: if the process dies before that, the next one takes it.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = Inbox.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Inbox {
  static final String PID = "org.riglab.plugins.inbox";

  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

  /** The first bytes of a jar. */
  private static final byte[] ZIP = {'P', 'K'};

  private static final long LOOK_MILLIS = 250;
  private static final long LOCK_SECONDS = 5;
  private static final long STOP_MILLIS = 10_000;

  private final Deliveries deliveries;
  private final Path folder;
  private final Path inbox;
  private final RefusedJars refused;
  private final Notices notices;
  private final Duration settled;
  private final Duration abandoned;
  private final WatchService watch;
  private final Thread thread;
  private final Followers.Member member;
  private final Map<Path, Seen> waiting = new HashMap<>();
  private FileChannel lock;

  /** A file as it was, and since when. */
  private record Seen(Object key, long size, FileTime modified, long since) {
    boolean same(Seen other) {
      return size == other.size && modified.equals(other.modified) && sameFile(other);
    }

    private boolean sameFile(Seen other) {
      return key == null || key.equals(other.key);
    }
  }

  /**
   * @param deliveries does what is asked
   * @param notices is told what is refused; null where nothing keeps warnings
   */
  @Activate
  public Inbox(
      @Reference Deliveries deliveries,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Notices notices) {
    this(
        deliveries,
        notices == null ? line -> {} : notices,
        Duration.ofSeconds(1),
        Duration.ofSeconds(15));
  }

  /**
   * @param settled how long a whole jar must not have changed
   * @param abandoned how long part of a jar must not have changed to be given up
   */
  Inbox(Deliveries deliveries, Notices notices, Duration settled, Duration abandoned) {
    this.deliveries = deliveries;
    this.notices = notices;
    this.folder = deliveries.folder();
    this.inbox = folder.resolve("inbox");
    this.refused = RefusedJars.in(folder);
    this.settled = settled;
    this.abandoned = abandoned;
    try {
      Files.createDirectories(inbox);
      watch = folder.getFileSystem().newWatchService();
      for (Path watched : new Path[] {folder, inbox}) {
        watched.register(
            watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      }
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot watch " + inbox + ": " + FileFailures.reason(e), e);
    }
    member = deliveries.followers().join();
    thread = new Thread(this::work, "lab-inbox");
    thread.setDaemon(true);
    thread.start();
  }

  @Deactivate
  void close() throws IOException {
    watch.close();
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      member.close();
    }
  }

  private void work() {
    try {
      boolean look = true;
      follow(); // what was changed while this process started
      while (true) {
        if (mine() && look) {
          Steady.run("the scan of the inbox", this::look);
        }
        Optional<WatchKey> key = next();
        boolean following = false;
        look = key.isEmpty();
        while (key.isPresent()) {
          boolean in = key.get().watchable().equals(inbox);
          look |= in;
          following |= !in;
          key.get().pollEvents();
          key.get().reset();
          key = Optional.ofNullable(watch.poll());
        }
        if (following) {
          follow();
        }
      }
    } catch (ClosedWatchServiceException e) {
      LOG.debug("the inbox is closed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      unlock();
    }
  }

  /** Sleeps until something happens; looks again at what is not whole yet. */
  private Optional<WatchKey> next() throws InterruptedException {
    if (lock == null) {
      return Optional.ofNullable(watch.poll(LOCK_SECONDS, TimeUnit.SECONDS));
    }
    return Optional.ofNullable(
        waiting.isEmpty() ? watch.take() : watch.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS));
  }

  /** Whether this process looks after the inbox. */
  private boolean mine() {
    if (lock == null) {
      FileChannel channel = null;
      try {
        channel =
            FileChannel.open(
                folder.resolve("inbox.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() != null) {
          lock = channel;
        }
      } catch (IOException | OverlappingFileLockException e) {
        LOG.debug("the inbox is handled by another process", e);
      } finally {
        if (channel != null && lock == null) {
          close(channel);
        }
      }
    }
    return lock != null;
  }

  private void unlock() {
    if (lock != null) {
      close(lock);
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("Cannot close the lock of the inbox", e);
    }
  }

  private void follow() {
    try {
      member.report(deliveries.catchUp());
    } catch (Throwable e) { // whatever code of a plugin throws: the others are followed
      LOG.warn("Cannot apply the plugin changes of another process", e);
    }
  }

  private void look() {
    Map<Path, Seen> now = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(inbox, "*.jar")) {
      for (Path file : files) {
        if (!file.getFileName().toString().startsWith(".") && Files.isRegularFile(file)) {
          see(file, now);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn("Cannot read {}", inbox, e);
      return;
    }
    waiting.keySet().retainAll(now.keySet());
    now.forEach(
        (file, seen) -> {
          if (!waiting.containsKey(file) || !waiting.get(file).same(seen)) {
            waiting.put(file, seen);
          }
        });
    for (Map.Entry<Path, Seen> entry : Map.copyOf(waiting).entrySet()) {
      long quiet = System.nanoTime() - entry.getValue().since();
      if (quiet >= settled.toNanos() && (quiet >= abandoned.toNanos() || whole(entry.getKey()))) {
        take(entry.getKey(), entry.getValue());
      }
    }
  }

  private static void see(Path file, Map<Path, Seen> now) throws IOException {
    try {
      now.put(file, seen(file));
    } catch (NoSuchFileException e) {
      LOG.debug("{} was removed before it was installed", file, e);
    }
  }

  private static Seen seen(Path file) throws IOException {
    BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
    return new Seen(is.fileKey(), is.size(), is.lastModifiedTime(), System.nanoTime());
  }

  /** A jar's directory is its end; what does not begin like one will never have it. */
  private static boolean whole(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(ZIP.length);
      if (head.length == ZIP.length && !Arrays.equals(head, ZIP)) {
        return true;
      }
    } catch (IOException e) {
      return false;
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.size() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void take(Path file, Seen seen) {
    waiting.remove(file);
    try {
      LOG.info("{}: {}", file.getFileName(), deliveries.deliver(file));
      if (Files.exists(file) && seen(file).same(seen)) {
        Files.delete(file); // else another file has taken its place
      }
    } catch (RigException e) {
      LOG.warn("{} is refused: {}", file, e.getMessage(), e);
      refuse(file, e.getMessage());
    } catch (IOException e) {
      LOG.error("{} cannot be removed although it was installed", file, e);
    } catch (Throwable e) { // whatever code of a plugin throws: the next jar is looked at
      LOG.error("{} is refused", file, e);
      refuse(file, "internal error: " + e + " (stack in the log)");
    }
  }

  private void refuse(Path file, String why) {
    try {
      refused.add(file, why);
    } catch (IOException e) {
      LOG.error("{} is refused and cannot be moved: {}", file, why, e);
    }
    try {
      notices.warn("inbox: " + RefusedJars.line(file.getFileName().toString(), why));
    } catch (RuntimeException e) {
      LOG.warn("The reason why {} is refused is only in this log", file, e);
    }
  }
}
