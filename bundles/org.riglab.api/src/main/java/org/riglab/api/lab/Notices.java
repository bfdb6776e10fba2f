package org.riglab.api.lab;

/** Records warnings about work that no caller waits for. */
public interface Notices {
  /**
   * Keeps a warning where users of the lab see it: among the events.
   *
   * @param line of text
   */
  void warn(String line);
}
