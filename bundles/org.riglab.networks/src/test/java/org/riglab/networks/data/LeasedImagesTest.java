package org.riglab.networks.data;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;
import org.riglab.networks.internal.FakeRegistry;

/** The limits on classes hold for every data set, whoever provides it. */
public class LeasedImagesTest {
  private final FakeRegistry registry = new FakeRegistry();

  private record Table(ClassTable classes) implements Images {
    @Override
    public List<String> splits() {
      return List.of("all");
    }

    @Override
    public Split split(String name) {
      throw new UnsupportedOperationException(name);
    }
  }

  private LeasedImages open(int classes) {
    List<ClassTable.Entry> entries =
        IntStream.range(0, classes).mapToObj(c -> new ClassTable.Entry("c" + c, c)).toList();
    return open(entries);
  }

  private LeasedImages open(List<ClassTable.Entry> entries) {
    registry.put("mine", (Dataset) (directory, options) -> new Table(new ClassTable(entries)));
    return LeasedImages.open(registry, new PartSpec("mine", Map.of()), "", "test");
  }

  @Test
  public void twoTo255ClassesAreOpened() {
    for (int classes : new int[] {2, 255}) {
      try (LeasedImages images = open(classes)) {
        assertEquals(classes, images.images().classes().size());
      }
    }
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void othersAreRefused() {
    for (String count : List.of("0 classes", "1 class", "256 classes")) {
      int classes = Integer.parseInt(count.split(" ")[0]);
      assertEquals(
          "data set mine has "
              + count
              + "; expected 2 to 255: a binary task has two, for example background and"
              + " object",
          assertThrows(RigException.class, () -> open(classes)).getMessage());
      assertEquals("nothing stays leased", List.of(), registry.leased());
    }
  }

  @Test
  public void namesThatATerminalObeysAreRefused() {
    for (int c : new int[] {'\n', 0x1b, 0x7f, 0x9d, 0x202e, 0x2028}) {
      List<ClassTable.Entry> entries =
          List.of(
              new ClassTable.Entry("road", 0),
              new ClassTable.Entry("a" + Character.toString(c) + "b", 1));
      assertEquals(
          "data set mine has a class 'a?b'; the name of a class is one line of printable"
              + " characters",
          assertThrows(RigException.class, () -> open(entries)).getMessage());
      assertEquals("nothing stays leased", List.of(), registry.leased());
    }
  }
}
