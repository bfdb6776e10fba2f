package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.PluginHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plugins in the workers of this server; nowhere, where this process is none. */
@Component(property = PluginHost.LOCAL + ":Boolean=false")
public final class WorkerPlugins implements PluginHost {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPlugins.class);

  /** A step is the longest that an exchange waits for, and gives up after five minutes. */
  private static final long EXCHANGE_SECONDS = 330;

  private static final long SECONDS = 5;

  private final Workplace workplace;

  /** For declarative services. */
  @Activate
  public WorkerPlugins(@Reference Workplace workplace) {
    this.workplace = workplace;
  }

  @Override
  public List<String> users(String plugin) {
    Optional<Supervisor> server = workplace.supervisor();
    if (server.isEmpty()) {
      return List.of();
    }
    Set<String> users = new TreeSet<>();
    try {
      for (Map<String, Object> answer :
          server.get().ask("users", Map.of("plugin", plugin), SECONDS)) {
        ((List<?>) answer.get("users")).forEach(user -> users.add((String) user));
      }
    } catch (RigException e) {
      LOG.warn("cannot determine the users of plugin {}", plugin, e);
      users.add("perhaps a run: " + e.getMessage());
    }
    return List.copyOf(users);
  }

  @Override
  public void exchange(Path jar) {
    Map<String, Object> body = Map.of("jar", jar.toString());
    workplace.supervisor().ifPresent(server -> server.ask("exchange", body, EXCHANGE_SECONDS));
  }

  @Override
  public void remove(String plugin) {
    Map<String, Object> body = Map.of("plugin", plugin);
    workplace.supervisor().ifPresent(server -> server.ask("remove", body, EXCHANGE_SECONDS));
  }

  @Override
  public void follow() {
    workplace.supervisor().ifPresent(server -> server.tell("plugins"));
  }
}
