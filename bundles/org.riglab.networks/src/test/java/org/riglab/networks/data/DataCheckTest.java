package org.riglab.networks.data;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
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
  public void endsAtAnInterrupt() {
    Thread.currentThread().interrupt();
    assertThrows(
        CancellationException.class,
        () ->
            DataCheck.check(
                data(Map.of("train", List.of(sample("a", 0), sample("b", 1)))), Observer.NONE));
    assertTrue("the status stays", Thread.interrupted());
  }

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
        List.of(
            "train: a has no labelled pixel",
            "train: b (class) has a single class",
            "val: d has no labelled pixel"),
        report.warnings());
    assertEquals(3, report.warningCount());
    assertEquals("c has a wrong label, which is another matter", 1, report.errorCount());
  }

  @Test
  public void warnsOfSplitsThatShareImages() {
    Object a = image("a", 1);
    Object b = image("b", 2);
    Object c = image("c", 3);
    Object d = image("d", 4);
    List<Object> abc = List.of(a, b, c);
    // Validation on what was trained on, in part or altogether
    assertEquals(
        List.of("val: 1 of 2 images are in train too, for example c"),
        warnings(Map.of("train", abc, "val", List.of(c, d))));
    assertEquals(
        List.of("val: 2 of 2 images are in train too, for example b"),
        warnings(Map.of("train", abc, "val", List.of(b, c))));
    // Content counts, not names
    assertEquals(
        List.of("val: 1 of 2 images are in train too, for example x, which is b there"),
        warnings(Map.of("train", abc, "val", List.of(image("x", 2), image("c", 5)))));
    // More training images, and both together, are no mistake
    List<Object> all = List.of(a, b, c, d);
    assertEquals(List.of(), warnings(Map.of("train", abc, "val", List.of(d), "more", all)));
    assertEquals(
        List.of("more: 1 of 2 images are in train too, for example c"),
        warnings(Map.of("train", abc, "val", List.of(image("e", 6)), "more", List.of(c, d))));
  }

  @Test
  public void warnsOfClassesThatNeverOccurAndOfVoidThatMayBeOne() {
    assertEquals(
        List.of(
            "train and val: classes 1 (class), 2 (class) never occur",
            "train and val: every label is 0 (class) or 255, and 255 is void, which is not scored;"
                + " if 255 is a class, map it in the data set's table, for example \"mapping\":"
                + " {\"0\": ..., \"255\": ...}",
            "train: 2 of 2 images have a single class, for example a (class)"),
        warnings(
            Map.of("train", List.of(sample("a", 0, 255), sample("b", 255, 0)), "val", List.of())));
  }

  @Test
  public void namesASplitThatIsNotThereAndChecksTheOthers() {
    Images data = data(Map.of("train", List.of(image("a", 1)), "val", List.of()));
    Images without =
        new Images() {
          @Override
          public ClassTable classes() {
            return data.classes();
          }

          @Override
          public List<String> splits() {
            return data.splits();
          }

          @Override
          public Split split(String name) {
            if (name.equals("val")) {
              throw new RigException(RigException.Kind.NOT_FOUND, "no directory val");
            }
            return data.split(name);
          }
        };
    DataReport report = DataCheck.check(without, Observer.NONE);
    assertEquals(List.of("val: cannot be opened: no directory val"), report.warnings());
    assertEquals(0, report.errorCount());
    assertEquals(List.of("train"), report.splits().stream().map(SplitReport::name).toList());
  }

  /** An image of all three classes that looks like no other of another number. */
  private static Sample image(String id, int content) {
    byte[] image = new byte[9];
    image[0] = (byte) content;
    return new Sample(id, 1, 3, image, new byte[] {0, 1, 2});
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
