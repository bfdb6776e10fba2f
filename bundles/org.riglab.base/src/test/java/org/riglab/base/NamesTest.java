package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.Test;

public class NamesTest {
  @Test
  public void oneSpelling() {
    assertEquals("output_stride", Names.writtenOption("outputStride"));
    assertEquals("output_stride", Names.writtenOption("output-stride"));
    assertEquals("output_stride", Names.writtenOption("output_stride"));
    assertEquals("per-iteration", Names.writtenChoice("PER_ITERATION"));
    assertEquals("half-up", Names.writtenChoice(java.math.RoundingMode.HALF_UP));
  }

  @Test
  public void theNearestComesFirst() {
    List<String> names = List.of("add", "constant", "multiply");
    assertEquals(
        List.of("multiply", "add", "constant"), Names.nearestFirst("mutliply", names).toList());
    assertEquals(names, Names.nearestFirst("ad", names).toList());
    assertEquals(List.of(), Names.nearestFirst("ad", List.of()).toList());
  }

  @Test
  public void aSimilarNameMayBeMeant() {
    List<String> names = List.of("steps", "min.free.disk", "lr");
    assertEquals(Optional.of("steps"), Names.similar("stesp", names));
    assertEquals(Optional.of("steps"), Names.similar("Step", names));
    assertEquals(Optional.of("min.free.disk"), Names.similar("minFreeDisk", names));
    assertEquals(Optional.of("lr"), Names.similar("l", names));
    assertEquals(Optional.empty(), Names.similar("epochs", names));
    assertEquals(Optional.empty(), Names.similar("x", List.of()));
    assertEquals(Optional.empty(), Names.similar("x".repeat(10_000_000), names));
  }

  @Test
  public void terminalsAreSafe() {
    assertTrue(Names.printable("conv1.weight \u00e4\u4e2d"));
    for (String bad : List.of("\u001b[2J", "a\nb", "\u202e", "\ud800", "\u2028", "\u0085")) {
      assertFalse(bad, Names.printable(bad));
      assertTrue(Names.shown(bad).startsWith("?") || Names.shown(bad).equals("a?b"));
    }
    assertEquals("x".repeat(100), Names.shown("x".repeat(100)));
    assertEquals("x".repeat(100) + "...", Names.shown("x".repeat(101)));
  }
}
