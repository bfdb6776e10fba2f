package org.riglab.runs.internal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Knows which plugin a thread is in. */
interface Culprits {
  /**
   * @param threads in order of interest
   * @return the plugin whose code is uppermost on the stack of the first that is in one
   */
  Optional<Culprit> in(Collection<Thread> threads);

  /**
   * @param bundles symbolic names, perhaps of plugins
   * @return those of them that are plugins, for messages
   */
  List<String> plugins(Collection<String> bundles);

  /**
   * @param className binary name of a class
   * @return the plugin that has such a class, for messages
   */
  Optional<String> owner(String className);

  /**
   * A plugin at work.
   *
   * @param title part, bundle and version, for messages
   * @param at where it is
   */
  record Culprit(String title, String at) {
    @Override
    public String toString() {
      return title + " is in " + at;
    }
  }
}
