package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.network.Gate;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.GateChecks;
import org.riglab.testkit.internal.Subject;

/**
 * What every gate must do. Extend it, name the part, and run it as a JUnit 4 test; no framework is
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

  @Override
  final Provider part() {
    return gate();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    GateChecks.GRADIENT.run(subject(test), test.limit());
    GateChecks.COMPILED.run(subject(test), test.limit());
  }

  private Subject<Gate> subject(Contract test) {
    return subject(Gate.KIND, gate(), test.options());
  }

  private void run(Check<Subject<Gate>> check) {
    run(check, subject(this));
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

  /** Gradients are what finite differences find, for parameters and inputs. */
  @Test
  public final void gradientIsTheSlope() {
    run(GateChecks.SLOPE);
  }

  /** float32 and float64 give the same in their own type; float16 where the machine has it. */
  @Test
  public final void computesInTheTypeOfItsInputs() {
    run(GateChecks.TYPES);
  }

  /** No array is made on a device of its own choice; on a GPU the result is the same. */
  @Test
  public final void computesOnTheDeviceOfItsInputs() {
    run(GateChecks.DEVICES);
  }

  /** Networks with and without gates run, with every policy of batch norm. */
  @Test
  public final void worksInNetworks() {
    run(GateChecks.NETWORKS);
  }

  /** The same seed gives the same parameters, and the same result in training. */
  @Test
  public final void sameSeedSameNumbers() {
    run(GateChecks.SEEDS);
  }

  /** Networks with it can be traced, so that they are compiled and exported; else a note. */
  @Test
  public final void tracesToAGraph() {
    run(GateChecks.TRACE);
  }

  /** A compiled pass gives the logits and gradients of an eager one. */
  @Test
  public final void compiledEqualsEager() {
    run(GateChecks.COMPILED);
  }

  /** Many steps need no more memory than few. */
  @Test
  public final void freesWhatItMakes() {
    run(GateChecks.MEMORY);
  }
}
