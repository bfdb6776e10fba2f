package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.HashMap;
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
    return users(Set.of(plugin)).get(plugin);
  }

  /** Each worker is asked once, which takes as long as an answer for a single plugin. */
  @Override
  public Map<String, List<String>> users(Set<String> plugins) {
    Map<String, Set<String>> users = new HashMap<>();
    plugins.forEach(plugin -> users.put(plugin, new TreeSet<>()));
    Optional<Supervisor> server = workplace.supervisor();
    if (server.isPresent() && !plugins.isEmpty()) {
      try {
        Map<String, Object> body = Map.of("plugins", List.copyOf(plugins));
        for (Map<String, Object> answer : server.get().ask("users", body, SECONDS)) {
          ((Map<?, ?>) answer.get("users"))
              .forEach(
                  (plugin, names) ->
                      ((List<?>) names).forEach(name -> users.get(plugin).add((String) name)));
        }
      } catch (RigException e) {
        LOG.warn("cannot determine the users of plugins {}", plugins, e);
        users.values().forEach(names -> names.add("perhaps a run: " + e.getMessage()));
      }
    }
    Map<String, List<String>> lists = new HashMap<>();
    users.forEach((plugin, names) -> lists.put(plugin, List.copyOf(names)));
    return lists;
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
