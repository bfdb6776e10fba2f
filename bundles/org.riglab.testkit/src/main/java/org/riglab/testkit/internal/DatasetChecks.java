package org.riglab.testkit.internal;

import java.util.List;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of data sets. */
public final class DatasetChecks {
  /** Classes, splits and fingerprints. */
  public static final Check<DatasetSubject> LAYOUT =
      check("splitsAndClassesAreNamed", SplitContents::layout);

  /** An id names one image, today and tomorrow. */
  public static final Check<DatasetSubject> IDS =
      check("idsAreUniqueAndStable", SplitContents::ids);

  /** What is tested on was not trained on. */
  public static final Check<DatasetSubject> DISJOINT =
      check("splitsAreDisjoint", SplitContents::disjoint);

  /** Image and label have the size that the sample says. */
  public static final Check<DatasetSubject> SIZES =
      check("imageAndLabelFitTheirSize", SplitContents::sizes);

  /** Labels are classes. */
  public static final Check<DatasetSubject> LABELS =
      check("labelsAreClassesOrVoid", SplitContents::labels);

  /** A sample does not depend on what was read before. */
  public static final Check<DatasetSubject> RANDOM =
      check("samplesAreTheSameInAnyOrder", RepeatedReads::random);

  /** Several threads read at once. */
  public static final Check<DatasetSubject> THREADS =
      check("samplesAreTheSameInAnyThread", RepeatedReads::threads);

  /** What is not there is refused. */
  public static final Check<DatasetSubject> RANGE =
      check("whatIsNotThereIsRefused", DatasetRefusals::range);

  /** Files are closed. */
  public static final Check<DatasetSubject> FILES = check("holdsNoFilesOpen", RepeatedReads::files);

  /** A wrong or broken folder is one clear line. */
  public static final Check<DatasetSubject> FOLDER =
      new Check<>("brokenFolderIsOneClearLine", DatasetRefusals::folder);

  /** All checks. */
  public static final List<Check<DatasetSubject>> ALL =
      List.of(LAYOUT, IDS, DISJOINT, SIZES, LABELS, RANDOM, THREADS, RANGE, FILES, FOLDER);

  private DatasetChecks() {}

  /** A check that needs an open data set. */
  private static Check<DatasetSubject> check(String name, Check.Body<DatasetSubject> body) {
    return new Check<>(
        name,
        subject -> {
          if (subject.directory().isEmpty() && Reading.needsFolder(subject)) {
            return Outcome.note("it requires a folder, and none was given: nothing was checked");
          }
          return body.run(subject);
        });
  }
}
