package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.Test;
import org.riglab.api.bench.PluginHost;

public class ElsewhereTest {
  private final List<Object> asked = new ArrayList<>();

  private final PluginHost workers =
      (PluginHost)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {PluginHost.class},
              (proxy, method, arguments) -> {
                asked.add(arguments[0]);
                return Map.of("a", List.of("run 1"));
              });

  @Test
  public void workersAreAskedOnceForAllPlugins() {
    Set<String> plugins = Set.of("a", "b", "c");
    assertEquals(Map.of("a", List.of("run 1")), new Elsewhere(() -> workers).users(plugins));
    assertEquals(List.of(plugins), asked);
    assertEquals(Map.of(), new Elsewhere(() -> workers).users(Set.of()));
    assertEquals("nobody is asked for nothing", 1, asked.size());
    assertEquals(Map.of(), new Elsewhere(() -> null).users(plugins));
  }
}
