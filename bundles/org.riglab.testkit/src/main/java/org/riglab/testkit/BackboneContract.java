package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.network.Backbone;
import org.riglab.testkit.internal.BackboneChecks;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.Subject;

/**
 * What every backbone must do. Extend it, name the part, and run it as a JUnit 4 test; no framework
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

  @Override
  final Provider part() {
    return backbone();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    BackboneChecks.GRADIENT.run(subject(test), test.limit());
  }

  private Subject<Backbone> subject(Contract test) {
    return subject(Backbone.KIND, backbone(), test.options());
  }

  private void run(Check<Subject<Backbone>> check) {
    run(check, subject(this));
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

  /** Gradients are what finite differences find, for parameters and inputs. */
  @Test
  public final void gradientIsTheSlope() {
    run(BackboneChecks.SLOPE);
  }

  /** float32 and float64 give the same in their own type; float16 where the machine has it. */
  @Test
  public final void computesInTheTypeOfItsInputs() {
    run(BackboneChecks.TYPES);
  }

  /** No array is made on a device of its own choice; on a GPU the result is the same. */
  @Test
  public final void computesOnTheDeviceOfItsInputs() {
    run(BackboneChecks.DEVICES);
  }

  /** Networks with and without gates run, with every policy of batch norm. */
  @Test
  public final void worksInNetworks() {
    run(BackboneChecks.NETWORKS);
  }

  /** The same seed gives the same parameters, and the same result in training. */
  @Test
  public final void sameSeedSameNumbers() {
    run(BackboneChecks.SEEDS);
  }

  /** Networks with it can be traced, so that they are compiled and exported; else a note. */
  @Test
  public final void tracesToAGraph() {
    run(BackboneChecks.TRACE);
  }

  /** A compiled pass gives the logits and gradients of an eager one. */
  @Test
  public final void compiledEqualsEager() {
    run(BackboneChecks.COMPILED);
  }

  /** Many steps need no more memory than few. */
  @Test
  public final void freesWhatItMakes() {
    run(BackboneChecks.MEMORY);
  }

  /** Every output stride that its option takes is the stride of its last stage. */
  @Test
  public final void outputStrideIsKept() {
    run(BackboneChecks.OUTPUT_STRIDE);
  }
}
