package org.riglab.testkit;

import java.util.Map;
import org.junit.AssumptionViolatedException;
import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.Isolation;
import org.riglab.testkit.internal.Subject;
import org.riglab.testkit.internal.Survival;
import org.riglab.testkit.internal.Tools;

/** What the contracts of all kinds have in common; extend one of these. */
@ConsumerType
public abstract class Contract {
  Contract() {}

  /**
   * @return values of the part's options, by name as in a spec; defaults for the rest
   */
  protected Map<String, Object> options() {
    return Map.of();
  }

  /**
   * Uses the part as a network does: forward, back, compiled.
   *
   * @param test the one that was set up, and knows options and files
   */
  abstract void use(Contract test);

  /** What the test checks. */
  abstract Provider part();

  /**
   * Once a part is replaced nothing refers to its classes any more.
   *
   * @throws ReflectiveOperationException if the test cannot be made once more
   */
  @Test
  public final void classesGoAfterUse() throws ReflectiveOperationException {
    Survival survival;
    try {
      survival =
          Isolation.use(getClass(), part().getClass(), again -> ((Contract) again).use(this));
    } catch (NoSuchMethodException e) {
      throw new AssumptionViolatedException(
          "a test whose constructor takes arguments cannot be loaded anew: not looked at", e);
    }
    run(Survival.AFTER_USE, survival);
  }

  static <P extends Provider> Subject<P> subject(
      String kind, P provider, Map<String, Object> options) {
    if (provider == null) {
      throw new AssertionError("the test gives no " + kind + " to check");
    }
    String name = provider.getClass().getSimpleName();
    return new Subject<>(kind, name, provider, options, Tools.onClassPath());
  }

  static <S> void run(Check<S> check, S subject) {
    Check.Outcome outcome = check.run(subject);
    switch (outcome.verdict()) {
      case FAILED -> throw new AssertionError(outcome.sentence());
      case NOTE -> throw new AssumptionViolatedException(outcome.sentence());
      case PASSED -> {}
    }
  }
}
