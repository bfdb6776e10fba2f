package org.riglab.runs.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.base.Names;

/**
 * Why a run failed.
 *
 * @param kind decides what becomes of the run: {@link Kind#NO_SPACE} and {@link Kind#BUSY} put it
 *     back into the queue, all others end it
 * @param line for people
 */
record RunFailure(Kind kind, String line) {
  /** PyTorch reports exhausted memory by its message alone. */
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("can't allocate memory|out of memory|OutOfMemory", Pattern.CASE_INSENSITIVE);

  /** A disk with less free space than this is full, in bytes. */
  private static final long FULL = 1 << 20;

  /**
   * @param thrown by a trainer, an evaluator, a plugin or native code
   * @param freeDisk bytes that are free where the home is
   */
  static RunFailure of(Throwable thrown, long freeDisk) {
    RunFailure failure = of(thrown);
    return failure.kind() == Kind.IO && freeDisk < FULL
        ? new RunFailure(Kind.NO_SPACE, failure.line())
        : failure;
  }

  /**
   * A failure that another process wrote down.
   *
   * @param kind a word as specs write it; that of a part if it is unknown or empty
   */
  static RunFailure of(String kind, String line) {
    return new RunFailure(
        Stream.of(Kind.values())
            .filter(known -> Names.writtenChoice(known).equals(kind))
            .findFirst()
            .orElse(Kind.PART_FAILED),
        line);
  }

  private static RunFailure of(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("").strip();
    if (thrown instanceof RigException rig && rig.kind() == Kind.OUT_OF_MEMORY) {
      return new RunFailure(rig.kind(), message);
    }
    Optional<String> memory = memory(thrown);
    if (memory.isPresent()) {
      return new RunFailure(Kind.OUT_OF_MEMORY, memory(thrown, message, memory.get()));
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof RigException rig) {
        return new RunFailure(
            rig.kind(), thrown instanceof RigException ? message : named(thrown, message));
      }
      if (cause instanceof IOException || cause instanceof UncheckedIOException) {
        return new RunFailure(Kind.IO, named(thrown, message));
      }
    }
    return new RunFailure(Kind.PART_FAILED, named(thrown, message));
  }

  private static String named(Throwable thrown, String message) {
    return thrown.getClass().getSimpleName() + ": " + message;
  }

  /** What native code throws has many lines, and the one that counts may be the last. */
  private static Optional<String> memory(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      Optional<String> line =
          message.lines().filter(l -> OUT_OF_MEMORY.matcher(l).find()).findFirst();
      if (line.isPresent() || cause instanceof OutOfMemoryError) {
        return Optional.of(line.orElse(message).strip());
      }
    }
    return Optional.empty();
  }

  /** With the process that ran out of memory, if known. */
  private static String memory(Throwable thrown, String message, String what) {
    if (!(thrown instanceof RigException)) {
      return "out of memory: %s; use a smaller batch or crop".formatted(what);
    }
    return message.contains(what)
        ? message + "; use a smaller batch or crop"
        : "%s: out of memory: %s; use a smaller batch or crop".formatted(message, what);
  }
}
