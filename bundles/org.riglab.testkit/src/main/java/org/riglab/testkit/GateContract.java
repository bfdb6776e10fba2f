package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.network.Gate;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.GateChecks;
import org.riglab.testkit.internal.Subject;

/**
 * What every gate must do. Extend it, say which one, and run it as a JUnit 4 test; no framework is
 * needed. A failure is one sentence; a test that is skipped is a note.
 */
@ConsumerType
public abstract class GateContract extends Contract {
  /** For subclasses. */
  protected GateContract() {}

  /**
   * @return the gate, a new one at each call
   */
  protected abstract Gate gate();

  private void run(Check<Subject<Gate>> check) {
    run(check, subject(Gate.KIND, gate(), options()));
  }

  /** x (N, C, H, W) gives (N, C, H, W): odd sizes, one image and two, any feedback. */
  @Test
  public final void resultHasTheShapeOfItsInput() {
    run(GateChecks.SHAPE);
  }

  /** Two feedbacks and more are taken, or refused when the gate is made. */
  @Test
  public final void takesSeveralFeedbacks() {
    run(GateChecks.SEVERAL);
  }

  /** Everything that can learn does, and so does what lies in front. */
  @Test
  public final void gradientReachesEveryParameter() {
    run(GateChecks.GRADIENT);
  }

  /** Evaluation depends on inputs and parameters alone; blocks share nothing. */
  @Test
  public final void keepsNothingBetweenCalls() {
    run(GateChecks.STATE);
  }

  /** Inputs are the same after a call, bit by bit. */
  @Test
  public final void leavesItsInputsAlone() {
    run(GateChecks.INPUTS);
  }
}
