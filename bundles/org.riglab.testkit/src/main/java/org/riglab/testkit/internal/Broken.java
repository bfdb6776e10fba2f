package org.riglab.testkit.internal;

import org.riglab.api.RigException;

/** A contract that is not held, in one sentence. */
final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param sentence what is wrong, where, and what is expected
   */
  Broken(String sentence) {
    super(sentence);
  }

  private Broken(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** Code of a part. */
  @FunctionalInterface
  interface Call<T> {
    T call() throws Exception;
  }

  /**
   * Runs code of a part.
   *
   * @param what is done, for example {@code create}
   * @param call does it
   * @return its result
   * @throws Broken if it throws; says what and where
   */
  static <T> T unless(String what, Call<T> call) {
    Watched.sign();
    try {
      return call.call();
    } catch (Broken e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      throw new Broken(what + " " + words(e), e);
    } finally {
      Watched.sign();
    }
  }

  /**
   * Runs checks somewhere.
   *
   * @param where put in front of what is broken
   * @param call checks
   * @return its result
   */
  static <T> T in(String where, Call<T> call) {
    try {
      return unless("it", call);
    } catch (Broken e) {
      throw new Broken(where + " " + e.getMessage(), e);
    }
  }

  /**
   * @throws Broken unless something holds
   */
  static void unless(boolean holds, String sentence, Object... values) {
    if (!holds) {
      throw new Broken(sentence.formatted(values));
    }
  }

  /** Whether a frame may be of a part's code, where it is uppermost. */
  static boolean ofPart(StackTraceElement frame) {
    return !frame.getClassName().matches("(java|javax|jdk|sun|ai\\.djl|org\\.junit)\\..*")
        && !frame.getClassName().matches("org\\.riglab\\.(nn|images)\\..*");
  }

  /** A throwable as a predicate: what, and the innermost place in the part's code. */
  static String words(Throwable thrown) {
    String message =
        thrown.getMessage() == null ? "" : thrown.getMessage().lines().findFirst().orElse("");
    if (thrown instanceof RigException) {
      return "says: " + message;
    }
    String where = "";
    for (StackTraceElement frame : thrown.getStackTrace()) {
      // without a line: nobody wrote it
      if (ofPart(frame) && frame.getLineNumber() > 0) {
        where =
            frame.getFileName() == null
                ? ""
                : " (%s:%d)".formatted(frame.getFileName(), frame.getLineNumber());
        break;
      }
    }
    return "throws %s%s%s"
        .formatted(
            thrown.getClass().getSimpleName(), message.isEmpty() ? "" : ": " + message, where);
  }
}
