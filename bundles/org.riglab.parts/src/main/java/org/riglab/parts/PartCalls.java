package org.riglab.parts;

import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.PartInfo;

/** Calls the code of parts, so that whatever it throws names the part. */
public final class PartCalls {
  private PartCalls() {}

  /**
   * Runs code of a part.
   *
   * @param <T> of the result
   * @param part whose code it is
   * @param where for messages, for example {@code " at block 4"}; may be empty
   * @param body runs the code
   * @return its result
   * @throws RigException as the part throws it; anything else that it throws becomes one of kind
   *     PART_FAILED
   */
  public static <T> T guarded(PartInfo part, String where, Supplier<T> body) {
    try {
      return body.get();
    } catch (RigException e) {
      throw e;
    } catch (Throwable e) {
      throw new RigException(
          Kind.PART_FAILED,
          "%s%s failed: %s%s"
              .formatted(
                  describe(part),
                  where,
                  e.getClass().getSimpleName(),
                  e.getMessage() == null ? "" : ": " + firstLine(e.getMessage())),
          e);
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }

  /**
   * @param part a part
   * @return for example {@code gate mul-sigmoid (org.riglab.gates 0.2.0)}
   */
  public static String describe(PartInfo part) {
    String title = part.kind() + " " + part.name();
    return part.bundle().isEmpty()
        ? title
        : "%s (%s %s)".formatted(title, part.bundle(), part.version());
  }
}
