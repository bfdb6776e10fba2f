package org.riglab.testkit.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.author.Parity;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.base.Feature;
import org.riglab.base.Json;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.engine.Torch;
import org.riglab.training.Optimizers;

/** Runs parity cases, each on a network of its own. */
@Feature(Feature.TRAINING)
@Component
public final class ParityService implements Parity {
  private final Networks networks;
  private final Sessions sessions;
  private final Optimizers optimizers;

  /**
   * @param networks reads specs
   * @param sessions opens networks without a name
   * @param optimizers do the training steps
   */
  @Activate
  public ParityService(
      @Reference Networks networks,
      @Reference Sessions sessions,
      @Reference Optimizers optimizers) {
    this.networks = networks;
    this.sessions = sessions;
    this.optimizers = optimizers;
  }

  @Override
  public Row compare(Path folder, Optional<Path> out, boolean trace) {
    Path file = folder.resolve("case.json");
    NetworkSpec spec = networks.spec(Json.read(file), file.toString());
    try (Session session = sessions.open(spec, Torch.device("auto"))) {
      return new ParityCase(session, optimizers, folder).run(out, trace);
    }
  }
}
