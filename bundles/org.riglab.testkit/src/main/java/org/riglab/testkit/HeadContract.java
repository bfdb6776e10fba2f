package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.network.Head;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.HeadChecks;
import org.riglab.testkit.internal.Subject;

/**
 * What every head must do. Extend it, name the part, and run it as a JUnit 4 test; no framework is
 * needed. A failure is one sentence; a test that is skipped is a note.
 */
@ConsumerType
public abstract class HeadContract extends Contract {
  /** For subclasses. */
  protected HeadContract() {}

  /**
   * @return the head, a new one at each call
   */
  protected abstract Head head();

  @Override
  final Provider part() {
    return head();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    HeadChecks.GRADIENT.run(subject(test), test.limit());
  }

  private Subject<Head> subject(Contract test) {
    return subject(Head.KIND, head(), test.options());
  }

  private void run(Check<Subject<Head>> check) {
    run(check, subject(this));
  }

  /** Logits have the channels and the stride that the stage declares, for odd sizes too. */
  @Test
  public final void logitsAreAsDeclared() {
    run(HeadChecks.LOGITS);
  }

  /** Skips are stages of the backbone; a backbone that does not have them is one clear line. */
  @Test
  public final void skipsAreStagesOfTheBackbone() {
    run(HeadChecks.SKIPS);
  }

  /** Every parameter has a name of its own below {@code classifier.}, the same in every network. */
  @Test
  public final void namesAreTheClassifiers() {
    run(HeadChecks.NAMES);
  }

  /** Everything that can learn does, and so does what lies in front. */
  @Test
  public final void gradientReachesEveryParameter() {
    run(HeadChecks.GRADIENT);
  }

  /** Evaluation depends on inputs and parameters alone; two networks share nothing. */
  @Test
  public final void keepsNothingBetweenCalls() {
    run(HeadChecks.STATE);
  }

  /** Inputs are the same after a call, bit by bit. */
  @Test
  public final void leavesItsInputsAlone() {
    run(HeadChecks.INPUTS);
  }

  /** Gradients are what finite differences find, for parameters and inputs. */
  @Test
  public final void gradientIsTheSlope() {
    run(HeadChecks.SLOPE);
  }

  /** float32 and float64 give the same in their own type; float16 where the machine has it. */
  @Test
  public final void computesInTheTypeOfItsInputs() {
    run(HeadChecks.TYPES);
  }

  /** No array is made on a device of its own choice; on a GPU the result is the same. */
  @Test
  public final void computesOnTheDeviceOfItsInputs() {
    run(HeadChecks.DEVICES);
  }

  /** Networks with and without gates run, with every policy of batch norm. */
  @Test
  public final void worksInNetworks() {
    run(HeadChecks.NETWORKS);
  }

  /** The same seed gives the same parameters, and the same result in training. */
  @Test
  public final void sameSeedSameNumbers() {
    run(HeadChecks.SEEDS);
  }

  /** Networks with it can be traced, so that they are compiled and exported; else a note. */
  @Test
  public final void tracesToAGraph() {
    run(HeadChecks.TRACE);
  }

  /** A compiled pass gives the logits and gradients of an eager one. */
  @Test
  public final void compiledEqualsEager() {
    run(HeadChecks.COMPILED);
  }

  /** Many steps need no more memory than few. */
  @Test
  public final void freesWhatItMakes() {
    run(HeadChecks.MEMORY);
  }
}
