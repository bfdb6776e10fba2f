package org.riglab.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.riglab.api.RigException;

/**
 * A file that says that a process is at work on something. It contains the process, the time of its
 * start and the machine, so that a file that a killed process has left is told from one in use.
 */
public final class ProcessMark implements AutoCloseable {
  /** Folder of a home for the runs that processes train. */
  public static final String RUNNING = "running";

  private static final String SUFFIX = ".json";
  private static final String PROCESS = "process";
  private static final String STARTED = "started";
  private static final String MACHINE = "machine";
  private static final String WHAT = "what";

  /** The system's clock may be set while a process runs. */
  private static final long TOLERANCE_MILLIS = 5000;

  private final Path file;

  private ProcessMark(Path file) {
    this.file = file;
  }

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
    mark.put(WHAT, what);
    Path file = folder.resolve(name + SUFFIX);
    Json.write(file, mark);
    return new ProcessMark(file);
  }

  /**
   * Finds what processes of this machine work on. Marks of processes that have ended are deleted;
   * whether a process of another machine has ended is not known, and such marks are left out.
   *
   * @param folder of marks
   * @return the number of each process, by what it works on
   */
  public static Map<String, Long> alive(Path folder) {
    Map<String, Long> alive = new LinkedHashMap<>();
    for (Path file : files(folder)) {
      Optional<Map<String, Object>> mark = read(file);
      if (mark.isPresent() && machine().equals(mark.get().get(MACHINE))) {
        long process = number(mark.get(), PROCESS);
        if (lives(process, number(mark.get(), STARTED))) {
          alive.put(String.valueOf(mark.get().get(WHAT)), process);
        } else {
          delete(file);
        }
      }
    }
    return alive;
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

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    }
  }

  @Override
  public void close() {
    delete(file);
  }
}
