package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;

import aQute.bnd.osgi.repository.ResourcesRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.resource.Resource;
import org.osgi.service.resolver.ResolutionException;

/** Libraries in a framework. */
public class LibraryBundlesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Framework framework;
  private LibraryBundles bundles;

  @Before
  public void start() throws Exception {
    framework =
        new FrameworkFactory()
            .newFramework(
                Map.of(Constants.FRAMEWORK_STORAGE, folder.newFolder("cache").toString()));
    framework.start();
    bundles = new LibraryBundles(framework.getBundleContext());
  }

  @After
  public void stop() throws Exception {
    framework.stop();
    framework.waitForStop(10_000);
  }

  private PluginJar library(String name, String version, String imports) throws Exception {
    Jars jar =
        Jars.in(folder.newFolder().toPath())
            .remove("Service-Component")
            .header("Bundle-SymbolicName", name)
            .header("Bundle-Version", version)
            .header("Export-Package", name + ";version=\"" + version + "\"");
    if (!imports.isEmpty()) {
      jar.header("Import-Package", imports);
    }
    Path file = jar.write("library.jar");
    return PluginJar.library(file, Jars.sha256(file), "a library");
  }

  private PluginJar plugin(String name, String imports, PluginJar... libraries) throws Exception {
    Path file =
        Jars.in(folder.newFolder().toPath())
            .header("Bundle-SymbolicName", name)
            .header("Import-Package", imports)
            .write("plugin.jar");
    return PluginJar.read(file, Jars.sha256(file), "a plugin").with(List.of(libraries));
  }

  private Bundle install(PluginJar plugin) {
    return bundles.install(plugin, plugin.location());
  }

  private void drop(Bundle bundle) throws Exception {
    bundle.uninstall();
    bundles.refresh(List.of(bundle));
    bundles.dropUnused();
  }

  private List<String> there() {
    return Arrays.stream(framework.getBundleContext().getBundles())
        .filter(b -> b.getLocation().startsWith(PluginJar.LIBRARY))
        .map(b -> b.getSymbolicName() + " " + b.getVersion())
        .sorted()
        .toList();
  }

  @Test
  public void aLibraryGoesWithItsLastPluginAndNoOtherIsTouched() throws Exception {
    PluginJar one = library("com.example.library", "1.0.0", "");
    PluginJar two = library("com.example.library", "1.1.0", "");
    PluginJar below = library("com.example.below", "1.0.0", "");
    PluginJar above = library("com.example.above", "1.0.0", "com.example.below");
    Bundle a = install(plugin("a", "com.example.library;version=\"[1,1.1)\"", one));
    a.start();
    BundleWiring wiring = a.adapt(BundleWiring.class);
    Bundle b =
        install(
            plugin(
                "b",
                "com.example.library;version=\"[1.1,2)\",com.example.above",
                two,
                below,
                above));
    Bundle c = install(plugin("c", "com.example.library;version=\"[1,1.1)\"", one));
    assertEquals(
        List.of(
            "com.example.above 1.0.0",
            "com.example.below 1.0.0",
            "com.example.library 1.0.0",
            "com.example.library 1.1.0"),
        there());

    drop(b);
    assertEquals(List.of("com.example.library 1.0.0"), there());
    drop(c);
    assertEquals(List.of("com.example.library 1.0.0"), there());
    assertEquals(Bundle.ACTIVE, a.getState());
    assertSame("it was restarted", wiring, a.adapt(BundleWiring.class));
    assertTrue(wiring.isInUse());
    drop(a);
    assertEquals(List.of(), there());
  }

  @Test
  public void whatAServerAnnouncesStaysUntilItsPluginComes() throws Exception {
    PluginJar library = library("com.example.library", "1.0.0", "");
    bundles.expect(library);
    bundles.dropUnused();
    assertEquals(List.of("com.example.library 1.0.0"), there());
    Bundle plugin = install(plugin("a", "com.example.library"));
    bundles.dropUnused();
    assertEquals(List.of("com.example.library 1.0.0"), there());
    drop(plugin);
    assertEquals(List.of(), there());
  }

  @Test
  public void resolvesAgainstTheFramework() throws Exception {
    PluginJar library = library("com.example.library", "1.0.0", "org.osgi.framework");
    PluginJar other = library("com.example.library", "1.5.0", "");
    PluginJar user = plugin("a", "org.osgi.framework,com.example.library;version=\"[1,2)\"");
    Resource plugin = resource(user);
    ResourcesRepository repository =
        new ResourcesRepository(List.of(resource(library), resource(other)));
    assertEquals(List.of("1.5.0"), libraries(repository, plugin));
    // what runs already is taken rather than what is newer
    install(plugin("b", "com.example.library", library));
    assertEquals(List.of(), libraries(repository, plugin));
    Resource missing = resource(plugin("c", "com.example.nowhere;version=\"[1,2)\""));
    Platform platform = Platform.of(framework.getBundleContext());
    try {
      Resolution.libraries(platform, repository, missing);
      throw new AssertionError("resolved");
    } catch (ResolutionException e) {
      assertEquals(
          List.of(
              "package com.example.nowhere [1.0.0,2.0.0), which no bundle exports; a plugin must"
                  + " contain the libraries that Riglab does not have"),
          Resolution.unmet(platform, repository, missing).stream()
              .map(new Requirements.Here(framework.getBundleContext())::words)
              .toList());
    }
  }

  private List<String> libraries(ResourcesRepository repository, Resource plugin)
      throws ResolutionException {
    return Resolution.libraries(Platform.of(framework.getBundleContext()), repository, plugin)
        .stream()
        .map(r -> IndexFile.version(r).toString())
        .toList();
  }

  private static Resource resource(PluginJar jar) throws Exception {
    return IndexFile.resource(jar, Files.createTempFile("unused", "").toUri(), Map.of());
  }
}
