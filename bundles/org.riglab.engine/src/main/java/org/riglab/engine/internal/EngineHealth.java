package org.riglab.engine.internal;

import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.engine.Devices;
import org.riglab.api.lab.Health;

/** Tells status, health and page which devices there are, and which stay unused. */
@Component
public final class EngineHealth implements Health.Source {
  private final Devices devices;

  /**
   * @param devices of this process
   */
  @Activate
  public EngineHealth(@Reference Devices devices) {
    this.devices = devices;
  }

  @Override
  public List<Health.Check> checks() {
    return List.of(
        devices
            .warning()
            .map(line -> new Health.Check("engine", Health.Status.WARN, line))
            .orElseGet(
                () ->
                    new Health.Check(
                        "engine",
                        Health.Status.OK,
                        "runs use " + String.join(", ", devices.names()))));
  }
}
