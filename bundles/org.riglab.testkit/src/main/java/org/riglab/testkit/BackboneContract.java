package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.network.Backbone;
import org.riglab.testkit.internal.BackboneChecks;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.Subject;

/**
 * What every backbone must do. Extend it, say which one, and run it as a JUnit 4 test; no framework
 * is needed. A failure is one sentence; a test that is skipped is a note.
 */
@ConsumerType
public abstract class BackboneContract extends Contract {
  /** For subclasses. */
  protected BackboneContract() {}

  /**
   * @return the backbone, a new one at each call
   */
  protected abstract Backbone backbone();

  private void run(Check<Subject<Backbone>> check) {
    run(check, subject(Backbone.KIND, backbone(), options()));
  }

  /** Channels and strides of the stages are as declared, for odd sizes and any input channels. */
  @Test
  public final void stagesAreAsDeclared() {
    run(BackboneChecks.STAGES);
  }

  /** Every parameter has a name of its own in the state dict, the same in every network. */
  @Test
  public final void namesAreUnique() {
    run(BackboneChecks.NAMES);
  }

  /** Everything that can learn does, and so does what lies in front. */
  @Test
  public final void gradientReachesEveryParameter() {
    run(BackboneChecks.GRADIENT);
  }

  /** Evaluation depends on inputs and parameters alone; two networks share nothing. */
  @Test
  public final void keepsNothingBetweenCalls() {
    run(BackboneChecks.STATE);
  }

  /** Inputs are the same after a call, bit by bit. */
  @Test
  public final void leavesItsInputsAlone() {
    run(BackboneChecks.INPUTS);
  }
}
