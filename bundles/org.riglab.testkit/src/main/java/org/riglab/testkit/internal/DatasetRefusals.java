package org.riglab.testkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;
import org.riglab.testkit.internal.Check.Outcome;

/** What a data set must refuse, in one clear line: wrong requests, wrong folders, damaged files. */
final class DatasetRefusals {
  private static final long SMALL = 32L << 20; // folders up to this are copied and broken

  private DatasetRefusals() {}

  static Outcome range(DatasetSubject subject) {
    Images images = Reading.open(subject);
    String name = images.splits().get(0);
    Split split = Reading.split(images, name);
    for (int index : new int[] {-1, split.size()}) {
      refused(
          "sample(%d) of %s, which has %d images,".formatted(index, name, split.size()),
          () -> split.sample(index),
          true);
    }
    refused("split('no-such-split')", () -> images.split("no-such-split"), false);
    return Outcome.PASSED;
  }

  private static void refused(String what, Callable<?> call, boolean index) {
    try {
      call.call();
    } catch (RigException e) {
      clear(what, e);
      return;
    } catch (IndexOutOfBoundsException e) {
      if (index) {
        return;
      }
      throw new Broken(what + " " + Broken.words(e) + "; expected a RigException");
    } catch (Exception e) {
      throw new Broken(
          what
              + " "
              + Broken.words(e)
              + "; expected "
              + (index ? "an IndexOutOfBoundsException" : "a RigException that names the splits"));
    }
    throw new Broken(what + " returns a value; expected an exception");
  }

  private static void clear(String what, RigException e) {
    Broken.unless(
        e.getMessage() != null && !e.getMessage().isBlank() && e.getMessage().lines().count() == 1,
        "%s says '%s'; expected one line: what is wrong, where, and what is expected",
        what,
        e.getMessage());
  }

  static Outcome folder(DatasetSubject subject) throws IOException {
    boolean needs = Reading.needsFolder(subject);
    if (!needs) {
      return Outcome.passed("it needs no folder");
    }
    Path folder = Files.createTempDirectory("riglab-contract");
    try {
      Path missing = folder.resolve("missing");
      refusesFolder(subject, missing, "a folder that is not there");
      refusesFolder(subject, Files.createDirectory(folder.resolve("empty")), "an empty folder");
      if (subject.directory().isEmpty()) {
        return Outcome.note(
            "it requires a folder, and none was given: broken files were not tried");
      }
      Path root = subject.directory().get();
      if (size(root) > SMALL) {
        return Outcome.passed("the folder is too large to be copied: broken files were not tried");
      }
      Path copy = folder.resolve("broken");
      int broken = breakImages(root, copy);
      if (broken > 0) {
        refusesSample(subject, copy);
      }
      return Outcome.PASSED;
    } finally {
      delete(folder);
    }
  }

  private static void refusesFolder(DatasetSubject subject, Path folder, String what) {
    try {
      subject.open(Optional.of(folder));
    } catch (RigException e) {
      clear("open with " + what, e);
      Broken.unless(
          e.getMessage().contains(folder.getFileName().toString()),
          "open with %s says '%s', which does not name the folder or file",
          what,
          e.getMessage());
      return;
    } catch (Exception e) {
      throw new Broken(
          "open with "
              + what
              + " "
              + Broken.words(e)
              + "; expected a RigException that says what was expected where");
    }
    throw new Broken(
        "open with "
            + what
            + " gives a data set; expected a RigException that says what was"
            + " expected where");
  }

  private static void refusesSample(DatasetSubject subject, Path folder) {
    try {
      Images images = subject.open(Optional.of(folder));
      images.split(images.splits().get(0)).sample(0);
    } catch (RigException e) {
      clear("a broken image file", e);
      return;
    } catch (Exception e) {
      throw new Broken(
          "a broken image file " + Broken.words(e) + "; expected a RigException that names it");
    }
    throw new Broken(
        "a broken image file is read as if it were whole; expected a RigException that names"
            + " it");
  }

  private static long size(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      long size = 0;
      for (Path file : (Iterable<Path>) files::iterator) {
        size += Files.isRegularFile(file) ? Files.size(file) : 0;
        if (size > SMALL) {
          break;
        }
      }
      return size;
    }
  }

  /** Copies a folder; of each image only the first bytes. */
  private static int breakImages(Path root, Path copy) throws IOException {
    int broken = 0;
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = copy.resolve(root.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else if (file.toString()
            .toLowerCase(Locale.ROOT)
            .matches(".*[.](png|jpe?g|bmp|gif|tiff?)")) {
          byte[] all = Files.readAllBytes(file);
          Files.write(target, Arrays.copyOf(all, Math.min(24, all.length)));
          broken++;
        } else {
          Files.copy(file, target);
        }
      }
    }
    return broken;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}
