package org.riglab.runs.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.lab.Lab;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;

/** A run's files in a zip file: all but links, optimizer states and superseded weights. */
final class RunArchive {
  private static final String POINTERS = "checkpoints.json";
  private static final Pattern CHECKPOINT = Pattern.compile("\\.?(writing-)?step-\\d+");

  private RunArchive() {}

  /**
   * @param folder of a run that has ended
   * @param zip is made, or nothing is
   */
  static void pack(Path folder, Path zip) {
    if (Files.exists(zip)) {
      throw new RigException(Kind.CONFLICT, zip + " already exists; move it away first");
    }
    List<Path> files;
    try (Stream<Path> tree = Files.walk(folder)) {
      String best = best(folder);
      files =
          tree.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
              .filter(f -> kept(folder.relativize(f), best))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
    AtomicFile.write(
        zip,
        out -> {
          ZipOutputStream packed = new ZipOutputStream(out);
          for (Path file : files) {
            packed.putNextEntry(new ZipEntry(name(folder.relativize(file))));
            Files.copy(file, packed);
            packed.closeEntry();
          }
          packed.finish();
        });
  }

  /** The checkpoint whose weights stay; empty if there is none. */
  private static String best(Path folder) {
    Map<String, Object> pointers = Json.readIfExists(folder.resolve(POINTERS)).orElse(Map.of());
    Object best = pointers.getOrDefault("best", pointers.get("last"));
    return best == null ? "" : best.toString();
  }

  private static boolean kept(Path file, String best) {
    String top = file.getName(0).toString();
    if (file.getNameCount() == 1) {
      return !top.equals(POINTERS);
    }
    return !CHECKPOINT.matcher(top).matches()
        || top.equals(best) && !file.getFileName().toString().startsWith("optimizer.");
  }

  private static String name(Path file) {
    return file.toString().replace('\\', '/');
  }

  /** The files in an archive. */
  static List<Lab.RunFile> files(Path zip) {
    try (ZipFile packed = new ZipFile(zip.toFile())) {
      List<Lab.RunFile> files = new ArrayList<>();
      packed.stream()
          .forEach(entry -> files.add(new Lab.RunFile(entry.getName(), entry.getSize())));
      return files;
    } catch (IOException e) {
      throw FileFailures.reading(zip, e);
    }
  }

  /** Makes the folder, complete or not at all. */
  static void unpack(Path zip, Path folder) {
    if (Files.exists(folder)) {
      throw new RigException(Kind.CONFLICT, folder + " already exists; move it away first");
    }
    Path part = folder.resolveSibling("." + folder.getFileName() + ".restored");
    try (ZipFile packed = new ZipFile(zip.toFile())) {
      Files.createDirectories(part);
      Enumeration<? extends ZipEntry> entries = packed.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        Path file = part.resolve(entry.getName()).normalize();
        if (!file.startsWith(part)) {
          throw new RigException(zip + " has a file outside of it: " + entry.getName());
        }
        Files.createDirectories(file.getParent());
        try (InputStream in = packed.getInputStream(entry);
            OutputStream out = Files.newOutputStream(file)) {
          in.transferTo(out);
        }
      }
      AtomicFile.move(part, folder);
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    }
  }
}
