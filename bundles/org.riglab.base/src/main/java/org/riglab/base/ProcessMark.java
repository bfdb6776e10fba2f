package org.riglab.base;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that says that a process is at work on something. It contains the process, the time of its
 * start and the machine, so that a file that a killed process has left is told from one in use. The
 * process touches the file every 30 s, so that other machines that share the folder can tell, too.
 */
public final class ProcessMark implements AutoCloseable {
  /** Folder of a home for the runs that processes train. */
  public static final String RUNNING = "running";

  private static final String SUFFIX = ".json";
  private static final String PROCESS = "process";
  private static final String STARTED = "started";
  private static final String MACHINE = "machine";
  private static final String WHAT = "what";
  private static final String HOST = "host";

  private static final long BEAT_SECONDS = 30;

  /** Without a sign for so long, a process of another machine counts as ended. */
  private static final Duration SILENCE = Duration.ofMinutes(5);

  /** The system's clock may be set while a process runs. */
  private static final long TOLERANCE_MILLIS = 5000;

  private static final Logger LOG = LoggerFactory.getLogger(ProcessMark.class);

  private final Path file;
  private final Thread beat;
  private boolean closed; // guarded by this

  private ProcessMark(Path file) {
    this.file = file;
    this.beat = new Thread(this::beat, "mark-" + file.getFileName());
    beat.setDaemon(true);
  }

  /**
   * A mark that was found.
   *
   * @param host name of the machine; empty for this one
   * @param process its number there
   * @param last when it was touched, by the clock of the file system
   * @param alive whether the process is at work; of another machine, whether it has touched the
   *     mark within five minutes
   */
  public record Found(String host, long process, Instant last, boolean alive) {}

  /**
   * Marks something as worked on by this process.
   *
   * @param folder of marks; is made if there is none
   * @param name of the mark, a file name without its suffix
   * @param what is worked on
   * @return close it when the work ends
   * @throws RigException of kind IO or NO_SPACE if the file cannot be written
   */
  public static ProcessMark set(Path folder, String name, String what) {
    ProcessHandle self = ProcessHandle.current();
    Map<String, Object> mark = new LinkedHashMap<>();
    mark.put(PROCESS, self.pid());
    mark.put(STARTED, started(self));
    mark.put(MACHINE, machine());
    mark.put(HOST, host());
    mark.put(WHAT, what);
    Path file = folder.resolve(name + SUFFIX);
    Json.write(file, mark);
    ProcessMark set = new ProcessMark(file);
    set.beat.start();
    return set;
  }

  private void beat() {
    while (!idle()) {
      Steady.run("the sign of life in " + file.getParent(), this::touch);
    }
  }

  private synchronized boolean idle() {
    try {
      if (!closed) {
        wait(TimeUnit.SECONDS.toMillis(BEAT_SECONDS));
      }
    } catch (InterruptedException e) {
      LOG.debug("interrupted", e); // only the end of the work ends it
    }
    return closed;
  }

  /** Not once it is closed: the next process may have set its own. */
  private synchronized void touch() {
    if (!closed) {
      try {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      } catch (NoSuchFileException e) {
        LOG.debug("removed by hand", e);
      } catch (IOException e) {
        throw FileFailures.writing(file, e);
      }
    }
  }

  /**
   * Finds what processes work on. Marks of processes of this machine that have ended are deleted.
   *
   * @param folder of marks
   * @return marks, by what the process works on
   */
  public static Map<String, Found> found(Path folder) {
    Map<String, Found> found = new LinkedHashMap<>();
    for (Path file : files(folder)) {
      Optional<Map<String, Object>> read = read(file);
      if (read.isPresent()) {
        Map<String, Object> mark = read.get();
        Found one = found(mark, Instant.ofEpochMilli(file.toFile().lastModified()));
        if (one.alive() || !one.host().isEmpty()) {
          found.put(String.valueOf(mark.get(WHAT)), one);
        } else {
          delete(file);
        }
      }
    }
    return found;
  }

  private static Found found(Map<String, Object> mark, Instant last) {
    long process = number(mark, PROCESS);
    if (machine().equals(mark.get(MACHINE))) {
      return new Found("", process, last, lives(process, number(mark, STARTED)));
    }
    String host =
        mark.get(HOST) instanceof String name && !name.isBlank() ? name : "another machine";
    boolean recent = Duration.between(last, Instant.now()).compareTo(SILENCE) < 0;
    return new Found(RequestText.line(host), process, last, recent);
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
  }

  /** Empty if it is no mark. */
  private static Optional<Map<String, Object>> read(Path file) {
    try {
      return Json.readIfExists(file);
    } catch (RigException e) {
      return Optional.empty();
    }
  }

  private static long number(Map<String, Object> mark, String name) {
    return mark.get(name) instanceof Number number ? number.longValue() : 0;
  }

  private static boolean lives(long process, long started) {
    return process > 0
        && ProcessHandle.of(process)
            .filter(p -> Math.abs(started(p) - started) <= TOLERANCE_MILLIS)
            .isPresent();
  }

  private static long started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /** Tells machines, their boots and their spaces of process numbers apart, where Linux says so. */
  private static String machine() {
    try {
      Path boot = Path.of("/proc/sys/kernel/random/boot_id");
      return Files.isReadable(boot)
          ? Files.readString(boot).strip()
              + " "
              + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
          : "";
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private static String host() {
    try {
      Path name = Path.of("/proc/sys/kernel/hostname");
      return Files.isReadable(name)
          ? Files.readString(name).strip()
          : InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "";
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
    delete(file);
  }
}
