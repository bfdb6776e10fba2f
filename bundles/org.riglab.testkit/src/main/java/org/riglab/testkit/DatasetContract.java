package org.riglab.testkit;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.Test;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Provider;
import org.riglab.api.data.Dataset;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.DatasetChecks;
import org.riglab.testkit.internal.DatasetSubject;

/**
 * What every data set must do. Extend it, name the part, and run it as a JUnit 4 test; no framework
 * is needed. A failure is one sentence; a test that is skipped is a note. Of each split eight
 * samples are read.
 */
@ConsumerType
public abstract class DatasetContract extends Contract {
  /** For subclasses. */
  protected DatasetContract() {}

  /**
   * @return the data set, a new one at each call
   */
  protected abstract Dataset dataset();

  /**
   * @return the folder with its files, a small one if there is a choice; empty if it needs none
   */
  protected Optional<Path> directory() {
    return Optional.empty();
  }

  @Override
  final Provider part() {
    return dataset();
  }

  @Override
  final void use(Contract test) {
    // how it went is for the checks' own tests to say
    DatasetChecks.SIZES.run(subject(test), test.limit());
  }

  private DatasetSubject subject(Contract test) {
    return new DatasetSubject(
        subject(Dataset.KIND, dataset(), test.options()), ((DatasetContract) test).directory());
  }

  private void run(Check<DatasetSubject> check) {
    run(check, subject(this));
  }

  /** Classes and splits have names, splits have images and fingerprints. */
  @Test
  public final void splitsAndClassesAreNamed() {
    run(DatasetChecks.LAYOUT);
  }

  /** Ids are unique in their split, fit for file names, and the same at the next time. */
  @Test
  public final void idsAreUniqueAndStable() {
    run(DatasetChecks.IDS);
  }

  /** Nothing is in the training and in the validation split. */
  @Test
  public final void splitsAreDisjoint() {
    run(DatasetChecks.DISJOINT);
  }

  /** Image and label have the size that the sample says. */
  @Test
  public final void imageAndLabelFitTheirSize() {
    run(DatasetChecks.SIZES);
  }

  /** Labels are classes, or 255. */
  @Test
  public final void labelsAreClassesOrVoid() {
    run(DatasetChecks.LABELS);
  }

  /** A sample depends on its index alone. */
  @Test
  public final void samplesAreTheSameInAnyOrder() {
    run(DatasetChecks.RANDOM);
  }

  /** Several threads may read at once. */
  @Test
  public final void samplesAreTheSameInAnyThread() {
    run(DatasetChecks.THREADS);
  }

  /** Indices and splits that are not there are refused. */
  @Test
  public final void whatIsNotThereIsRefused() {
    run(DatasetChecks.RANGE);
  }

  /** No file stays open. */
  @Test
  public final void holdsNoFilesOpen() {
    run(DatasetChecks.FILES);
  }

  /** A missing, empty or damaged folder is one line that names it. */
  @Test
  public final void brokenFolderIsOneClearLine() {
    run(DatasetChecks.FOLDER);
  }
}
