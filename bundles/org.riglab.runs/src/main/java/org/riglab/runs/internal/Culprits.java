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

  /** The class of a thread is of a plugin that has been uninstalled. */
  Optional<String> orphan(Thread thread);

  /**
   * Puts a plugin out of order.
   *
   * @param culprit the plugin
   * @param why for whoever asks
   */
  void block(Culprit culprit, String why);

  /**
   * A plugin at work.
   *
   * @param bundleId of its bundle
   * @param title part, bundle and version, for messages
   * @param at where it is
   */
  record Culprit(long bundleId, String title, String at) {
    @Override
    public String toString() {
      return title + " is in " + at;
    }
  }
}
