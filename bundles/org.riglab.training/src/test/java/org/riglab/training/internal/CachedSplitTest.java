package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertSame;

import java.util.List;
import org.junit.Test;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

public class CachedSplitTest {
  /** Images of 2 pixels, 8 bytes each with their labels. */
  private static final class Pairs implements Split {
    @Override
    public int size() {
      return 2;
    }

    @Override
    public String id(int index) {
      return "image-" + index;
    }

    @Override
    public Sample sample(int index) {
      return new Sample(id(index), 1, 2, new byte[6], new byte[2]);
    }

    @Override
    public byte[] parts(int index) {
      return new byte[] {1, (byte) index};
    }

    @Override
    public String fingerprint() {
      return "pairs";
    }

    @Override
    public List<String> remarks() {
      return List.of("of all");
    }

    @Override
    public List<String> remarks(int index) {
      return List.of("of " + index);
    }
  }

  @Test
  public void keepsWhatThereIsRoomFor() {
    Split cached = new CachedSplit(new Pairs(), 8);
    assertSame(cached.sample(0), cached.sample(0));
    assertNotSame(cached.sample(1), cached.sample(1));
  }

  @Test
  public void everythingElseIsThatOfTheSplit() {
    Split cached = new CachedSplit(new Pairs(), 8);
    assertEquals(2, cached.size());
    assertEquals("image-1", cached.id(1));
    assertArrayEquals(new byte[] {1, 1}, cached.parts(1));
    assertEquals("pairs", cached.fingerprint());
    assertEquals(List.of("of all"), cached.remarks());
    assertEquals(List.of("of 1"), cached.remarks(1));
  }
}
