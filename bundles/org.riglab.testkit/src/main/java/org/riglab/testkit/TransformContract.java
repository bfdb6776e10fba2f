package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.training.Transform;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.Subject;
import org.riglab.testkit.internal.TransformChecks;

/**
 * What every transform must do. Extend it, name the transform, and run it as a JUnit 4 test; no
 * framework is needed. A failure is one sentence; a test that is skipped is a note.
 */
@ConsumerType
public abstract class TransformContract extends Contract {
  /** For subclasses. */
  protected TransformContract() {}

  /**
   * @return the transform, a new one at each call
   */
  protected abstract Transform transform();

  @Override
  final Provider part() {
    return transform();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    TransformChecks.SAME.run(subject(test), test.limit());
  }

  private Subject<Transform> subject(Contract test) {
    return subject(Transform.KIND, transform(), test.options());
  }

  private void run(Check<Subject<Transform>> check) {
    run(check, subject(this));
  }

  /** Pictures of any size give pictures; labels come from the input or are void. */
  @Test
  public final void resultIsAPicture() {
    run(TransformChecks.PICTURE);
  }

  /** What the image shows is where the label says. */
  @Test
  public final void imageAndLabelMoveTogether() {
    run(TransformChecks.TOGETHER);
  }

  /** The result depends on the picture and the random numbers only. */
  @Test
  public final void sameRandomNumbersSamePicture() {
    run(TransformChecks.SAME);
  }

  /** Other random numbers give another picture; else a note. */
  @Test
  public final void randomNumbersDecide() {
    run(TransformChecks.RANDOM);
  }

  /** The input is the same after a call. */
  @Test
  public final void leavesItsInputAlone() {
    run(TransformChecks.INPUTS);
  }

  /** Several threads get what one gets. */
  @Test
  public final void threadsDoNotDisturbEachOther() {
    run(TransformChecks.THREADS);
  }
}
