package org.riglab.networks.data;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluator.DataReport;
import org.riglab.api.bench.Evaluator.SplitReport;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

public class DataCheckTest {
  @Test
  public void countsPixelsAndImages() {
    List<Integer> counted = new ArrayList<>();
    DataReport report =
        DataCheck.check(
            data(
                Map.of(
                    "train", List.of(sample("a", 0, 1, 255), sample("b", 1, 1, 2)),
                    "val", List.of(sample("c", 2, 255, 255)))),
            new Observer() {
              @Override
              public void image(int done, int total) {
                assertEquals(3, total);
                counted.add(done);
              }
            });
    assertEquals(
        List.of(
            new SplitReport("train", 2, List.of(1L, 3L, 1L, 1L), "print2"),
            new SplitReport("val", 1, List.of(0L, 0L, 1L, 2L), "print1")),
        report.splits());
    assertEquals(List.of(), report.errors());
    assertEquals(0, report.errorCount());
    assertEquals(List.of(1, 2, 3), counted);
  }

  @Test
  public void listsWhatIsWrongInOrder() {
    DataReport report =
        DataCheck.check(
            data(
                Map.of(
                    "train",
                    List.of(
                        new RigException("a.png: no such file"),
                        sample("b", 0, 3, 7),
                        sample("c", 0, 1, 2),
                        new IllegalStateException("oops")),
                    "val",
                    List.of(new Sample("e", 1, 3, new byte[9], new byte[2])))),
            Observer.NONE);
    assertEquals(
        List.of(
            "train: a.png: no such file",
            "train: b: label 3 in row 0, column 1, expected 0 to 2 or 255 (void)",
            "train: train3: the data set failed (java.lang.IllegalStateException: oops)",
            "val: e: 9 bytes of image and 2 of label, expected 3 and 1 for each of 1 x 3 pixels"),
        report.errors());
    assertEquals(4, report.errorCount());
    assertEquals(List.of(2L, 1L, 1L, 0L), report.splits().get(0).pixels());
    assertEquals("", report.splits().get(0).fingerprint());
  }

  @Test
  public void findsIdsThatAreThereTwice() {
    DataReport report =
        DataCheck.check(
            data(
                Map.of(
                    "train",
                    List.of(sample("a", 0), sample("b", 0), sample("a", 1)),
                    "val",
                    List.of())),
            Observer.NONE);
    assertEquals(List.of("train: a is there twice"), report.errors());
    assertEquals("", report.splits().get(0).fingerprint());
  }

  @Test
  public void warnsOfImagesWithoutLabels() {
    DataReport report =
        DataCheck.check(
            data(
                Map.of(
                    "train",
                    List.of(sample("a", 255, 255), sample("b", 255, 1), sample("c", 3, 3)),
                    "val",
                    List.of(sample("d", 255)))),
            Observer.NONE);
    assertEquals(
        List.of("train: a has no labelled pixel", "val: d has no labelled pixel"),
        report.warnings());
    assertEquals(2, report.warningCount());
    assertEquals("c has a wrong label, which is another matter", 1, report.errorCount());
  }

  @Test
  public void warnsOfSplitsThatShareImages() {
    List<Object> abc = List.of(sample("a", 0), sample("b", 0), sample("c", 0));
    List<Object> bc = abc.subList(1, 3);
    List<Object> cd = List.of(sample("c", 0), sample("d", 0));
    List<Object> d = cd.subList(1, 2);
    // Validation on what was trained on, in part or altogether
    assertEquals(
        List.of("val: 1 of 2 images are in train too, for example c"),
        warnings(Map.of("train", abc, "val", cd)));
    assertEquals(
        List.of("val: 2 of 2 images are in train too, for example b"),
        warnings(Map.of("train", abc, "val", bc)));
    // More training images, and both together, are no mistake
    List<Object> all = List.of(abc.get(0), abc.get(1), abc.get(2), d.get(0));
    assertEquals(List.of(), warnings(Map.of("train", abc, "val", d, "more", all)));
    assertEquals(
        List.of("more: 1 of 2 images are in train too, for example c"),
        warnings(Map.of("train", abc, "val", List.of(sample("e", 0)), "more", cd)));
  }

  private static List<String> warnings(Map<String, List<Object>> splits) {
    DataReport report = DataCheck.check(data(splits), Observer.NONE);
    assertEquals(List.of(), report.errors());
    return report.warnings();
  }

  @Test
  public void namesAFileOnceHoweverManySplitsHaveIt() {
    List<Object> broken = List.of(new RigException("x.png: no such file"));
    DataReport report =
        DataCheck.check(data(Map.of("train", broken, "val", broken)), Observer.NONE);
    assertEquals(List.of("train: x.png: no such file"), report.errors());
    assertEquals(1, report.errorCount());
    assertEquals("", report.splits().get(1).fingerprint());
  }

  @Test
  public void countsErrorsItDoesNotList() {
    List<Object> broken = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      broken.add(new RigException(i + ".png: no such file"));
    }
    DataReport report =
        DataCheck.check(data(Map.of("train", broken, "val", List.of())), Observer.NONE);
    assertEquals(100, report.errors().size());
    assertEquals("train: 99.png: no such file", report.errors().get(99));
    assertEquals(500, report.errorCount());
  }

  @Test
  public void stopsWhenAsked() {
    Images images =
        data(Map.of("train", List.of(sample("a", 0), sample("b", 0)), "val", List.of()));
    Observer stopping =
        new Observer() {
          @Override
          public boolean stop() {
            return true;
          }
        };
    RigException e = assertThrows(RigException.class, () -> DataCheck.check(images, stopping));
    assertEquals("data check stopped after 1 of 2 images", e.getMessage());
  }

  private static Sample sample(String id, int... labels) {
    byte[] label = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      label[i] = (byte) labels[i];
    }
    return new Sample(id, 1, labels.length, new byte[3 * labels.length], label);
  }

  /** Splits of samples, or of exceptions to throw in their place. */
  private static Images data(Map<String, List<Object>> splits) {
    return new Images() {
      @Override
      public ClassTable classes() {
        return new ClassTable(Collections.nCopies(3, new ClassTable.Entry("class", 0)));
      }

      @Override
      public List<String> splits() {
        return List.of("train", "val", "more").stream().filter(splits::containsKey).toList();
      }

      @Override
      public Split split(String name) {
        return new ListSplit(name, splits.get(name));
      }
    };
  }

  private record ListSplit(String name, List<?> samples) implements Split {
    @Override
    public int size() {
      return samples.size();
    }

    @Override
    public String id(int index) {
      return samples.get(index) instanceof Sample sample ? sample.id() : name + index;
    }

    @Override
    public Sample sample(int index) {
      if (samples.get(index) instanceof RuntimeException e) {
        throw e;
      }
      return (Sample) samples.get(index);
    }

    @Override
    public String fingerprint() {
      return "print" + samples.size();
    }
  }
}
