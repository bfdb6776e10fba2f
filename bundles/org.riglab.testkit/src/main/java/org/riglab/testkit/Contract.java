package org.riglab.testkit;

import java.util.Map;
import org.junit.AssumptionViolatedException;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.Subject;
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
