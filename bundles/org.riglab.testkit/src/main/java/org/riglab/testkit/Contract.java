package org.riglab.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.AssumptionViolatedException;
import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.author.PluginChecks;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.Hung;
import org.riglab.testkit.internal.Isolation;
import org.riglab.testkit.internal.Subject;
import org.riglab.testkit.internal.Survival;
import org.riglab.testkit.internal.Tools;

/** What the contracts of all kinds have in common; extend one of these. */
@ConsumerType
public abstract class Contract {
  /** Tests whose part has not come back, and from which check: the others need not wait, too. */
  private static final Map<String, String> HUNG = new ConcurrentHashMap<>();

  Contract() {}

  /**
   * @return values of the part's options, by name as in a spec; defaults for the rest
   */
  protected Map<String, Object> options() {
    return Map.of();
  }

  /**
   * @return how long no call of the part may begin or end before its test fails; a minute
   */
  protected Duration limit() {
    return PluginChecks.LIMIT;
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
    runnable();
    Survival survival;
    try {
      survival =
          Isolation.use(getClass(), part().getClass(), again -> ((Contract) again).use(this));
    } catch (NoSuchMethodException e) {
      throw new AssumptionViolatedException(
          "a test whose constructor takes arguments cannot be loaded again: not checked", e);
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

  final <S> void run(Check<S> check, S subject) {
    runnable();
    Check.Outcome outcome;
    try {
      outcome = check.run(subject, limit());
    } catch (Hung e) {
      HUNG.put(getClass().getName(), check.name());
      throw failed(e.getMessage());
    }
    switch (outcome.verdict()) {
      case FAILED -> throw failed(outcome.sentence());
      case NOTE -> throw new AssumptionViolatedException(outcome.sentence());
      case PASSED -> {}
    }
  }

  private void runnable() {
    String check = HUNG.get(getClass().getName());
    if (check != null) {
      throw failed("not run: the part does not return, see " + check);
    }
  }

  /** The sentence says what is wrong and where; of the stack, only the test is of interest. */
  private static AssertionError failed(String sentence) {
    AssertionError failure = new AssertionError(sentence);
    failure.setStackTrace(
        Arrays.stream(failure.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith(Contract.class.getPackageName() + "."))
            .filter(frame -> !frame.getClassName().equals(Contract.class.getName()))
            .limit(1)
            .toArray(StackTraceElement[]::new));
    return failure;
  }
}
