package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;

public class PlatformTest {
  private static Bundle bundle() {
    return (Bundle)
        Proxy.newProxyInstance(
            Bundle.class.getClassLoader(),
            new Class<?>[] {Bundle.class},
            (proxy, method, arguments) -> null);
  }

  /** SIGTERM while the platform starts leaves the main thread interrupted. */
  @Test
  public void anInterruptDoesNotCutTheStoppingShort() throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch waiting = new CountDownLatch(1);
    AtomicBoolean still = new AtomicBoolean();
    Framework framework =
        (Framework)
            Proxy.newProxyInstance(
                Framework.class.getClassLoader(),
                new Class<?>[] {Framework.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("waitForStop")) {
                    waiting.countDown();
                    stopped.await();
                    return new FrameworkEvent(FrameworkEvent.STOPPED, bundle(), null);
                  }
                  return null;
                });
    Thread main =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              Platform.close(framework, 60);
              still.set(Thread.currentThread().isInterrupted());
            });
    main.start();
    assertTrue(waiting.await(30, TimeUnit.SECONDS));
    main.interrupt();
    main.join(200);
    assertTrue("it waits for the framework", main.isAlive());
    stopped.countDown();
    main.join(30_000);
    assertEquals("the interrupt is still known", true, still.get());
  }
}
