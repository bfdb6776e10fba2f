package org.riglab.launcher;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A catalogue of plugins that is served on the loopback interface. */
final class Catalogue implements AutoCloseable {
  private static final String PACKAGE = "org.riglab.launcher.library";

  private final HttpServer server;
  private final Queue<String> fetched = new ConcurrentLinkedQueue<>();

  /**
   * @param folder that it serves
   */
  Catalogue(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("index.xml"),
        "<repository name='empty' increment='1'"
            + " xmlns='http://www.osgi.org/xmlns/repository/v1.0.0'/>");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          fetched.add(path);
          Path file = folder.resolve(path.substring(1));
          boolean there = Files.isRegularFile(file);
          byte[] bytes = there ? Files.readAllBytes(file) : new byte[0];
          exchange.sendResponseHeaders(there ? 200 : 404, there ? bytes.length : -1);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  /** Names it in the configuration of a home. */
  void configure(Path home) throws IOException {
    Files.writeString(
        Files.createDirectories(home.resolve("config")).resolve("plugins.json"),
        """
        {
          ":configurator:resource-version": 1,
          "org.riglab.plugins": {"catalogues": ["http://127.0.0.1:%d/"]}
        }
        """
            .formatted(server.getAddress().getPort()));
  }

  /** The paths of all requests. */
  Queue<String> fetched() {
    return fetched;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** A bundle that exports a package. */
  static Path library(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    Attributes headers = manifest.getMainAttributes();
    headers.putValue("Manifest-Version", "1.0");
    headers.putValue("Bundle-ManifestVersion", "2");
    headers.putValue("Bundle-SymbolicName", "library");
    headers.putValue("Bundle-Version", "1.0.0");
    headers.putValue("Export-Package", PACKAGE + ";version=\"1.0.0\"");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.putNextEntry(new JarEntry(PACKAGE.replace('.', '/') + "/text"));
      out.closeEntry();
    }
    return jar;
  }

  /** A copy of a plugin that imports what the library exports. */
  static Path needing(Path plugin, Path copy) throws IOException {
    try (InputStream file = Files.newInputStream(plugin);
        JarInputStream in = new JarInputStream(file)) {
      Manifest manifest = in.getManifest();
      Attributes headers = manifest.getMainAttributes();
      headers.putValue(
          "Import-Package",
          headers.getValue("Import-Package") + "," + PACKAGE + ";version=\"[1.0,2)\"");
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(copy), manifest)) {
        for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
          out.putNextEntry(new JarEntry(entry.getName()));
          in.transferTo(out);
          out.closeEntry();
        }
      }
    }
    return copy;
  }

  /** The symbolic name of a bundle. */
  static String name(Path jar) throws IOException {
    try (InputStream file = Files.newInputStream(jar);
        JarInputStream in = new JarInputStream(file)) {
      return in.getManifest().getMainAttributes().getValue("Bundle-SymbolicName").split(";")[0];
    }
  }
}
