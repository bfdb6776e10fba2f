package org.riglab.plugins.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.Version;
import org.osgi.resource.Resource;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.api.bench.Plugins;

/** A catalogue is published to a folder and used over HTTP. */
public class CataloguesTest {
  private static final long MOST = 1 << 20;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path catalogue;
  private HttpServer server;
  private String address;

  @Before
  public void serve() throws Exception {
    catalogue = folder.getRoot().toPath().resolve("catalogue");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/lab/",
        exchange -> {
          Path file =
              catalogue.resolve(exchange.getRequestURI().getPath().substring("/lab/".length()));
          boolean there = Files.isRegularFile(file);
          byte[] bytes = there ? Files.readAllBytes(file) : new byte[0];
          exchange.sendResponseHeaders(there ? 200 : 404, there ? bytes.length : -1);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    address = "http://127.0.0.1:" + server.getAddress().getPort() + "/lab";
  }

  @After
  public void stop() {
    server.stop(0);
  }

  private Catalogues catalogues() {
    return new Catalogues(List.of(address), new FakeHost());
  }

  private static CatalogueService service(List<String> catalogues, List<Plugins.Plugin> installed) {
    PluginConfig config =
        (PluginConfig)
            Proxy.newProxyInstance(
                PluginConfig.class.getClassLoader(),
                new Class<?>[] {PluginConfig.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "catalogues" -> catalogues.toArray(String[]::new);
                      case "annotationType" -> (Class<? extends Annotation>) PluginConfig.class;
                      default -> method.getDefaultValue();
                    });
    Plugins plugins =
        (Plugins)
            Proxy.newProxyInstance(
                Plugins.class.getClassLoader(),
                new Class<?>[] {Plugins.class},
                (proxy, method, arguments) -> installed);
    return new CatalogueService(
        new FakeHost(), plugins, jar -> Map.of("gate example", "limit=2.0 (double)"), config);
  }

  private Path jar(String version, String api) throws Exception {
    return Jars.in(folder.newFolder().toPath())
        .header("Bundle-Version", version)
        .header("Bundle-Description", "a gate of \"labs\" & <friends>")
        .header("Bundle-License", "Apache-2.0;link=\"https://www.apache.org/x,y\", MIT")
        .header(
            "Import-Package",
            "org.riglab.api;org.riglab.api.network;version=\""
                + api
                + "\","
                + "org.extra;resolution:=optional;version=\"[9,10)\",org.any")
        .write(version + ".jar");
  }

  private void publish() throws Exception {
    CatalogueService service = service(List.of(), List.of());
    service.publish(jar("1.0.0", "[2.0,3)"), catalogue);
    service.publish(jar("2.0.0", "[3.0,4)"), catalogue);
    service.publish(jar("1.5.0", "[2.1,3)"), catalogue);
  }

  @Test
  public void describesWhatIsPublished() throws Exception {
    publish();
    List<Offer> offers = catalogues().versions(Jars.NAME);
    assertEquals(List.of("2.0.0", "1.5.0", "1.0.0"), offers.stream().map(Offer::version).toList());
    Offer offer = offers.get(1);
    Path jar = catalogue.resolve("com.example.gate-1.5.0.jar");
    assertEquals(
        new Offer(
            Jars.NAME,
            "1.5.0",
            "a gate of \"labs\" & <friends>",
            List.of("gate example: an example"),
            List.of("gate example: limit=2.0 (double)"),
            "Apache-2.0, MIT",
            Jars.sha256(jar),
            Files.size(jar),
            address + "/com.example.gate-1.5.0.jar",
            false,
            List.of(
                "org.riglab.api [2.1.0,3.0.0)", "org.riglab.api.network [2.1.0,3.0.0)", "org.any"),
            List.of()),
        offer);
    assertEquals(
        List.of(
            "package org.riglab.api [3.0.0,4.0.0), but there is version 2.3.0",
            "package org.riglab.api.network [3.0.0,4.0.0), but there is version 2.3.0"),
        offers.get(0).missing());
  }

  @Test
  public void fetchesTheNewestThatFitsAndVerifiesIt() throws Exception {
    publish();
    Offer chosen = catalogues().plan(Jars.NAME).plugin();
    assertEquals("1.5.0", chosen.version());
    Path to = folder.newFile().toPath();
    Downloads.fetch(chosen, to, MOST);
    assertEquals(Jars.sha256(catalogue.resolve("com.example.gate-1.5.0.jar")), Jars.sha256(to));
    assertEquals("1.0.0", catalogues().plan(Jars.NAME + "@1.0").plugin().version());

    RigException refused =
        assertThrows(RigException.class, () -> catalogues().plan(Jars.NAME + "@2.0.0"));
    assertTrue(
        refused.getMessage(),
        refused.getMessage().startsWith("plugin com.example.gate 2.0.0 is not compatible with")
            && refused.getMessage().endsWith("; version 1.5.0 would fit"));
    assertEquals(
        "no catalogue has version 7.0.0 of com.example.gate; there are 2.0.0, 1.5.0, 1.0.0",
        assertThrows(RigException.class, () -> catalogues().plan(Jars.NAME + "@7.0.0"))
            .getMessage());
    RigException unknown = assertThrows(RigException.class, () -> catalogues().plan("gate"));
    assertEquals(RigException.Kind.NOT_FOUND, unknown.kind());
    assertEquals(
        "no catalogue has a plugin 'gate'; the name that is most similar is com.example.gate",
        unknown.getMessage());

    Files.writeString(catalogue.resolve("com.example.gate-1.5.0.jar"), "tampered");
    RigException damaged =
        assertThrows(RigException.class, () -> Downloads.fetch(chosen, to, MOST));
    assertTrue(damaged.getMessage(), damaged.getMessage().contains(" is damaged: its SHA-256 is "));
    Files.delete(catalogue.resolve("com.example.gate-1.5.0.jar"));
    assertEquals(
        RigException.Kind.NOT_FOUND,
        assertThrows(RigException.class, () -> Downloads.fetch(chosen, to, MOST)).kind());
    assertThrows(
        "larger than a jar may be",
        RigException.class,
        () -> Downloads.fetch(catalogues().plan(Jars.NAME + "@1.0.0").plugin(), to, 10));
  }

  @Test
  public void installsFromACatalogueByName() throws Exception {
    publish();
    PluginStore store = new PluginStore(folder.newFolder().toPath(), java.time.Clock.systemUTC());
    PluginSources sources = new PluginSources(store, List.of(), MOST, catalogues());
    byte[] jar = Files.readAllBytes(catalogue.resolve("com.example.gate-1.0.0.jar"));
    byte[] got =
        sources.with(
            "com.example.gate@1.0.0",
            source -> {
              assertFalse("it must be trusted like any other", source.kept());
              try {
                return Files.readAllBytes(source.file());
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    assertArrayEquals(jar, got);
  }

  @Test
  public void findsAndTellsWhatIsOutdated() throws Exception {
    publish();
    Plugins.Plugin old =
        new Plugins.Plugin(Jars.NAME, "1.2.0", "ab".repeat(32), "active", List.of(), List.of());
    CatalogueService service = service(List.of(address), List.of(old));
    assertEquals(List.of("1.5.0"), service.search("EXAMPLE").stream().map(Offer::version).toList());
    assertEquals(List.of(), service.search("nobody"));
    assertEquals(List.of("1.5.0"), service.outdated().stream().map(Offer::version).toList());
    assertEquals(
        List.of(),
        service(
                List.of(address),
                List.of(
                    new Plugins.Plugin(
                        Jars.NAME, "1.5.0", "ab".repeat(32), "active", List.of(), List.of())))
            .outdated());
  }

  @Test
  public void publishingIsIdempotentAndKeepsVersions() throws Exception {
    publish();
    CatalogueService service = service(List.of(), List.of());
    service.publish(catalogue.resolve("com.example.gate-1.0.0.jar"), catalogue);
    assertEquals(3, catalogues().all().size());
    RigException other =
        assertThrows(RigException.class, () -> service.publish(jar("1.0.0", "[2.2,3)"), catalogue));
    assertEquals(RigException.Kind.CONFLICT, other.kind());
    assertThrows(
        "not a plugin",
        RigException.class,
        () -> service.publish(folder.newFile().toPath(), catalogue));
  }

  @Test
  public void readsTheIndexOfOtherTools() throws Exception {
    // as the OSGi Repository specification and bnd's indexer have it
    String index =
        """
        <?xml version="1.0" encoding="utf-8"?>
        <repository increment="1" name="x" xmlns="http://www.osgi.org/xmlns/repository/v1.0.0">
          <resource>
            <capability namespace="osgi.identity">
              <attribute name="osgi.identity" value="com.example.other"></attribute>
              <attribute name="type" value="osgi.bundle"></attribute>
              <attribute name="version" type="Version" value="3.1.0.q"></attribute>
            </capability>
            <capability namespace="osgi.content">
              <attribute name="osgi.content" value="00ff"></attribute>
              <attribute name="url" value="http://example.com/other.jar"></attribute>
              <attribute name="size" type="Long" value="7"></attribute>
              <attribute name="mime" value="application/vnd.osgi.bundle"></attribute>
            </capability>
            <capability namespace="osgi.wiring.bundle">
              <attribute name="osgi.wiring.bundle" value="com.example.other"></attribute>
            </capability>
            <requirement namespace="osgi.wiring.package">
              <directive name="filter" value="(&amp;(osgi.wiring.package=a.b)(version&gt;=1.0.0))"/>
            </requirement>
            <requirement namespace="osgi.wiring.package">
              <directive name="filter" value="(osgi.wiring.package=c)"/>
              <directive name="resolution" value="optional"/>
            </requirement>
          </resource>
        </repository>
        """;
    URI base = URI.create("https://lab.example/x/");
    Resource read =
        IndexFile.read(new ByteArrayInputStream(index.getBytes(StandardCharsets.UTF_8)), base)
            .get(0);
    assertEquals("com.example.other", IndexFile.name(read));
    assertEquals(new Version(3, 1, 0, "q"), IndexFile.version(read));
    Offer offer = catalogues().offer(read, List.of(read));
    assertEquals("http://example.com/other.jar", offer.location());
    assertEquals(List.of("a.b 1.0.0 or later"), offer.needs());
    assertEquals(7, offer.bytes());
    Files.createDirectories(catalogue);
    Files.writeString(catalogue.resolve("index.xml"), "<html>no</html>");
    RigException e = assertThrows(RigException.class, () -> catalogues().all());
    assertTrue(e.getMessage(), e.getMessage().contains("is not an index of an OSGi repository"));
  }

  private Path library(String version, String imports) throws Exception {
    Jars jar =
        Jars.in(folder.newFolder().toPath())
            .without("OSGI-INF/gate.xml")
            .header("Bundle-SymbolicName", "com.example.library")
            .header("Bundle-Version", version)
            .header("Bundle-License", "MIT")
            .header("Export-Package", "com.example.library;version=\"" + version + "\"");
    jar.remove("Service-Component");
    if (!imports.isEmpty()) {
      jar.header("Import-Package", imports);
    }
    return jar.write("library-" + version + ".jar");
  }

  private Path user(String version, String range) throws Exception {
    return Jars.in(folder.newFolder().toPath())
        .header("Bundle-Version", version)
        .header(
            "Import-Package",
            "org.riglab.api;version=\"[2.0,3)\",com.example.library;version=\"" + range + "\"")
        .write("user-" + version + ".jar");
  }

  @Test
  public void resolvesLibrariesWithThePlugin() throws Exception {
    CatalogueService service = service(List.of(), List.of());
    assertTrue(service.isLibrary(library("1.2.0", "")));
    assertFalse(service.isLibrary(user("1.0.0", "[1.1,2)")));
    service.publish(library("1.2.0", "org.any"), catalogue);
    service.publish(library("1.1.0", ""), catalogue);
    service.publish(library("1.9.0", "org.nowhere"), catalogue);
    service.publish(library("2.0.0", ""), catalogue);
    service.publish(user("1.0.0", "[1.1,2)"), catalogue);
    service.publish(user("2.0.0", "[3,4)"), catalogue);
    CatalogueService used = service(List.of(address), List.of());
    Catalogue.Plan plan = used.plan(Jars.NAME).orElseThrow();
    assertEquals("1.0.0", plan.plugin().version());
    assertEquals(
        List.of("com.example.library 1.2.0 MIT"),
        plan.libraries().stream()
            .map(o -> o.name() + " " + o.version() + " " + o.license())
            .toList());
    RigException refused =
        assertThrows(RigException.class, () -> used.plan(Jars.NAME + "@2.0.0").orElseThrow());
    assertEquals(
        "plugin com.example.gate 2.0.0 is not compatible with this installation: it requires"
            + " package com.example.library [3.0.0,4.0.0), which is not there; version 1.0.0 would"
            + " fit",
        refused.getMessage());
    assertTrue(used.plan(user("3.0.0", "1").toString()).isEmpty());
    assertTrue(used.plan("com.example:gate:1.0.0").isEmpty());
  }

  @Test
  public void fetchesTheLibrariesOfAFileToo() throws Exception {
    service(List.of(), List.of()).publish(library("1.2.0", ""), catalogue);
    PluginStore store = new PluginStore(folder.newFolder().toPath(), java.time.Clock.systemUTC());
    PluginSources sources = new PluginSources(store, List.of(), MOST, catalogues());
    Path file = user("1.0.0", "[1.1,2)");
    PluginJar staged = sources.withLibraries(store.jars().stage(file, "it", MOST));
    assertEquals(
        List.of("com.example.library 1.2.0"),
        staged.libraries().stream().map(PluginJar::title).toList());
    store.install(staged);
    PluginStore.Version recorded = store.stored(Jars.NAME).orElseThrow().versions().get(0);
    assertEquals(
        List.of(Jars.sha256(catalogue.resolve("com.example.library-1.2.0.jar"))),
        recorded.libraries());
    assertEquals("com.example.library 1.2.0", store.read(recorded).libraries().get(0).title());
    KeptJars kept = new KeptJars(store);
    assertEquals(1, kept.all().size());
    assertEquals(List.of(), kept.prune(java.util.Set.of()));
    assertEquals("com.example.library 1.2.0", store.read(recorded).libraries().get(0).title());
    // what the catalogues cannot help is judged where the plugin starts
    Path other = user("1.1.0", "[7,8)");
    assertEquals(
        List.of(), sources.withLibraries(store.jars().stage(other, "it", MOST)).libraries());
  }

  @Test
  public void readsNothingThatAnIndexPointsTo() throws Exception {
    Path secret = folder.newFile().toPath();
    Files.writeString(secret, "secret");
    String external =
        "<!DOCTYPE r [<!ENTITY x SYSTEM \"%s\">]>".formatted(secret.toUri())
            + "<repository name=\"&x;\" xmlns=\"http://www.osgi.org/xmlns/repository/v1.0.0\"/>";
    String referral =
        "<repository name=\"x\" xmlns=\"http://www.osgi.org/xmlns/repository/v1.0.0\">"
            + "<referral url=\"%s\"/></repository>".formatted(secret.toUri());
    for (String index : List.of(external, referral)) {
      assertThrows(
          IOException.class,
          () ->
              IndexFile.read(
                  new ByteArrayInputStream(index.getBytes(StandardCharsets.UTF_8)),
                  URI.create("https://lab.example/x/")));
    }
  }
}
