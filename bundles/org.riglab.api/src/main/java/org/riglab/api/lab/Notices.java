package org.riglab.api.lab;

import org.osgi.annotation.versioning.ProviderType;

/** Records warnings about work that no caller waits for. */
@ProviderType
public interface Notices {
  /**
   * Records a warning as an event of the lab.
   *
   * @param line of text
   */
  void warn(String line);
}
