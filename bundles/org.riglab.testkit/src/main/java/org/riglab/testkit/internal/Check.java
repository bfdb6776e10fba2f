package org.riglab.testkit.internal;

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
   * Runs the check.
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
