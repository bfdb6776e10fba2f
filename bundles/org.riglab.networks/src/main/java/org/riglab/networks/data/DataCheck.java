package org.riglab.networks.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.riglab.base.Sha256;

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
   * are neither a class nor void, and ids that are there twice. Warns of what is allowed and rarely
   * meant: classes that never occur, void beside a single class, images that are in two splits by
   * content, images of one class, images without a labelled pixel, splits that are not there, and
   * what the data set remarks itself. What is found comes in the order of the images.
   *
   * @param images an open data set
   * @param observer counts images, and may stop the check
   * @return what was found; the fingerprint of a split with errors is empty
   * @throws RigException if it was stopped
   */
  public static DataReport check(Images images, Observer observer) {
    DataCheck check = new DataCheck(images, observer);
    Map<String, Split> splits = check.open();
    int total = splits.values().stream().mapToInt(Split::size).sum();
    List<SplitReport> reports = new ArrayList<>();
    List<SplitFindings> findings = new ArrayList<>();
    splits.forEach(
        (name, split) -> {
          SplitFindings found = new SplitFindings(name, split, images.classes());
          reports.add(check.split(name, split, found, total));
          findings.add(found);
        });
    Findings whole = new Findings();
    if (check.errors.count == 0) {
      SplitFindings.classes(images.classes(), findings)
          .forEach(line -> whole.add(String.join(" and ", splits.keySet()), line));
      SplitFindings.overlaps(findings, whole::add);
    }
    findings.forEach(found -> found.lines().forEach(line -> whole.add(found.name(), line)));
    check.warnings.lines.forEach(whole::line);
    return new DataReport(
        reports,
        List.copyOf(check.errors.lines),
        check.errors.count,
        List.copyOf(whole.lines),
        whole.count + Math.max(0, check.warnings.count - check.warnings.lines.size()));
  }

  /** Splits that a layout may have and this directory has not are worth a word only. */
  private Map<String, Split> open() {
    Map<String, Split> splits = new LinkedHashMap<>();
    RigException missing = null;
    for (String name : images.splits()) {
      try {
        splits.put(name, images.split(name));
      } catch (RigException e) {
        missing = e;
        (e.kind() == RigException.Kind.NOT_FOUND ? warnings : errors)
            .add(name, "cannot be opened: " + e.getMessage());
      }
    }
    if (splits.isEmpty() && missing != null) {
      throw missing;
    }
    return splits;
  }

  private SplitReport split(String name, Split split, SplitFindings found, int total) {
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
        } else {
          found.add(index, finding.pixels, finding.content, finding.remarks);
        }
        Arrays.setAll(pixels, c -> pixels[c] + finding.pixels[c]);
        ImageCount.add(observer, "data check", ++done, total);
      }
    }
    String fingerprint = whole ? split.fingerprint() : "";
    return new SplitReport(name, split.size(), LongStream.of(pixels).boxed().toList(), fingerprint);
  }

  private static Finding look(Split split, int index, int classes) {
    long[] pixels = new long[classes + 1];
    Sample sample;
    List<String> remarks;
    try {
      sample = split.sample(index);
      remarks = split.remarks(index);
    } catch (RigException e) {
      return new Finding(pixels, e.getMessage(), "", List.of());
    } catch (RuntimeException e) {
      return new Finding(
          pixels, "%s: the data set failed (%s)".formatted(split.id(index), e), "", List.of());
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
                  sample.width()),
          "",
          List.of());
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
    return new Finding(pixels, error, content(sample), remarks);
  }

  /** Equal for images of equal pixels. */
  private static String content(Sample sample) {
    MessageDigest digest = Sha256.digest();
    digest.update((sample.height() + "x" + sample.width()).getBytes(StandardCharsets.US_ASCII));
    digest.update(sample.image());
    return Sha256.hex(digest.digest());
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

    void line(String line) {
      if (known.add(line)) {
        if (lines.size() < MOST_LINES) {
          lines.add(line);
        }
        count++;
      }
    }
  }

  /** Pixels of each class, then of void, and what is wrong; empty if nothing is. */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  private record Finding(long[] pixels, String error, String content, List<String> remarks) {}
}
