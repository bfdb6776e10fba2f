package org.riglab.testkit;

import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.metric.Metric;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.MetricChecks;
import org.riglab.testkit.internal.Subject;

/**
 * What every metric must do. Extend it, name the part, and run it as a JUnit 4 test; no framework
 * is needed. A failure is one sentence; a test that is skipped is a note.
 */
@ConsumerType
public abstract class MetricContract extends Contract {
  /** For subclasses. */
  protected MetricContract() {}

  /**
   * @return the metric, a new one at each call
   */
  protected abstract Metric metric();

  @Override
  final Provider part() {
    return metric();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    MetricChecks.WHOLE.run(subject(test), test.limit());
  }

  private Subject<Metric> subject(Contract test) {
    return subject(Metric.KIND, metric(), test.options());
  }

  private void run(Check<Subject<Metric>> check) {
    run(check, subject(this));
  }

  /**
   * An empty accumulator has scores, NaN where nothing was counted; merging with it adds nothing.
   */
  @Test
  public final void emptyAccumulatorHasScores() {
    run(MetricChecks.EMPTY);
  }

  /** Scores are numbers where every class occurs, and asking does not change them. */
  @Test
  public final void scoresAreNumbers() {
    run(MetricChecks.NUMBERS);
  }

  /** Scores per class are one per class. */
  @Test
  public final void everyClassHasAScore() {
    run(MetricChecks.CLASSES);
  }

  /** Parts of a split, merged, score as the whole split. */
  @Test
  public final void mergedEqualsWhole() {
    run(MetricChecks.WHOLE);
  }

  /** The order of a merge does not matter. */
  @Test
  public final void mergeIsCommutative() {
    run(MetricChecks.COMMUTES);
  }

  /** The grouping of merges does not matter. */
  @Test
  public final void mergeIsAssociative() {
    run(MetricChecks.ASSOCIATES);
  }

  /** Pixels whose label is 255 do not count. */
  @Test
  public final void voidDoesNotCount() {
    run(MetricChecks.VOID);
  }

  /** Accumulators share nothing and change nothing that they are given. */
  @Test
  public final void accumulatorsAreIndependent() {
    run(MetricChecks.ALONE);
  }

  /** Maps on a device score as maps on the host. */
  @Test
  public final void arraysScoreAsBytes() {
    run(MetricChecks.ARRAYS);
  }
}
