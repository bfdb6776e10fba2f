package org.riglab.shell.internal;

import java.io.ByteArrayOutputStream;
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
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
  private static final Pattern COMPONENT = Pattern.compile("OSGI-INF/[^/]+\\.xml");
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
   * What distinguishes the bundle of a build from the installed one, so that both can run.
   *
   * @param name symbolic name
   * @param qualifier what is appended to the version: letters, digits, dashes; empty for nothing
   * @param taken names of parts that other bundles have; they get the suffix
   * @param suffix of these names
   */
  record Renaming(String name, String qualifier, Set<String> taken, String suffix) {}

  /**
   * Copies the jar under another name and version, without signatures, which would not be valid.
   *
   * @param copy file to write
   * @param renaming name, version and names of parts
   */
  void copy(Path copy, Renaming renaming) {
    try (JarFile jar = new JarFile(file.toFile())) {
      Manifest manifest = new Manifest(jar.getManifest());
      manifest.getEntries().clear();
      Attributes headers = manifest.getMainAttributes();
      headers.putValue(Constants.BUNDLE_VERSION, version(renaming.qualifier()).toString());
      String[] name = headers.getValue(Constants.BUNDLE_SYMBOLICNAME).split(";", 2);
      headers.putValue(
          Constants.BUNDLE_SYMBOLICNAME,
          name.length == 1 ? renaming.name() : renaming.name() + ";" + name[1]);
      try (OutputStream file = Files.newOutputStream(copy);
          JarOutputStream out = new JarOutputStream(file)) {
        put(out, new JarEntry(JarFile.MANIFEST_NAME), content(manifest));
        for (JarEntry entry : jar.stream().toList()) {
          if (entry.getName().equals(JarFile.MANIFEST_NAME)
              || SIGNATURE.matcher(entry.getName()).matches()) {
            continue;
          }
          JarEntry copied = new JarEntry(entry.getName());
          copied.setTime(entry.getTime());
          try (InputStream in = jar.getInputStream(entry)) {
            put(
                out,
                copied,
                COMPONENT.matcher(entry.getName()).matches()
                    ? PartNames.suffixed(in, renaming.taken(), renaming.suffix())
                    : in.readAllBytes());
          }
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private Version version(String qualifier) {
    Version old = identity().version();
    String joined =
        Stream.of(old.getQualifier(), qualifier)
            .filter(word -> !word.isEmpty())
            .collect(Collectors.joining("-"));
    return new Version(old.getMajor(), old.getMinor(), old.getMicro(), joined);
  }

  private static byte[] content(Manifest manifest) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    manifest.write(bytes);
    return bytes.toByteArray();
  }

  /** Equal builds become equal copies: an entry has no time but that of the build. */
  private static void put(JarOutputStream out, JarEntry entry, byte[] content) throws IOException {
    if (entry.getTime() < 0) {
      entry.setTime(0);
    }
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }

  private RigException unreadable(IOException e) {
    return new RigException(
        e instanceof NoSuchFileException ? file + " has gone" : "cannot read " + file + ": " + e,
        e);
  }
}
