package org.riglab.parts.internal;

import static org.junit.Assert.assertEquals;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.riglab.api.Provider;

public class EntryTest {
  @SuppressWarnings("unchecked")
  private static <T> T stub(Class<T> type, Map<String, Supplier<Object>> methods) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> methods.getOrDefault(method.getName(), () -> null).get());
  }

  private static Entry entry(String bundle, String version, String location, long id, int rank) {
    Bundle owner =
        stub(
            Bundle.class,
            Map.of(
                "getSymbolicName", () -> bundle,
                "getVersion", () -> Version.parseVersion(version),
                "getLocation", () -> location,
                "getBundleId", () -> id));
    @SuppressWarnings("unchecked")
    ServiceReference<Provider> reference =
        new Reference(owner, Map.of(Constants.SERVICE_RANKING, rank)).stub();
    return new Entry("gate", "mul-tanh", reference);
  }

  /** Of a part of a bundle. */
  private record Reference(Bundle owner, Map<String, Object> properties) {
    @SuppressWarnings("rawtypes")
    ServiceReference stub() {
      return (ServiceReference)
          Proxy.newProxyInstance(
              ServiceReference.class.getClassLoader(),
              new Class<?>[] {ServiceReference.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "getBundle" -> owner;
                    case "getProperty" -> properties.get(arguments[0]);
                    default -> null;
                  });
    }
  }

  private static String best(Entry... entries) {
    return Stream.of(entries).max(Entry.PREFERENCE).orElseThrow().toString();
  }

  @Test
  public void aPluginComesBeforeTheBuiltInPartThatItReplaces() {
    Entry plugin = entry("com.example.gate", "0.3.0", "riglab:plugin:com.example.gate:1", 9, 0);
    Entry builtIn = entry("org.riglab.gates", "7.0.0", "reference:file:gates.jar", 3, 100);
    assertEquals("gate mul-tanh of com.example.gate 0.3.0", best(plugin, builtIn));
    assertEquals("gate mul-tanh of com.example.gate 0.3.0", best(builtIn, plugin));
  }

  @Test
  public void theOrderOfInstallationDoesNotDecide() {
    for (long id : List.of(1L, 20L)) {
      Entry a = entry("com.example.a", "1.0.0", "riglab:plugin:a", 10, 0);
      Entry b = entry("com.example.b", "1.0.0", "riglab:plugin:b", id, 0);
      assertEquals("gate mul-tanh of com.example.b 1.0.0", best(a, b));
      Entry newer = entry("com.example.a", "1.0.1", "riglab:plugin:a", 10, 0);
      assertEquals("gate mul-tanh of com.example.a 1.0.1", best(newer, b));
    }
  }
}
