package org.riglab.api.engine;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.Test;
import org.riglab.api.RigException;

public class ComputeCapabilityTest {
  @Test
  public void ordersByNumber() {
    List<ComputeCapability> sorted =
        Stream.of(120, 80, 100, 75, 90, 86).map(ComputeCapability::ofNumber).sorted().toList();
    assertEquals("[7.5, 8.0, 8.6, 9.0, 10.0, 12.0]", sorted.toString());
    // As texts, "100" and "120" come before "80".
    assertTrue(ComputeCapability.of("12.0").compareTo(ComputeCapability.of("8.0")) > 0);
  }

  @Test
  public void runsCodeOfItsGenerationUpToItsMinorNumber() {
    List<ComputeCapability> code = Stream.of("8.0", "8.6").map(ComputeCapability::of).toList();
    assertTrue(ComputeCapability.of("8.0").runs(code));
    assertTrue(ComputeCapability.of("8.9").runs(code));
    assertFalse(ComputeCapability.of("9.0").runs(code));
    assertFalse(ComputeCapability.of("7.5").runs(code));
    assertFalse(ComputeCapability.of("8.0").runs(List.of(ComputeCapability.of("8.6"))));
  }

  @Test
  public void refusesOtherTexts() {
    for (String text : List.of("", "90", "9.0a", "9.10", "sm_90")) {
      assertThrows(text, RigException.class, () -> ComputeCapability.of(text));
    }
  }
}
