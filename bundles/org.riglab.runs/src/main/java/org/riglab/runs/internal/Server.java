package org.riglab.runs.internal;

import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.NetworkHost;
import org.riglab.api.bench.Networks;

/** Works on the queue as long as there is a configuration {@value #PID}: the server's feature. */
@Component(
    immediate = true,
    service = {},
    configurationPid = Server.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Server {
  static final String PID = "org.riglab.runs.server";

  private final Workplace workplace;

  /** Empty without workers: this process makes its networks itself. */
  private final Optional<ServiceRegistration<NetworkHost>> host;

  /** For declarative services. */
  @Activate
  public Server(
      BundleContext context, @Reference Workplace workplace, @Reference Networks networks) {
    this.workplace = workplace;
    workplace.serve();
    this.host =
        workplace
            .supervisor()
            .filter(server -> !server.workers().isEmpty())
            .map(
                server ->
                    context.registerService(
                        NetworkHost.class, new WorkerNetworks(networks, server), null));
  }

  @Deactivate
  void stop() {
    host.ifPresent(ServiceRegistration::unregister);
    workplace.drain();
  }
}
