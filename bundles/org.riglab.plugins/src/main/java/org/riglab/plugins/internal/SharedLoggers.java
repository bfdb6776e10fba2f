package org.riglab.plugins.internal;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * A log service whose loggers all belong to this bundle. SCR asks in the name of each bundle that
 * has components, and Felix Log keeps every pair of bundle and name for ever: each version of a
 * plugin would stay, with its headers and its wiring, after it was uninstalled. By name alone there
 * are as many loggers as classes that log. Who asks for a log service gets this one, since it ranks
 * higher.
 */
@Component(
    service = {LogService.class, LoggerFactory.class},
    scope = ServiceScope.BUNDLE,
    property = Constants.SERVICE_RANKING + ":Integer=1")
public final class SharedLoggers implements LogService {
  private final LoggerFactory loggers;
  private final String user;

  /**
   * @param loggers Felix Log's, which is no component
   * @param context of the bundle that asks
   */
  @Activate
  public SharedLoggers(
      @Reference(target = "(!(component.name=*))") LoggerFactory loggers,
      ComponentContext context) {
    this.loggers = loggers;
    this.user = "LogService." + context.getUsingBundle().getSymbolicName();
  }

  @Override
  public Logger getLogger(String name) {
    return loggers.getLogger(name);
  }

  @Override
  public Logger getLogger(Class<?> type) {
    return loggers.getLogger(type);
  }

  @Override
  public <L extends Logger> L getLogger(String name, Class<L> kind) {
    return loggers.getLogger(name, kind);
  }

  @Override
  public <L extends Logger> L getLogger(Class<?> type, Class<L> kind) {
    return loggers.getLogger(type, kind);
  }

  @Override
  public <L extends Logger> L getLogger(Bundle bundle, String name, Class<L> kind) {
    return loggers.getLogger(name, kind);
  }

  @Override
  @Deprecated
  public void log(int level, String message) {
    log(null, level, message, null);
  }

  @Override
  @Deprecated
  public void log(int level, String message, Throwable cause) {
    log(null, level, message, cause);
  }

  @Override
  @Deprecated
  public void log(ServiceReference<?> service, int level, String message) {
    log(service, level, message, null);
  }

  @Override
  @Deprecated
  public void log(ServiceReference<?> service, int level, String message, Throwable cause) {
    Logger logger = loggers.getLogger(user);
    switch (level) {
      case LOG_ERROR -> logger.error("{}", message, service, cause);
      case LOG_WARNING -> logger.warn("{}", message, service, cause);
      case LOG_INFO -> logger.info("{}", message, service, cause);
      default -> logger.debug("{}", message, service, cause);
    }
  }
}
