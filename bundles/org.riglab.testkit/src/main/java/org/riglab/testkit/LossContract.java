package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.training.Loss;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.LossChecks;
import org.riglab.testkit.internal.Subject;

/**
 * What every loss must do. Extend it, name the loss, and run it as a JUnit 4 test; no framework is
 * needed. A failure is one sentence; a test that is skipped is a note.
 */
@ConsumerType
public abstract class LossContract extends Contract {
  /** For subclasses. */
  protected LossContract() {}

  /**
   * @return the loss, a new one at each call
   */
  protected abstract Loss loss();

  @Override
  final Provider part() {
    return loss();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    LossChecks.SLOPE.run(subject(test), test.limit());
    LossChecks.COMPILED.run(subject(test), test.limit());
  }

  private Subject<Loss> subject(Contract test) {
    return subject(Loss.KIND, loss(), test.options());
  }

  private void run(Check<Subject<Loss>> check) {
    run(check, subject(this));
  }

  /** The loss is one finite number, also for images without a labelled pixel. */
  @Test
  public final void isOneFiniteNumber() {
    run(LossChecks.NUMBER);
  }

  /** The gradient is what finite differences find. */
  @Test
  public final void gradientIsTheSlope() {
    run(LossChecks.SLOPE);
  }

  /** Logits of void pixels change nothing. */
  @Test
  public final void voidDoesNotCount() {
    run(LossChecks.VOID);
  }

  /** Class weights of 1 are no class weights, other ones count; else a note. */
  @Test
  public final void classWeightsCount() {
    run(LossChecks.CLASS_WEIGHTS);
  }

  /** Weights of iterations count; else a note. */
  @Test
  public final void iterationWeightsCount() {
    run(LossChecks.ITERATION_WEIGHTS);
  }

  /** A step of several passes is their mean, not their sum. */
  @Test
  public final void passesOfAStepAreAveraged() {
    run(LossChecks.PASSES);
  }

  /** The result depends on the arguments only. */
  @Test
  public final void keepsNothingBetweenCalls() {
    run(LossChecks.STATE);
  }

  /** Arguments are the same after a call, bit by bit. */
  @Test
  public final void leavesItsInputsAlone() {
    run(LossChecks.INPUTS);
  }

  /** It can be traced, so that it is compiled; else a note. */
  @Test
  public final void tracesToAGraph() {
    run(LossChecks.TRACE);
  }

  /** Compiled, it gives the same number and gradients. */
  @Test
  public final void compiledEqualsEager() {
    run(LossChecks.COMPILED);
  }

  /** Everything it makes is freed with its arguments' manager. */
  @Test
  public final void freesWhatItMakes() {
    run(LossChecks.MEMORY);
  }
}
