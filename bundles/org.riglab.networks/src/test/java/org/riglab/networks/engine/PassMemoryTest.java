package org.riglab.networks.engine;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.Device;
import org.junit.Test;
import org.riglab.api.RigException;

public class PassMemoryTest {
  @Test
  public void saysWhatIsNeededAndWhatHelps() {
    PassMemory need = new PassMemory(1, 171, 8000, 8000);
    need.require(44e9, "the host", "--window");
    RigException e =
        assertThrows(RigException.class, () -> need.require(16e9, "the host", "--window"));
    assertEquals(
        "needs 43.8 GB: 171 classes x 8000 x 8000 x 4 bytes; the host has 16.0 GB; to reduce"
            + " memory, use --window",
        e.getMessage());
    assertEquals(RigException.Kind.OUT_OF_MEMORY, e.kind());
    e =
        assertThrows(
            RigException.class,
            () -> new PassMemory(3, 171, 8000, 8000).require(16e9, "the GPU", "--window"));
    assertEquals(
        "needs 131.3 GB: 3 maps x 171 classes x 8000 x 8000 x 4 bytes; the GPU has 16.0 GB; to"
            + " reduce memory, use --window",
        e.getMessage());
  }

  @Test
  public void knowsWhatTheHostHas() {
    new PassMemory(1, 2, 8, 8).require(Device.cpu(), "nothing");
    assertThrows(
        RigException.class,
        () -> new PassMemory(1 << 20, 171, 8000, 8000).require(Device.cpu(), "nothing"));
  }
}
