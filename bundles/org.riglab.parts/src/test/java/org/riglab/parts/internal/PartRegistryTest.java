package org.riglab.parts.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.nn.Block;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** The registry while code of a plugin does not return; the framework is a stub. */
public class PartRegistryTest {
  private static final long SECONDS = 60;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch constructing = new CountDownLatch(1);
  private final CountDownLatch destroying = new CountDownLatch(1);
  private final CountDownLatch constructed = new CountDownLatch(1);
  private final CountDownLatch destroyed = new CountDownLatch(1);
  private final List<ServiceReference<?>> references = new ArrayList<>();
  private PartRegistry registry;

  /** Names no options. */
  private static final class Plain implements Gate {
    @Override
    public Block create(GateShape shape, Options options) {
      throw new UnsupportedOperationException();
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> T stub(Class<T> type, Map<String, Function<Object[], Object>> methods) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Function<Object[], Object> body = methods.get(method.getName());
              if (body != null) {
                return body.apply(arguments);
              }
              return switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                case "toString" -> type.getSimpleName();
                default -> null;
              };
            });
  }

  private static ServiceReference<?> reference(String name, long bundleId) {
    Bundle bundle =
        stub(
            Bundle.class,
            Map.of(
                "getBundleId", a -> bundleId,
                "getSymbolicName", a -> "org.example." + name,
                "getVersion", a -> new Version(1, 2, 3),
                "getLastModified", a -> 0L,
                "getLocation", a -> "riglab:plugin:x:" + "a".repeat(64)));
    Map<String, Object> properties =
        Map.of(Constants.OBJECTCLASS, new String[] {Gate.class.getName()}, Provider.NAME, name);
    return stub(
        ServiceReference.class,
        Map.of("getProperty", a -> properties.get(a[0]), "getBundle", a -> bundle));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Object objects(ServiceReference<?> reference) {
    boolean blocks = reference == references.get(0);
    return stub(
        ServiceObjects.class,
        Map.of(
            "getService",
            a -> {
              if (blocks) {
                constructing.countDown();
                await(constructed);
              }
              return new Plain();
            },
            "ungetService",
            a -> {
              if (blocks) {
                destroying.countDown();
                await(destroyed);
              }
              return null;
            }));
  }

  @Before
  public void open() {
    references.add(reference("slow", 7));
    references.add(reference("fast", 8));
    BundleContext context =
        stub(
            BundleContext.class,
            Map.of(
                "getServiceReferences",
                a -> references.toArray(new ServiceReference<?>[0]),
                "getServiceObjects",
                a -> objects((ServiceReference<?>) a[0])));
    registry = new PartRegistry(context, stub(ServiceComponentRuntime.class, Map.of()));
  }

  @After
  public void close() {
    constructed.countDown();
    destroyed.countDown();
    threads.shutdownNow();
  }

  private <T> T promptly(Callable<T> question) throws Exception {
    Future<T> answer = threads.submit(question);
    return answer.get(SECONDS / 3, TimeUnit.SECONDS);
  }

  /** Everything that does not need the part itself. */
  private Object answers() {
    try (Lease<Gate> lease = registry.lease(Gate.class, "fast", "test")) {
      PartInfo part = lease.part();
      assertEquals("org.example.fast", part.bundle());
      assertEquals("a".repeat(64), part.sha256());
      registry.enter(List.of(lease)).close();
    }
    assertEquals(Optional.empty(), registry.blocked(7));
    assertEquals(List.of("somebody"), registry.users(7));
    assertEquals(1, registry.partsOf(8).size());
    registry.retire(8);
    registry.reinstate(8);
    RigException missing =
        assertThrows(RigException.class, () -> registry.lease(Gate.class, "none", "test"));
    assertEquals(RigException.Kind.NOT_FOUND, missing.kind());
    assertEquals("there is no gate 'none'; there are fast, slow", missing.getMessage());
    return null;
  }

  @Test
  public void nobodyWaitsForAPartThatIsConstructedOrDestroyed() throws Exception {
    Future<Lease<Gate>> leased =
        threads.submit(() -> registry.lease(Gate.class, "slow", "somebody"));
    await(constructing);
    promptly(this::answers);
    assertFalse(leased.isDone());
    constructed.countDown();
    Lease<Gate> lease = leased.get(SECONDS, TimeUnit.SECONDS);
    assertEquals("slow", lease.part().name());
    Future<?> closed = threads.submit(lease::close);
    await(destroying);
    promptly(this::answers);
    assertFalse(closed.isDone());
    destroyed.countDown();
    closed.get(SECONDS, TimeUnit.SECONDS);
    assertEquals(List.of(), registry.users(7));
  }

  @Test
  public void aPartThatIsBlockedWhileItIsConstructedIsRevoked() throws Exception {
    Future<Lease<Gate>> leased =
        threads.submit(() -> registry.lease(Gate.class, "slow", "somebody"));
    await(constructing);
    promptly(
        () -> {
          registry.block(7, "it hung");
          return null;
        });
    constructed.countDown();
    destroyed.countDown();
    Lease<Gate> lease = leased.get(SECONDS, TimeUnit.SECONDS);
    assertTrue(lease.revoked());
    RigException gone = assertThrows(RigException.class, lease::service);
    assertEquals(RigException.Kind.UNAVAILABLE, gone.kind());
    RigException refused =
        assertThrows(RigException.class, () -> registry.lease(Gate.class, "slow", "somebody"));
    assertEquals(RigException.Kind.PART_FAILED, refused.kind());
    assertTrue(refused.getMessage(), refused.getMessage().contains("it hung"));
    assertEquals(
        "its description would construct it",
        List.of("fast"),
        registry.parts("gate").stream().map(PartInfo::name).toList());
  }
}
