package org.riglab.runs.internal;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Works on the queue as long as there is a configuration {@value #PID}: the server's feature. */
@Component(
    immediate = true,
    service = {},
    configurationPid = Server.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Server {
  static final String PID = "org.riglab.runs.server";

  private final Workplace workplace;

  /** For declarative services. */
  @Activate
  public Server(@Reference Workplace workplace) {
    this.workplace = workplace;
    workplace.serve();
  }

  @Deactivate
  void stop() {
    workplace.drain();
  }
}
