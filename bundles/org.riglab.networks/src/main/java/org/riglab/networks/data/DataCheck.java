package org.riglab.networks.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluator.DataReport;
import org.riglab.api.bench.Evaluator.SplitReport;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** Reads every image and label of a data set. */
public final class DataCheck {
  private static final int WORKERS = 2;
  private static final int AHEAD = 16;
  private static final int MOST_LINES = 100;

  private final Images images;
  private final Observer observer;
  private final Findings errors = new Findings();
  private final Findings warnings = new Findings();
  private int done;

  private DataCheck(Images images, Observer observer) {
    this.images = images;
    this.observer = observer;
  }

  /**
   * Looks for missing and unreadable files, labels of another size than their image, labels that
   * are neither a class nor void, and ids that are there twice. Warns of images that have no
   * labelled pixel, and of splits that share images and should not. What is found comes in the
   * order of the images.
   *
   * @param images an open data set
   * @param observer counts images, and may stop the check
   * @return what was found; the fingerprint of a split with errors is empty
   * @throws RigException if it was stopped
   */
  public static DataReport check(Images images, Observer observer) {
    DataCheck check = new DataCheck(images, observer);
    List<Split> splits = images.splits().stream().map(images::split).toList();
    int total = splits.stream().mapToInt(Split::size).sum();
    List<SplitReport> reports = new ArrayList<>();
    for (int i = 0; i < splits.size(); i++) {
      reports.add(check.split(images.splits().get(i), splits.get(i), total));
    }
    check.overlaps(splits);
    return new DataReport(
        reports,
        List.copyOf(check.errors.lines),
        check.errors.count,
        List.copyOf(check.warnings.lines),
        check.warnings.count);
  }

  /**
   * The first split is for training, the second for validation. Others may be made of these: they
   * hold all of one or nothing, or something is wrong.
   */
  private void overlaps(List<Split> splits) {
    List<Set<String>> ids = splits.stream().map(DataCheck::ids).toList();
    for (int a = 0; a < Math.min(2, ids.size()); a++) {
      for (int b = a + 1; b < ids.size(); b++) {
        Set<String> shared = new LinkedHashSet<>(ids.get(b));
        shared.retainAll(ids.get(a));
        boolean whole = shared.size() == Math.min(ids.get(a).size(), ids.get(b).size()) && b > 1;
        if (!shared.isEmpty() && !whole) {
          warnings.add(
              images.splits().get(b),
              "%d of %d images are in %s too, for example %s"
                  .formatted(
                      shared.size(),
                      ids.get(b).size(),
                      images.splits().get(a),
                      shared.iterator().next()));
        }
      }
    }
  }

  private static Set<String> ids(Split split) {
    Set<String> ids = new LinkedHashSet<>();
    for (int i = 0; i < split.size(); i++) {
      ids.add(split.id(i));
    }
    return ids;
  }

  private SplitReport split(String name, Split split, int total) {
    int classes = images.classes().size();
    boolean whole = true;
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < split.size(); i++) {
      if (!seen.add(split.id(i))) {
        errors.add(name, split.id(i) + " is there twice");
        whole = false;
      }
    }
    long[] pixels = new long[classes + 1];
    try (Prefetch<Finding> findings =
        new Prefetch<>(
            "riglab-check",
            WORKERS,
            AHEAD,
            0,
            split.size(),
            i -> look(split, (int) i, classes),
            finding -> {})) {
      for (int index = 0; findings.hasNext(); index++) {
        Finding finding = findings.next();
        if (!finding.error.isEmpty()) {
          errors.add(name, finding.error);
          whole = false;
        } else if (LongStream.of(finding.pixels).limit(classes).sum() == 0) {
          warnings.add(name, split.id(index) + " has no labelled pixel");
        }
        Arrays.setAll(pixels, c -> pixels[c] + finding.pixels[c]);
        observer.image(++done, total);
        if (observer.stop()) {
          throw new RigException(
              RigException.Kind.CONFLICT,
              "data check stopped after %d of %d images".formatted(done, total));
        }
      }
    }
    String fingerprint = whole ? split.fingerprint() : "";
    return new SplitReport(name, split.size(), LongStream.of(pixels).boxed().toList(), fingerprint);
  }

  private static Finding look(Split split, int index, int classes) {
    long[] pixels = new long[classes + 1];
    Sample sample;
    try {
      sample = split.sample(index);
    } catch (RigException e) {
      return new Finding(pixels, e.getMessage());
    } catch (RuntimeException e) {
      return new Finding(pixels, "%s: the data set failed (%s)".formatted(split.id(index), e));
    }
    int size = sample.height() * sample.width();
    if (size == 0 || sample.label().length != size || sample.image().length != 3 * size) {
      return new Finding(
          pixels,
          "%s: %d bytes of image and %d of label, expected 3 and 1 for each of %d x %d pixels"
              .formatted(
                  sample.id(),
                  sample.image().length,
                  sample.label().length,
                  sample.height(),
                  sample.width()));
    }
    String error = "";
    for (int i = 0; i < size; i++) {
      int label = Byte.toUnsignedInt(sample.label()[i]);
      if (label < classes) {
        pixels[label]++;
      } else if (label == Dataset.VOID) {
        pixels[classes]++;
      } else if (error.isEmpty()) {
        error =
            "%s: label %d in row %d, column %d, expected 0 to %d or %d (void)"
                .formatted(
                    sample.id(),
                    label,
                    i / sample.width(),
                    i % sample.width(),
                    classes - 1,
                    Dataset.VOID);
      }
    }
    return new Finding(pixels, error);
  }

  /** The first lines, and how many there were. A file may be in several splits. */
  private static final class Findings {
    private final List<String> lines = new ArrayList<>();
    private final Set<String> known = new HashSet<>();
    private int count;

    void add(String split, String what) {
      if (known.add(what)) {
        if (lines.size() < MOST_LINES) {
          lines.add(split + ": " + what);
        }
        count++;
      }
    }
  }

  /** Pixels of each class, then of void, and what is wrong; empty if nothing is. */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  private record Finding(long[] pixels, String error) {}
}
