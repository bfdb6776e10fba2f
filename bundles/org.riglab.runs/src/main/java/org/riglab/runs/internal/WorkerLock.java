package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.ProcessLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Held by a worker as long as it lives. A server whose predecessor was killed waits for the workers
 * that it left, which end by themselves, before it gives their runs to others.
 */
final class WorkerLock {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLock.class);
  private static final String LOCK = ".lock";
  private static final String PROCESS = "process ";
  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static final long POLL_MILLIS = 50;

  private WorkerLock() {}

  private static Path folder(Path lab) {
    return lab.resolve("workers");
  }

  /**
   * @param lab folder of the store
   * @param name of the place
   * @return hold it until the process ends
   * @throws RigException if another worker has the place
   */
  static ProcessLock take(Path lab, String name) {
    return ProcessLock.tryTake(folder(lab), name, PROCESS + ProcessHandle.current().pid())
        .orElseThrow(
            () ->
                new RigException(
                    RigException.Kind.BUSY,
                    "%s is the worker %s of this home already"
                        .formatted(ProcessLock.owner(folder(lab), name, "another process"), name)));
  }

  /**
   * Waits until no worker is left, and kills those that take too long.
   *
   * @param lab folder of the store, whose lock this process holds
   */
  static void evict(Path lab) {
    if (!Files.isDirectory(folder(lab))) {
      return;
    }
    long patience = System.nanoTime() + PATIENCE_NANOS;
    for (String name : names(lab)) {
      evict(folder(lab), name, patience);
    }
  }

  private static List<String> names(Path lab) {
    try (Stream<Path> files = Files.list(folder(lab))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(LOCK))
          .map(file -> file.substring(0, file.length() - LOCK.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot list %s: %s".formatted(folder(lab), e), e);
    }
  }

  private static void evict(Path folder, String name, long patience) {
    boolean killed = false;
    while (true) {
      Optional<ProcessLock> free =
          ProcessLock.tryTake(folder, name, PROCESS + ProcessHandle.current().pid());
      if (free.isPresent()) {
        free.get().close();
        return;
      }
      long late = System.nanoTime() - patience;
      String owner = ProcessLock.owner(folder, name, "");
      if (late > 0 && !killed) {
        killed = true;
        LOG.warn("worker {} ({}) of an earlier server has not ended: it is killed", name, owner);
        process(owner).ifPresent(ProcessHandle::destroyForcibly);
      } else if (late > PATIENCE_NANOS) {
        throw new RigException(
            RigException.Kind.BUSY,
            "worker %s of an earlier server (%s) does not end".formatted(name, owner));
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RigException(
            RigException.Kind.UNAVAILABLE,
            "interrupted while a worker of an earlier server ends",
            e);
      }
    }
  }

  /** Its lock is held, and so this is still the process that wrote its number. */
  private static Optional<ProcessHandle> process(String owner) {
    return owner.matches(PROCESS + "\\d+")
        ? ProcessHandle.of(Long.parseLong(owner.substring(PROCESS.length())))
        : Optional.empty();
  }
}
