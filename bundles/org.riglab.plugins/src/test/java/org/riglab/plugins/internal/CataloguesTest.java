package org.riglab.plugins.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.Version;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.api.bench.Plugins;

/** A catalogue is published to a folder and used over HTTP. */
public class CataloguesTest {
  private static final long MOST = 1 << 20;

  /** An installation with version 2.3 of the API. */
  private static final Function<String, Optional<String>> API_2 =
      filter ->
          filter.contains("(version>=3.0.0)") && !filter.contains("(!(version>=3.0.0))")
              ? Optional.of(
                  "package " + PackageImports.words(filter) + ", but there is version 2.3.0")
              : Optional.empty();

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
    return new Catalogues(List.of(address), MOST, API_2);
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
    return new CatalogueService(API_2, plugins, config);
  }

  private Path jar(String version, String api) throws Exception {
    return Jars.in(folder.newFolder().toPath())
        .header("Bundle-Version", version)
        .header("Bundle-Description", "a gate of \"labs\" & <friends>")
        .header("Bundle-License", "Apache-2.0")
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
            List.of("gate example"),
            "Apache-2.0",
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
    Offer chosen = catalogues().chosen(Jars.NAME);
    assertEquals("1.5.0", chosen.version());
    Path to = folder.newFile().toPath();
    catalogues().fetch(chosen, to);
    assertEquals(Jars.sha256(catalogue.resolve("com.example.gate-1.5.0.jar")), Jars.sha256(to));
    assertEquals("1.0.0", catalogues().chosen(Jars.NAME + "@1.0").version());

    RigException refused =
        assertThrows(RigException.class, () -> catalogues().chosen(Jars.NAME + "@2.0.0"));
    assertTrue(
        refused.getMessage(),
        refused.getMessage().startsWith("plugin com.example.gate 2.0.0 does not fit this")
            && refused.getMessage().endsWith("; version 1.5.0 would fit"));
    assertEquals(
        "no catalogue has version 7.0.0 of com.example.gate; there are 2.0.0, 1.5.0, 1.0.0",
        assertThrows(RigException.class, () -> catalogues().chosen(Jars.NAME + "@7.0.0"))
            .getMessage());
    assertEquals(
        RigException.Kind.NOT_FOUND,
        assertThrows(RigException.class, () -> catalogues().chosen("nobody")).kind());

    Files.writeString(catalogue.resolve("com.example.gate-1.5.0.jar"), "tampered");
    RigException damaged = assertThrows(RigException.class, () -> catalogues().fetch(chosen, to));
    assertTrue(damaged.getMessage(), damaged.getMessage().contains(" is damaged: its SHA-256 is "));
    Files.delete(catalogue.resolve("com.example.gate-1.5.0.jar"));
    assertEquals(
        RigException.Kind.NOT_FOUND,
        assertThrows(RigException.class, () -> catalogues().fetch(chosen, to)).kind());
    assertThrows(
        "larger than a jar may be",
        RigException.class,
        () ->
            new Catalogues(List.of(address), 10, API_2)
                .fetch(catalogues().chosen(Jars.NAME + "@1.0.0"), to));
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
    IndexFile.Resource read =
        IndexFile.read(new ByteArrayInputStream(index.getBytes(StandardCharsets.UTF_8))).get(0);
    assertEquals("com.example.other", read.name());
    assertEquals(new Version(3, 1, 0, "q"), read.version());
    assertEquals(List.of("(&(osgi.wiring.package=a.b)(version>=1.0.0))"), read.filters());
    assertEquals(
        "http://example.com/other.jar",
        catalogues().offer(read, URI.create("https://lab.example/x/")).location());
    Files.createDirectories(catalogue);
    Files.writeString(catalogue.resolve("index.xml"), "<html>no</html>");
    RigException e = assertThrows(RigException.class, () -> catalogues().all());
    assertTrue(e.getMessage(), e.getMessage().contains("is not an index of an OSGi repository"));
  }
}
