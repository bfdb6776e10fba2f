package org.riglab.api.lab;

/** Records warnings about work that no caller waits for. */
public interface Notices {
  /**
   * Records a warning as an event of the lab.
   *
   * @param line of text
   */
  void warn(String line);
}
