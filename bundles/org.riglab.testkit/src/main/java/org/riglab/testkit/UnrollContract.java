package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.network.Unroll;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.Subject;
import org.riglab.testkit.internal.UnrollChecks;

/**
 * What every unroll strategy must do, with one to four iterations of a small network. Extend it,
 * name the part, and run it as a JUnit 4 test; no framework is needed. A failure is one sentence; a
 * test that is skipped is a note.
 */
@ConsumerType
public abstract class UnrollContract extends Contract {
  /** For subclasses. */
  protected UnrollContract() {}

  /**
   * @return the unroll strategy, a new one at each call
   */
  protected abstract Unroll unroll();

  @Override
  final Provider part() {
    return unroll();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    UnrollChecks.GRADIENT.run(subject(test), test.limit());
    UnrollChecks.COMPILED.run(subject(test), test.limit());
  }

  private Subject<Unroll> subject(Contract test) {
    return subject(Unroll.KIND, unroll(), test.options());
  }

  private void run(Check<Subject<Unroll>> check) {
    run(check, subject(this));
  }

  /** Every prediction is logits at the network's stride. */
  @Test
  public final void everyPredictionIsLogits() {
    run(UnrollChecks.LOGITS);
  }

  /** Blocks run as often as applications says, gates stand and are fed as planned. */
  @Test
  public final void blocksRunAsPlanned() {
    run(UnrollChecks.RUNS);
  }

  /** One iteration is the plain network. */
  @Test
  public final void oneIterationIsFeedForward() {
    run(UnrollChecks.ONE);
  }

  /** More iterations have no more parameters. */
  @Test
  public final void iterationsShareWeights() {
    run(UnrollChecks.SHARED);
  }

  /** Everything that can learn does, and so does what lies in front. */
  @Test
  public final void gradientReachesEveryParameter() {
    run(UnrollChecks.GRADIENT);
  }

  /** Evaluation depends on inputs and parameters alone; two networks share nothing. */
  @Test
  public final void keepsNothingBetweenCalls() {
    run(UnrollChecks.STATE);
  }

  /** Inputs are the same after a call, bit by bit. */
  @Test
  public final void leavesItsInputsAlone() {
    run(UnrollChecks.INPUTS);
  }

  /** Gradients are what finite differences find, for parameters and inputs. */
  @Test
  public final void gradientIsTheSlope() {
    run(UnrollChecks.SLOPE);
  }

  /** No array is made on a device of its own choice; on a GPU the result is the same. */
  @Test
  public final void computesOnTheDeviceOfItsInputs() {
    run(UnrollChecks.DEVICES);
  }

  /** Networks with and without gates run, with every policy of batch norm. */
  @Test
  public final void worksInNetworks() {
    run(UnrollChecks.NETWORKS);
  }

  /** The same seed gives the same parameters, and the same result in training. */
  @Test
  public final void sameSeedSameNumbers() {
    run(UnrollChecks.SEEDS);
  }

  /** Networks with it can be traced, so that they are compiled and exported; else a note. */
  @Test
  public final void tracesToAGraph() {
    run(UnrollChecks.TRACE);
  }

  /** A compiled pass gives the logits and gradients of an eager one. */
  @Test
  public final void compiledEqualsEager() {
    run(UnrollChecks.COMPILED);
  }

  /** Many steps need no more memory than few. */
  @Test
  public final void freesWhatItMakes() {
    run(UnrollChecks.MEMORY);
  }
}
