package org.riglab.networks.engine;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import org.junit.After;
import org.junit.Test;

public class EngineFlagsTest {
  @After
  public void reset() {
    EngineFlags.deterministic(false);
  }

  @Test
  public void libtorchReportsWhatWasSet() {
    assertFalse(EngineFlags.isDeterministic());
    EngineFlags.deterministic(true);
    assertTrue(EngineFlags.isDeterministic());
    EngineFlags.deterministic(false);
    assertFalse(EngineFlags.isDeterministic());
  }
}
