package org.riglab.lab.internal.plugins;

/** Takes what nobody waits for an answer to. */
public interface Notices {
  /**
   * Keeps a warning where the lab's users see it.
   *
   * @param line of text
   */
  void warn(String line);
}
