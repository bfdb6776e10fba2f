package org.riglab.plugins.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URLConnection;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * Fetches one artifact by its coordinate. Plugins carry what they need, so there are no
 * dependencies to resolve.
 */
final class MavenRepositories {
  private static final Pattern COORDINATE =
      Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]*):([A-Za-z0-9_][A-Za-z0-9_.-]*):([^:/\\\\]+)");
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]*");
  private static final String SNAPSHOT = "-SNAPSHOT";
  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 60_000;
  private static final int CHECKSUM_BYTES = 1024;

  private final List<String> repositories;
  private final long mostBytes;

  /** Files with a jar's digest, beside it; the stronger first. */
  private enum Checksum {
    SHA256("SHA-256"),
    SHA1("SHA-1");

    private final String algorithm;

    Checksum(String algorithm) {
      this.algorithm = algorithm;
    }

    private String suffix() {
      return "." + name().toLowerCase(Locale.ROOT);
    }
  }

  MavenRepositories(List<String> repositories, long mostBytes) {
    this.repositories = List.copyOf(repositories);
    this.mostBytes = mostBytes;
  }

  static boolean isCoordinate(String text) {
    return COORDINATE.matcher(text).matches();
  }

  /**
   * Fetches a jar from the first repository that has it, and verifies its checksum.
   *
   * @param coordinate {@code group:artifact:version}
   * @param to where to
   * @return its address
   * @throws RigException if no repository has it; says what became of each
   */
  String fetch(String coordinate, Path to) {
    String[] words = coordinate.split(":");
    String version = words[2];
    if (!VERSION.matcher(version).matches() || version.contains("..")) {
      throw new RigException(
          "'%s' is not a single version; expected group:artifact:1.0.0".formatted(coordinate));
    }
    String path =
        "%s/%s/%s/%s-%s.jar"
            .formatted(words[0].replace('.', '/'), words[1], version, words[1], version);
    List<String> tried = new ArrayList<>();
    for (String repository : repositories) {
      URI base = base(repository);
      if (version.endsWith(SNAPSHOT) && !base.getScheme().equals("file")) {
        tried.add(base + " (snapshots come from file repositories only)");
        continue;
      }
      URI jar = base.resolve(path);
      try {
        fetch(jar, to);
        return jar.toString();
      } catch (FileNotFoundException | NoSuchFileException e) {
        tried.add(base + " (not there)");
      } catch (UnknownHostException e) {
        tried.add(base + " (no such host, or no network)");
      } catch (IOException e) {
        tried.add(base + " (" + reason(e) + ")");
      }
    }
    throw new RigException(
        RigException.Kind.NOT_FOUND,
        "no repository has %s: %s"
            .formatted(
                coordinate, tried.isEmpty() ? "none is configured" : String.join(", ", tried)));
  }

  /** The class of a connection's failure says more than its message. */
  private static String reason(IOException e) {
    String message = PluginJar.oneLine(e.getMessage());
    return e.getClass() == IOException.class
        ? message
        : e.getClass().getSimpleName() + " " + message;
  }

  static URI base(String repository) {
    String where = "configuration " + PluginConfig.PID + ": repository '" + repository + "'";
    try {
      URI uri =
          switch (repository) {
            case "distribution" -> {
              String home = System.getProperty("riglab.distribution");
              yield home == null
                  ? Path.of("repository").toUri()
                  : Path.of(home, "repository").toUri();
            }
            case "local" -> Path.of(System.getProperty("user.home"), ".m2", "repository").toUri();
            default -> URI.create(repository);
          };
      boolean good =
          "file".equals(uri.getScheme())
              || "https".equals(uri.getScheme())
              || "http".equals(uri.getScheme()) && loopback(uri);
      if (!good) {
        throw new RigException(where + " is not safe to use; expected a file: or https: address");
      }
      return uri.toString().endsWith("/") ? uri : URI.create(uri + "/");
    } catch (IllegalArgumentException e) {
      throw new RigException(where + " is no address: " + PluginJar.oneLine(e.getMessage()), e);
    }
  }

  private static boolean loopback(URI uri) {
    try {
      return uri.getHost() != null && InetAddress.getByName(uri.getHost()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private void fetch(URI jar, Path to) throws IOException {
    try (InputStream in = open(jar);
        OutputStream out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[1 << 16];
      long left = mostBytes;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        left -= read;
        if (left < 0) {
          throw new RigException("%s is larger than %d MiB".formatted(jar, mostBytes >> 20));
        }
        out.write(buffer, 0, read);
      }
    }
    for (Checksum checksum : Checksum.values()) {
      Optional<String> expected = text(URI.create(jar + checksum.suffix()));
      if (expected.isPresent()) {
        String found = digest(to, checksum.algorithm);
        // Some tools write the file's name behind it.
        if (!expected.get().strip().toLowerCase(Locale.ROOT).split("\\s+", 2)[0].equals(found)) {
          throw new RigException(
              "%s is damaged: its %s is %s, which differs from its checksum file"
                  .formatted(jar, checksum.algorithm, found));
        }
        return;
      }
    }
    // Maven's own folder has none beside what was built on this machine.
    if (!jar.getScheme().equals("file")) {
      throw new RigException(jar + " has no checksum file (.sha256, .sha1)");
    }
  }

  private static Optional<String> text(URI uri) throws IOException {
    try (InputStream in = open(uri)) {
      return Optional.of(new String(in.readNBytes(CHECKSUM_BYTES), StandardCharsets.US_ASCII));
    } catch (FileNotFoundException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  static InputStream open(URI uri) throws IOException {
    if (uri.getScheme().equals("file")) {
      return Files.newInputStream(Path.of(uri));
    }
    try {
      URLConnection connection = uri.toURL().openConnection();
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(READ_MILLIS);
      connection.setUseCaches(false);
      if (connection instanceof HttpURLConnection http
          && http.getResponseCode() != HttpURLConnection.HTTP_OK
          && http.getResponseCode() != HttpURLConnection.HTTP_NOT_FOUND
          && http.getResponseCode() != HttpURLConnection.HTTP_GONE) {
        int status = http.getResponseCode();
        http.disconnect();
        throw new IOException("HTTP status " + status);
      }
      return connection.getInputStream();
    } catch (MalformedURLException e) {
      throw new IOException(e);
    }
  }

  private static String digest(Path file, String algorithm) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
