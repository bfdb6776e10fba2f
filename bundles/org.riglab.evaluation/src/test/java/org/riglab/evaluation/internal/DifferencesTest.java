package org.riglab.evaluation.internal;

import static org.junit.Assert.assertEquals;

import java.util.List;
import org.junit.Test;
import org.riglab.api.bench.SideBySide.Difference;

public class DifferencesTest {
  private final Differences differences = new Differences();

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  public void countsWhereTheAnswersDiffer() {
    // void does not count, though the answers differ there
    differences.add("a", bytes(0, 1, 2, 255), bytes(0, 1, 1, 0), bytes(0, 2, 2, 1));
    differences.add("same", bytes(0, 1), bytes(1, 1), bytes(1, 1));
    differences.add("b", bytes(0, 1, 1, 1), bytes(0, 0, 0, 0), bytes(1, 1, 1, 0));
    differences.add("void", bytes(255, 255), bytes(0, 1), bytes(1, 0));
    assertEquals(5 / 9.0, differences.share(), 1e-12);
    assertEquals(
        List.of(
            new Difference("b", 3 / 4.0, 1 / 4.0, 2 / 4.0),
            new Difference("a", 2 / 3.0, 2 / 3.0, 2 / 3.0)),
        differences.most(5));
    assertEquals(1, differences.most(1).size());
    assertEquals(Double.NaN, new Differences().share(), 0);
  }
}
