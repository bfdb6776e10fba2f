package org.riglab.parts.internal;

import java.util.Set;
import org.riglab.parts.PartEvents;

/**
 * A step that computes with leased parts.
 *
 * @param thread that computes
 * @param entries the parts
 * @param registry to tell when it ends
 */
record StepInProgress(Thread thread, Set<Entry> entries, PartRegistry registry)
    implements PartEvents.Step {
  @Override
  public void close() {
    registry.left(this);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
