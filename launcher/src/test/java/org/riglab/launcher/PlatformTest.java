package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;

public class PlatformTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

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
              Platform.close(framework, List.of(), 60);
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

  /** Starts slowly. Its class is the test's: the class loader of bundles is given it as parent. */
  public static final class Slow implements BundleActivator {
    static final CountDownLatch BEGUN = new CountDownLatch(1);

    @Override
    public void start(BundleContext context) throws InterruptedException {
      BEGUN.countDown();
      // Until nothing is left to start; for a moment only, if nobody sees to that.
      for (int i = 0; i < 60 && Late.toStart(context); i++) {
        Thread.sleep(50);
      }
    }

    @Override
    public void stop(BundleContext context) {
      // nothing is held
    }
  }

  /** What would start after it. */
  public static final class Late implements BundleActivator {
    static final AtomicBoolean STARTED = new AtomicBoolean();

    static boolean toStart(BundleContext context) {
      return Arrays.stream(context.getBundles())
          .filter(bundle -> "late".equals(bundle.getSymbolicName()))
          .anyMatch(bundle -> bundle.adapt(BundleStartLevel.class).isPersistentlyStarted());
    }

    @Override
    public void start(BundleContext context) {
      STARTED.set(true);
    }

    @Override
    public void stop(BundleContext context) {
      // nothing is held
    }
  }

  private Features.Artifact bundle(String name, Class<?> activator, int level) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
    attributes.putValue(Constants.BUNDLE_SYMBOLICNAME, name);
    attributes.putValue(Constants.BUNDLE_ACTIVATOR, activator.getName());
    Path jar = folder.getRoot().toPath().resolve(name + ".jar");
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    return new Features.Artifact("test:" + name + ":1", name + ".jar", level, "test");
  }

  /** A machine under load can take a minute for its start; the signal does not wait for that. */
  @Test
  public void startsNothingMoreAfterASignal() throws Exception {
    Features features =
        new Features(
            List.of(bundle("slow", Slow.class, 2), bundle("late", Late.class, 3)),
            Map.of(),
            Map.of(
                Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                "5",
                Constants.FRAMEWORK_BOOTDELEGATION,
                "org.riglab.launcher",
                Constants.FRAMEWORK_BUNDLE_PARENT,
                Constants.FRAMEWORK_BUNDLE_PARENT_APP));
    Late.STARTED.set(false);
    AtomicBoolean ending = new AtomicBoolean();
    AtomicReference<Exception> end = new AtomicReference<>();
    Thread main =
        new Thread(
            () -> {
              try {
                Path cache = folder.newFolder("cache").toPath();
                Platform.start(features, folder.getRoot().toPath(), cache, Map.of(), ending::get)
                    .close();
              } catch (StartException | IOException e) {
                end.set(e);
              }
            });
    main.start();
    assertTrue(Slow.BEGUN.await(30, TimeUnit.SECONDS));
    ending.set(true);
    main.interrupt();
    main.join(30_000);
    assertFalse(main.isAlive());
    assertTrue(String.valueOf(end.get()), end.get() instanceof StartException);
    assertFalse("a bundle was started after the signal", Late.STARTED.get());
  }

  /** What starts may clear the interrupt, as Felix does: between two steps the signal is asked. */
  @Test
  public void asksForTheSignalItself() throws Exception {
    Features features =
        new Features(
            List.of(bundle("late", Late.class, 1)),
            Map.of(),
            Map.of(
                Constants.FRAMEWORK_BOOTDELEGATION,
                "org.riglab.launcher",
                Constants.FRAMEWORK_BUNDLE_PARENT,
                Constants.FRAMEWORK_BUNDLE_PARENT_APP));
    Late.STARTED.set(false);
    Path cache = folder.newFolder("cache").toPath();
    StartException e =
        assertThrows(
            StartException.class,
            () -> Platform.start(features, folder.getRoot().toPath(), cache, Map.of(), () -> true));
    assertEquals("told to end while it started", e.getMessage());
    assertFalse(Late.STARTED.get());
  }
}
