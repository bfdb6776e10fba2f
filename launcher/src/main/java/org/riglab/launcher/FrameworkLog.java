package org.riglab.launcher;

import org.apache.felix.framework.Logger;
import org.slf4j.LoggerFactory;

/** Sends what the framework has to say to the log file instead of the console. */
final class FrameworkLog extends Logger {
  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("org.apache.felix.framework");

  static void warn(String message, Throwable cause) {
    LOG.warn(message, cause);
  }

  @Override
  protected void doLog(int level, String message, Throwable throwable) {
    switch (level) {
      case LOG_ERROR -> LOG.error(message, throwable);
      case LOG_WARNING -> LOG.warn(message, throwable);
      case LOG_INFO -> LOG.info(message, throwable);
      default -> LOG.debug(message, throwable);
    }
  }
}
