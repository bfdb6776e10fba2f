package org.riglab.shell.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.riglab.api.RigException;
import org.riglab.base.Sha256;

/**
 * The jar of a build. Two values are equal if the jar has not been written in between.
 *
 * @param file the jar
 * @param bytes its size
 * @param written when it was last written
 * @param key what the file system knows it by, where it does
 */
record BuiltJar(Path file, long bytes, FileTime written, String key) {
  private static final Pattern COMPANION =
      Pattern.compile("(original-.*|.*-(sources|javadoc|tests|test-sources))\\.jar");
  private static final Pattern SIGNATURE =
      Pattern.compile("META-INF/([^/]+\\.(SF|RSA|DSA|EC)|SIG-[^/]*)", Pattern.CASE_INSENSITIVE);

  /**
   * A jar's headers.
   *
   * @param name symbolic name; empty if it is no bundle
   * @param version of the bundle
   */
  record Identity(String name, Version version) {}

  /**
   * @param folder a build's, for example target
   * @return the jar in it that was written last; empty if there is none
   */
  static Optional<BuiltJar> newest(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> jars =
          files
              .filter(f -> f.toString().endsWith(".jar"))
              .filter(f -> !COMPANION.matcher(f.getFileName().toString()).matches())
              .toList();
      return jars.stream()
          .flatMap(f -> of(f).stream())
          .max(Comparator.comparing(BuiltJar::written).thenComparing(BuiltJar::file));
    } catch (IOException e) {
      // The folder does not exist yet, or is being cleaned.
      return Optional.empty();
    }
  }

  private static Optional<BuiltJar> of(Path file) {
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return a.isRegularFile()
          ? Optional.of(
              new BuiltJar(file, a.size(), a.lastModifiedTime(), String.valueOf(a.fileKey())))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * @return whether the jar is complete: its directory is at its end
   */
  boolean whole() {
    try (JarFile jar = new JarFile(file.toFile())) {
      return jar.getManifest() != null;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * @return the SHA-256 of its bytes in hexadecimal
   */
  String sha256() {
    try {
      return Sha256.of(file);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * @return which bundle it is
   */
  Identity identity() {
    try (JarFile jar = new JarFile(file.toFile())) {
      Attributes headers = jar.getManifest().getMainAttributes();
      String name = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
      return new Identity(
          name == null ? "" : name.split(";", 2)[0].strip(),
          Version.parseVersion(headers.getValue(Constants.BUNDLE_VERSION)));
    } catch (IOException e) {
      throw unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new RigException(file + " has a malformed version: " + e.getMessage(), e);
    }
  }

  /**
   * Copies the jar with a longer version, without signatures: these would no longer hold.
   *
   * @param copy where to
   * @param word what is put behind the version's qualifier: letters, digits, dashes
   */
  void restamp(Path copy, String word) {
    Version old = identity().version();
    String qualifier = old.getQualifier().isEmpty() ? word : old.getQualifier() + "-" + word;
    Version version = new Version(old.getMajor(), old.getMinor(), old.getMicro(), qualifier);
    try (JarFile jar = new JarFile(file.toFile())) {
      Manifest manifest = new Manifest(jar.getManifest());
      manifest.getEntries().clear();
      manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version.toString());
      try (OutputStream file = Files.newOutputStream(copy);
          JarOutputStream out = new JarOutputStream(file, manifest)) {
        for (JarEntry entry : jar.stream().toList()) {
          if (entry.getName().equals(JarFile.MANIFEST_NAME)
              || SIGNATURE.matcher(entry.getName()).matches()) {
            continue;
          }
          out.putNextEntry(new JarEntry(entry.getName()));
          try (InputStream in = jar.getInputStream(entry)) {
            in.transferTo(out);
          }
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private RigException unreadable(IOException e) {
    return new RigException(
        e instanceof NoSuchFileException ? file + " has gone" : "cannot read " + file + ": " + e,
        e);
  }
}
