package org.riglab.web.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.zip.GZIPOutputStream;
import org.riglab.api.access.Role;

/** The page's files, from the bundle: a fixed list, each with a route of its own. */
final class StaticFiles {
  private static final String WEBJAR = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

  private static final Map<String, String> TYPES =
      Map.of(
          "html",
          "text/html; charset=utf-8",
          "js",
          "text/javascript; charset=utf-8",
          "css",
          "text/css; charset=utf-8",
          "svg",
          "image/svg+xml",
          "json",
          "application/json");

  /** What is served without authentication. */
  private static final List<String> OPEN =
      List.of("login.html", "login.js", "style.css", "rig.svg");

  private static final List<String> PAGE =
      List.of(
          "index.html",
          "app.js",
          "api.js",
          "dom.js",
          "focus.js",
          "format.js",
          "chart.js",
          "curves.js",
          "layers.js",
          "tiles.js",
          "samepictures.js",
          "sweep.js",
          "start.js",
          "networks.js",
          "colours.js",
          "runs.js",
          "run.js",
          "pictures.js",
          "confusion.js",
          "compare.js",
          "queue.js",
          "plugins.js",
          "catalogue.js",
          "importance.js",
          "keeping.js",
          "parallel.js",
          "search.js",
          "tables.js",
          "health.js");

  private StaticFiles() {}

  static List<Route> open() {
    return routes(OPEN, Map.of("login.html", "/login"));
  }

  static List<Route> page() {
    List<Route> routes = new ArrayList<>(routes(PAGE, Map.of("index.html", "/")));
    String dist = "/META-INF/resources/webjars/uplot/" + version() + "/dist/";
    routes.add(route("/uPlot.esm.js", dist + "uPlot.esm.js"));
    routes.add(route("/uPlot.min.css", dist + "uPlot.min.css"));
    routes.add(route("/api/v1/openapi.json", "/org/riglab/web/internal/openapi.json"));
    return routes;
  }

  private static String version() {
    Properties properties = new Properties();
    try (InputStream in = StaticFiles.class.getResourceAsStream(WEBJAR)) {
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Route> routes(List<String> files, Map<String, String> paths) {
    Map<String, String> all = new LinkedHashMap<>();
    files.forEach(file -> all.put(paths.getOrDefault(file, "/" + file), file));
    return all.entrySet().stream()
        .map(e -> route(e.getKey(), "/org/riglab/web/internal/page/" + e.getValue()))
        .toList();
  }

  private static Route route(String path, String resource) {
    String type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
    return Route.of(
        "GET",
        path,
        Role.VIEWER,
        call -> {
          // Small enough to be read for every request; browsers revalidate with the ETag.
          byte[] bytes = read(resource);
          String tag = "\"" + Integer.toHexString(Arrays.hashCode(bytes)) + "\"";
          call.response().setHeader("Cache-Control", "private, no-cache");
          call.response().setHeader("ETag", tag);
          call.response().setHeader("Vary", "Accept-Encoding");
          if (tag.equals(call.request().getHeader("If-None-Match"))) {
            call.response().setStatus(304);
            return;
          }
          if (compressed(call.request().getHeader("Accept-Encoding"))) {
            // Compression reveals nothing, since these files are public.
            call.response().setHeader("Content-Encoding", "gzip");
            call.send(200, type, gzip(bytes));
          } else {
            call.send(200, type, bytes);
          }
        });
  }

  private static byte[] read(String resource) throws IOException {
    try (InputStream in = StaticFiles.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    }
  }

  private static boolean compressed(String accepted) {
    return accepted != null
        && Arrays.stream(accepted.split(",")).anyMatch(coding -> coding.strip().equals("gzip"));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
