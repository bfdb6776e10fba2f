package org.riglab.plugins.internal;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the framework's services log, SCR above all, to the bench's log: a stack trace of a
 * plugin that does not start belongs there and not on the terminal.
 */
@Component(
    service = {},
    immediate = true)
public final class LogBridge implements LogListener {
  /** Every coming and going of bundles and services; what fails there the launcher logs itself. */
  private static final String EVENTS = "Events.";

  private final LogReaderService reader;

  /**
   * @param reader where entries come from
   */
  @Activate
  public LogBridge(@Reference LogReaderService reader) {
    this.reader = reader;
    reader.addLogListener(this);
  }

  @Deactivate
  void close() {
    reader.removeLogListener(this);
  }

  @Override
  public void logged(LogEntry entry) {
    if (entry.getLoggerName().startsWith(EVENTS)) {
      return;
    }
    Logger log = LoggerFactory.getLogger(entry.getLoggerName());
    switch (entry.getLogLevel()) {
      case AUDIT, INFO -> log.info(entry.getMessage(), entry.getException());
      case ERROR -> log.error(entry.getMessage(), entry.getException());
      case WARN -> log.warn(entry.getMessage(), entry.getException());
      case DEBUG -> log.debug(entry.getMessage(), entry.getException());
      case TRACE -> log.trace(entry.getMessage(), entry.getException());
    }
  }
}
