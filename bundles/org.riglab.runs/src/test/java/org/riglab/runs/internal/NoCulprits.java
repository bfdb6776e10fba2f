package org.riglab.runs.internal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** No plugin is to blame for anything. */
class NoCulprits implements Culprits {
  @Override
  public Optional<Culprit> in(Collection<Thread> threads) {
    return Optional.empty();
  }

  @Override
  public List<String> plugins(Collection<String> bundles) {
    return List.of();
  }

  @Override
  public Optional<String> owner(String className) {
    return Optional.empty();
  }
}
