package org.riglab.testkit.internal;

import java.time.Duration;
import org.riglab.api.author.PluginChecks.Verdict;

/**
 * One check of a contract.
 *
 * @param <S> what is checked
 * @param name as in reports
 * @param body checks
 */
public record Check<S>(String name, Body<S> body) {
  /**
   * Checks one thing.
   *
   * @param <S> what is checked
   */
  @FunctionalInterface
  public interface Body<S> {
    /**
     * @param subject what is checked
     * @return how it went
     * @throws Broken if the contract is not held
     * @throws Exception whatever the part throws that no check has expected
     */
    Outcome run(S subject) throws Exception;
  }

  /**
   * How a check ended.
   *
   * @param verdict passed, failed or note
   * @param sentence see {@link org.riglab.api.author.PluginChecks.Check#sentence}
   */
  public record Outcome(Verdict verdict, String sentence) {
    /** The contract is held. */
    static final Outcome PASSED = new Outcome(Verdict.PASSED, "");

    static Outcome passed(String detail) {
      return new Outcome(Verdict.PASSED, detail);
    }

    static Outcome note(String sentence) {
      return new Outcome(Verdict.NOTE, sentence);
    }
  }

  /**
   * Runs the check on a thread of its own.
   *
   * @param subject what is checked
   * @param limit how long no call of the part may begin or end
   * @return how it ended; what is thrown becomes a failure
   * @throws Hung if the part does not come back; says where it is
   */
  public Outcome run(S subject, Duration limit) {
    return Watched.run(name, limit, () -> run(subject));
  }

  /**
   * Runs the check, however long it takes.
   *
   * @param subject what is checked
   * @return how it ended; what is thrown becomes a failure
   */
  public Outcome run(S subject) {
    try {
      return body.run(subject);
    } catch (Broken e) {
      return new Outcome(Verdict.FAILED, e.getMessage());
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      return new Outcome(Verdict.FAILED, Broken.words(e));
    }
  }
}
