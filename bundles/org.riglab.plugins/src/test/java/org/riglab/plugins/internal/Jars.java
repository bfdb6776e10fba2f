package org.riglab.plugins.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import jdk.security.jarsigner.JarSigner;

/** Makes jars that look like plugins, good ones and bad ones. */
final class Jars {
  static final String NAME = "com.example.gate";
  private static final char[] PASSWORD = "password".toCharArray();

  private final Path folder;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final Attributes headers = new Attributes();

  private Jars(Path folder) {
    this.folder = folder;
    header("Manifest-Version", "1.0");
    header("Bundle-ManifestVersion", "2");
    header("Bundle-SymbolicName", NAME);
    header("Bundle-Version", "1.0.0");
    header("Service-Component", "OSGI-INF/gate.xml");
    entry("OSGI-INF/gate.xml", component("org.riglab.api.network.Gate", "example"));
    entry("com/example/Gate.class", classFile(61, 0));
  }

  static Jars in(Path folder) {
    return new Jars(folder);
  }

  Jars header(String name, String value) {
    headers.putValue(name, value);
    return this;
  }

  Jars remove(String header) {
    headers.remove(new Attributes.Name(header));
    return this;
  }

  Jars entry(String name, byte[] bytes) {
    entries.put(name, bytes);
    return this;
  }

  Jars without(String name) {
    entries.remove(name);
    return this;
  }

  Path write(String file) throws IOException {
    Path jar = folder.resolve(file);
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().putAll(headers);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(entry(JarFile.MANIFEST_NAME));
      manifest.write(out);
      out.closeEntry();
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(entry(entry.getKey()));
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
    return jar;
  }

  static byte[] component(String type, String name) {
    return """
    <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="g">
      <property name="riglab.name" type="String" value="%s"/>
      <property name="riglab.about" type="String" value="an example"/>
      <service><provide interface="%s"/></service>
      <implementation class="com.example.Gate"/>
    </scr:component>
    """
        .formatted(name, type)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** As much of a class as anybody looks at. */
  static byte[] classFile(int major, int minor) {
    return new byte[] {
      (byte) 0xCA,
      (byte) 0xFE,
      (byte) 0xBA,
      (byte) 0xBE,
      (byte) (minor >> 8),
      (byte) minor,
      0,
      (byte) major,
      0
    };
  }

  static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  static PluginJar read(Path file) throws Exception {
    return PluginJar.read(file, sha256(file), file.getFileName().toString());
  }

  // Signatures

  /** A key and its certificate, in a key store; also as PEM. */
  static Path key(Path folder, String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    keytool(
        "-genkeypair",
        "-alias",
        "key",
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-validity",
        "30",
        "-keystore",
        store.toString(),
        "-storetype",
        "PKCS12",
        "-storepass",
        "password");
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "key",
        "-file",
        folder.resolve(name + ".pem").toString(),
        "-keystore",
        store.toString(),
        "-storepass",
        "password");
    return store;
  }

  private static void keytool(String... words) throws Exception {
    var command = new java.util.ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(java.util.List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IOException(out);
    }
  }

  static Path sign(Path jar, Path keys, String file) throws Exception {
    KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD);
    var entry =
        (KeyStore.PrivateKeyEntry) store.getEntry("key", new KeyStore.PasswordProtection(PASSWORD));
    Path signed = jar.resolveSibling(file);
    try (ZipFile from = new ZipFile(jar.toFile());
        OutputStream to = Files.newOutputStream(signed)) {
      new JarSigner.Builder(entry)
          .signerName("SIG" + Math.abs(keys.hashCode() % 1000))
          .build()
          .sign(from, to);
    }
    return signed;
  }

  /** The same jar with an entry replaced, added, or (null) left out, behind the signer's back. */
  static Path tamper(Path jar, String entry, byte[] bytes, String file) throws IOException {
    Path to = jar.resolveSibling(file);
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    try (ZipFile zip = new ZipFile(jar.toFile());
        ZipOutputStream out = new ZipOutputStream(copy)) {
      for (var all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry old = all.nextElement();
        if (!old.getName().equals(entry)) {
          out.putNextEntry(new ZipEntry(old.getName()));
          try (InputStream in = zip.getInputStream(old)) {
            in.transferTo(out);
          }
        }
      }
      if (bytes != null) {
        out.putNextEntry(new ZipEntry(entry));
        out.write(bytes);
      }
    }
    return Files.write(to, copy.toByteArray());
  }

  /** The same content gives the same bytes at any time. */
  private static ZipEntry entry(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.of(2026, 1, 1, 0, 0));
    return entry;
  }
}
