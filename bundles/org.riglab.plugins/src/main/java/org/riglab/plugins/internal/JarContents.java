package org.riglab.plugins.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import org.riglab.api.RigException;

/**
 * What a jar holds, every entry of it read once: nothing that it says about its sizes, classes or
 * signatures is believed.
 *
 * @param manifest its manifest
 * @param entries names of its entries
 * @param signers the certificates with which entries are signed, each set with the first entry that
 *     has it; the empty set for entries that are not signed
 */
record JarContents(
    Manifest manifest, Set<String> entries, Map<Set<X509Certificate>, String> signers) {
  private static final int MOST_ENTRIES = 20_000;

  /** Classes and text shrink to a tenth; a bomb to a thousandth. */
  private static final int MOST_RATIO = 100;

  /** Small jars may shrink more without harm. */
  private static final long FREE_BYTES = 16L << 20;

  private static final int CLASS_HEADER = 8;
  private static final int CLASS_MAGIC = 0xCAFEBABE;
  private static final int JAVA_1 = 44;
  private static final int PREVIEW = 0xFFFF;
  private static final String VERSIONS = "META-INF/versions/";

  /** What a signature consists of and can therefore not cover. */
  private static final Pattern SIGNATURE =
      Pattern.compile("META-INF/(MANIFEST\\.MF|[^/]+\\.(SF|RSA|DSA|EC)|SIG-[^/]*)");

  JarContents {
    entries = Collections.unmodifiableSet(entries);
    signers = Collections.unmodifiableMap(signers);
  }

  /**
   * Reads all of a jar.
   *
   * @param file the jar
   * @param shown how messages call it
   * @return what it holds
   * @throws RigException if it is none, was tampered with, unpacks to far more than it has, has
   *     names that lead out of it, or classes that this Java cannot load
   */
  static JarContents read(Path file, String shown) {
    try (JarFile jar = new JarFile(file.toFile(), true)) {
      if (jar.size() > MOST_ENTRIES) {
        throw new RigException(shown + " has more than " + MOST_ENTRIES + " entries");
      }
      Manifest manifest = jar.getManifest();
      if (manifest == null) {
        throw new RigException(shown + " is not a bundle: it has no manifest");
      }
      long left = Math.max(FREE_BYTES, Files.size(file) * MOST_RATIO);
      Set<String> names = new HashSet<>();
      Map<Set<X509Certificate>, String> signers = new LinkedHashMap<>();
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        checkName(name, names, shown);
        left = read(jar, entry, left, shown);
        if (!entry.isDirectory() && !SIGNATURE.matcher(name.toUpperCase(Locale.ROOT)).matches()) {
          signers.putIfAbsent(certificates(entry), name);
        }
      }
      checkNothingTaken(manifest, names, shown);
      return new JarContents(manifest, names, signers);
    } catch (SecurityException e) {
      throw new RigException(
          shown + " was changed after it was signed: " + PluginJar.oneLine(e.getMessage()), e);
    } catch (ZipException e) {
      throw new RigException(shown + " is not a jar: " + PluginJar.oneLine(e.getMessage()), e);
    } catch (IOException e) {
      throw new RigException("cannot read " + shown + ": " + PluginJar.oneLine(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new RigException(shown + " is not a jar: its names are not text", e);
    }
  }

  private static void checkName(String name, Set<String> names, String shown) {
    if (name.startsWith("/")
        || name.indexOf('\\') >= 0
        || name.chars().anyMatch(c -> c < ' ')
        || ("/" + name + "/").contains("/../")) {
      throw new RigException(shown + " has an entry whose name points outside of it");
    }
    if (!names.add(name)) {
      throw new RigException(shown + " has the entry " + name + " twice");
    }
  }

  /** Reads an entry, which is also what verifies its signature; returns how much may follow. */
  private static long read(JarFile jar, JarEntry entry, long left, String shown)
      throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] head = in.readNBytes(CLASS_HEADER);
      long rest = left - head.length;
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        rest -= read;
        if (rest < 0) {
          throw new RigException(
              shown + " unpacks to more than a hundred times its size, which no plugin requires");
        }
      }
      checkClass(entry.getName(), head, shown);
      return rest;
    }
  }

  private static void checkClass(String name, byte[] head, String shown) {
    if (!name.endsWith(".class") || name.endsWith("module-info.class")) {
      return;
    }
    if (head.length < CLASS_HEADER || number(head, 0) != CLASS_MAGIC) {
      throw new RigException(shown + " is damaged: " + name + " is not a class");
    }
    int here = Runtime.version().feature();
    if (name.startsWith(VERSIONS) && !name.startsWith(VERSIONS + here + "/")) {
      return; // for another Java
    }
    int minor = number(head, 4) >>> 16;
    int java = (number(head, 4) & 0xFFFF) - JAVA_1;
    if (java > here || minor == PREVIEW) {
      throw new RigException(
          "%s requires Java %d%s (%s), and this is Java %d; compile it with <maven.compiler.release>17"
              .formatted(
                  shown,
                  java,
                  minor == PREVIEW ? " with preview features" : "",
                  name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                  here));
    }
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | bytes[at + 3] & 0xFF;
  }

  private static Set<X509Certificate> certificates(JarEntry entry) {
    CodeSigner[] signers = entry.getCodeSigners();
    Set<X509Certificate> certificates = new HashSet<>();
    if (signers != null) {
      for (CodeSigner signer : signers) {
        // The first one of the path is the signer's own.
        if (signer.getSignerCertPath().getCertificates().get(0) instanceof X509Certificate own) {
          certificates.add(own);
        }
      }
    }
    return certificates;
  }

  /** A signature does not notice what is missing; the manifest knows what was there. */
  private static void checkNothingTaken(Manifest manifest, Set<String> names, String shown) {
    for (Map.Entry<String, Attributes> section : manifest.getEntries().entrySet()) {
      boolean digest =
          section.getValue().keySet().stream()
              .anyMatch(key -> key.toString().toUpperCase(Locale.ROOT).endsWith("-DIGEST"));
      if (digest && !names.contains(section.getKey())) {
        throw new RigException(
            shown + " was changed after it was signed: " + section.getKey() + " is missing");
      }
    }
  }

  /**
   * Reads an entry as text or XML.
   *
   * @param file the jar
   * @param name of the entry
   * @return its bytes, in memory
   */
  static InputStream open(Path file, String name) throws IOException {
    try (JarFile jar = new JarFile(file.toFile(), false)) {
      JarEntry entry = jar.getJarEntry(name);
      if (entry == null) {
        throw new IOException("there is no entry " + name);
      }
      try (InputStream in = jar.getInputStream(entry)) {
        return new ByteArrayInputStream(in.readAllBytes());
      }
    }
  }
}
