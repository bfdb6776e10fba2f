package org.riglab.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.riglab.api.RigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Libraries of plugins as bundles of the framework. Versions of a library run side by side, and are
 * never replaced: a plugin keeps the one that it is wired to, and the last plugin that goes takes
 * it along. So a change of one plugin never touches another one that uses the same library.
 */
final class LibraryBundles {
  private static final Logger LOG = LoggerFactory.getLogger(LibraryBundles.class);
  private static final long REFRESH_SECONDS = 30;

  private final BundleContext context;
  private final FrameworkWiring wiring;

  /** Locations of what a plugin needs that is going to be installed. */
  private final Set<String> expected = new HashSet<>();

  LibraryBundles(BundleContext context) {
    this.context = context;
    this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
  }

  /**
   * Installs the libraries of a plugin, then the plugin, and wires it to them.
   *
   * @param jar a plugin
   * @param location of its bundle
   * @return its bundle, not started
   */
  synchronized Bundle install(PluginJar jar, String location) {
    try {
      jar.libraries().forEach(library -> bundle("library ", library, library.location()));
      Bundle bundle = bundle("plugin ", jar, location);
      if (!libraries().isEmpty()) {
        wiring.resolveBundles(List.of(bundle)); // before anybody looks for unused libraries
      }
      return bundle;
    } finally {
      expected.clear();
    }
  }

  /**
   * Installs a library of the plugin that will be installed next.
   *
   * @param jar a library
   */
  synchronized void expect(PluginJar jar) {
    expected.add(jar.location());
    bundle("library ", jar, jar.location());
  }

  private Bundle bundle(String kind, PluginJar jar, String location) {
    Bundle there = context.getBundle(location);
    if (there != null) {
      return there;
    }
    try (InputStream bytes = Files.newInputStream(jar.file())) {
      return context.installBundle(location, bytes);
    } catch (BundleException | IOException e) {
      throw new RigException(
          kind + jar.title() + " cannot be installed: " + PluginJar.oneLine(e.getMessage()), e);
    }
  }

  private List<Bundle> libraries() {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getLocation().startsWith(PluginJar.LIBRARY))
        .toList();
  }

  /** Uninstalls libraries to which no bundle is wired. */
  synchronized void dropUnused() {
    List<Bundle> unused = unused();
    while (!unused.isEmpty()) {
      for (Bundle bundle : unused) {
        try {
          bundle.uninstall();
        } catch (BundleException e) {
          LOG.error("{} does not go cleanly", bundle, e);
        }
      }
      refresh(unused);
      unused = unused(); // what only those needed
    }
  }

  private List<Bundle> unused() {
    return libraries().stream()
        .filter(bundle -> !expected.contains(bundle.getLocation()))
        .filter(
            bundle -> {
              BundleWiring wires = bundle.adapt(BundleWiring.class);
              return wires == null || wires.getProvidedWires(null).isEmpty();
            })
        .toList();
  }

  /**
   * Waits until the framework has released the classes of bundles.
   *
   * @param bundles uninstalled
   */
  void refresh(List<Bundle> bundles) {
    CountDownLatch refreshed = new CountDownLatch(1);
    wiring.refreshBundles(
        bundles,
        event -> {
          if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
            refreshed.countDown();
          }
        });
    try {
      if (!refreshed.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("The framework has not released {} after {} s", bundles, REFRESH_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
