package org.riglab.testkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of data sets. */
public final class DatasetChecks {
  /** Classes, splits and fingerprints. */
  public static final Check<DatasetSubject> LAYOUT =
      check("splitsAndClassesAreNamed", DatasetChecks::layout);

  /** An id names one image, today and tomorrow. */
  public static final Check<DatasetSubject> IDS =
      check("idsAreUniqueAndStable", DatasetChecks::ids);

  /** What is tested on was not trained on. */
  public static final Check<DatasetSubject> DISJOINT =
      check("splitsAreDisjoint", DatasetChecks::disjoint);

  /** Image and label have the size that the sample says. */
  public static final Check<DatasetSubject> SIZES =
      check("imageAndLabelFitTheirSize", DatasetChecks::sizes);

  /** Labels are classes. */
  public static final Check<DatasetSubject> LABELS =
      check("labelsAreClassesOrVoid", DatasetChecks::labels);

  /** A sample does not depend on what was read before. */
  public static final Check<DatasetSubject> RANDOM =
      check("samplesAreTheSameInAnyOrder", DatasetChecks::random);

  /** Several threads read at once. */
  public static final Check<DatasetSubject> THREADS =
      check("samplesAreTheSameInAnyThread", DatasetChecks::threads);

  /** What is not there is refused. */
  public static final Check<DatasetSubject> RANGE =
      check("whatIsNotThereIsRefused", DatasetChecks::range);

  /** Files are closed. */
  public static final Check<DatasetSubject> FILES = check("holdsNoFilesOpen", DatasetChecks::files);

  /** A wrong or broken folder is one clear line. */
  public static final Check<DatasetSubject> FOLDER =
      new Check<>("brokenFolderIsOneClearLine", DatasetChecks::folder);

  /** All checks. */
  public static final List<Check<DatasetSubject>> ALL =
      List.of(LAYOUT, IDS, DISJOINT, SIZES, LABELS, RANDOM, THREADS, RANGE, FILES, FOLDER);

  private static final int SAMPLES = 8; // per split: data sets can be large
  private static final long SMALL = 32L << 20; // folders up to this are copied and broken
  private static final int THREAD_COUNT = 4;

  private DatasetChecks() {}

  /** A check that needs an open data set. */
  private static Check<DatasetSubject> check(String name, Check.Body<DatasetSubject> body) {
    return new Check<>(
        name,
        subject -> {
          if (subject.directory().isEmpty() && needsFolder(subject)) {
            return Outcome.note("it needs a folder, and none was given: nothing was looked at");
          }
          return body.run(subject);
        });
  }

  private static boolean needsFolder(DatasetSubject subject) {
    try {
      subject.open(Optional.empty());
      return false;
    } catch (RigException e) {
      return true;
    }
  }

  private static Images open(DatasetSubject subject) {
    Images images = Broken.unless("open", () -> subject.open());
    Broken.unless(images != null, "open returns null");
    return images;
  }

  private static Split split(Images images, String name) {
    Split split = Broken.unless("split(%s)".formatted(name), () -> images.split(name));
    Broken.unless(split != null, "split(%s) returns null", name);
    return split;
  }

  private static Sample sample(Split split, String name, int index) {
    Sample sample =
        Broken.unless("sample(%d) of %s".formatted(index, name), () -> split.sample(index));
    Broken.unless(sample != null, "sample(%d) of %s is null", index, name);
    return sample;
  }

  /** Indices all over a split, first and last among them. */
  private static List<Integer> some(Split split) {
    Set<Integer> indices = new TreeSet<>();
    for (int i = 0; i < SAMPLES; i++) {
      indices.add((int) ((long) i * (split.size() - 1) / (SAMPLES - 1)));
    }
    return split.size() == 0 ? List.of() : List.copyOf(indices);
  }

  private static Outcome layout(DatasetSubject subject) {
    Images images = open(subject);
    ClassTable classes = images.classes();
    Broken.unless(
        classes.size() >= 2 && classes.size() <= 255,
        "there are %d classes; right would be 2 to 255, void is none of them",
        classes.size());
    Set<String> names = new HashSet<>();
    for (ClassTable.Entry entry : classes.entries()) {
      Broken.unless(
          entry.name() != null && !entry.name().isBlank() && names.add(entry.name()),
          "the class name '%s' is empty or there twice; right would be one name per class",
          entry.name());
      Broken.unless(
          entry.rgb() >= 0 && entry.rgb() <= 0xFFFFFF,
          "the colour of class %s is %x; right would be 0xRRGGBB",
          entry.name(),
          entry.rgb());
    }
    Broken.unless(
        !images.splits().isEmpty()
            && new HashSet<>(images.splits()).size() == images.splits().size(),
        "the splits are %s; right would be one or more different names, training first",
        images.splits());
    for (String name : images.splits()) {
      Split split = split(images, name);
      Broken.unless(split.size() > 0, "split %s is empty", name);
      String print = Broken.unless("fingerprint", split::fingerprint);
      Broken.unless(
          print != null && print.matches("[0-9a-f]{64}"),
          "the fingerprint of %s is '%s'; right would be a SHA-256 in hexadecimal",
          name,
          print);
      String again = split(open(subject), name).fingerprint();
      Broken.unless(
          print.equals(again),
          "the fingerprint of %s is another one when the data set is opened again; right would be"
              + " a digest of images, labels and order alone",
          name);
    }
    return Outcome.PASSED;
  }

  private static List<String> ids(Split split) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < split.size(); i++) {
      int index = i;
      ids.add(Broken.unless("id(%d)".formatted(i), () -> split.id(index)));
    }
    return ids;
  }

  private static Outcome ids(DatasetSubject subject) {
    Images images = open(subject);
    Images again = open(subject);
    for (String name : images.splits()) {
      List<String> ids = ids(split(images, name));
      Set<String> seen = new HashSet<>();
      for (String id : ids) {
        Broken.unless(
            id != null && !id.isBlank() && !id.matches(".*[/\\\\\0].*|[.]{1,2}"),
            "split %s has the id '%s'; right would be a name that is fit for a file",
            name,
            id);
        Broken.unless(seen.add(id), "split %s has the id %s twice", name, id);
      }
      Broken.unless(
          ids.equals(ids(split(again, name))),
          "split %s has other ids, or another order, when the data set is opened again; sort what"
              + " a folder lists",
          name);
    }
    return Outcome.PASSED;
  }

  private static Outcome disjoint(DatasetSubject subject) {
    Images images = open(subject);
    if (images.splits().size() < 2) {
      return Outcome.passed("there is one split only");
    }
    String first = images.splits().get(0);
    String second = images.splits().get(1);
    Split training = split(images, first);
    Split validation = split(images, second);
    List<String> ids = ids(training);
    int compared = 0;
    for (int i = 0; i < validation.size() && compared < SAMPLES; i++) {
      int same = ids.indexOf(validation.id(i));
      if (same >= 0) {
        compared++;
        Broken.unless(
            !Arrays.equals(
                sample(training, first, same).image(), sample(validation, second, i).image()),
            "image %s is in %s and in %s; right would be that what is trained on is not validated on",
            validation.id(i),
            first,
            second);
      }
    }
    for (int i : some(training)) {
      byte[] image = sample(training, first, i).image();
      for (int k : some(validation)) {
        Broken.unless(
            !Arrays.equals(image, sample(validation, second, k).image()),
            "image %s of %s is image %s of %s; right would be that what is trained on is not"
                + " validated on",
            training.id(i),
            first,
            validation.id(k),
            second);
      }
    }
    return Outcome.PASSED;
  }

  /** Is given samples of every split. */
  private interface Look {
    void at(String where, Split split, int index, Sample sample);
  }

  private static void each(DatasetSubject subject, Look look) {
    Images images = open(subject);
    for (String name : images.splits()) {
      Split split = split(images, name);
      for (int index : some(split)) {
        Sample sample = sample(split, name, index);
        look.at("sample %d of %s (%s)".formatted(index, name, sample.id()), split, index, sample);
      }
    }
  }

  private static Outcome sizes(DatasetSubject subject) {
    each(
        subject,
        (where, split, index, sample) -> {
          Broken.unless(
              split.id(index).equals(sample.id()),
              "%s calls itself that, but id(%d) says %s",
              where,
              index,
              split.id(index));
          long pixels = (long) sample.height() * sample.width();
          Broken.unless(
              sample.height() > 0 && sample.width() > 0,
              "%s is %dx%d pixels",
              where,
              sample.height(),
              sample.width());
          Broken.unless(
              sample.image() != null && sample.image().length == 3 * pixels,
              "%s has an image of %d bytes; right would be %d, %dx%d pixels of red, green, blue",
              where,
              sample.image() == null ? 0 : sample.image().length,
              3 * pixels,
              sample.height(),
              sample.width());
          Broken.unless(
              sample.label() != null && sample.label().length == pixels,
              "%s has a label of %d bytes; right would be %d, one for each of %dx%d pixels",
              where,
              sample.label() == null ? 0 : sample.label().length,
              pixels,
              sample.height(),
              sample.width());
        });
    return Outcome.PASSED;
  }

  private static Outcome labels(DatasetSubject subject) {
    int classes = open(subject).classes().size();
    Set<Integer> seen = new TreeSet<>();
    each(
        subject,
        (where, split, index, sample) -> {
          for (int i = 0; i < sample.label().length; i++) {
            int label = Byte.toUnsignedInt(sample.label()[i]);
            Broken.unless(
                label < classes || label == Dataset.VOID,
                "%s has label %d in row %d, column %d; right would be 0 to %d, or 255 for void",
                where,
                label,
                i / sample.width(),
                i % sample.width(),
                classes - 1);
            seen.add(label);
          }
        });
    seen.remove(Dataset.VOID);
    return seen.size() < 2
        ? Outcome.note(
            "in the samples that were read only class %s occurs; are labels read as indices?"
                .formatted(seen))
        : Outcome.passed("%d of %d classes seen".formatted(seen.size(), classes));
  }

  private static boolean equal(Sample a, Sample b) {
    return a.id().equals(b.id())
        && a.height() == b.height()
        && a.width() == b.width()
        && Arrays.equals(a.image(), b.image())
        && Arrays.equals(a.label(), b.label());
  }

  private static Outcome random(DatasetSubject subject) {
    Images images = open(subject);
    for (String name : images.splits()) {
      Split split = split(images, name);
      List<Integer> indices = some(split);
      List<Sample> inOrder = indices.stream().map(i -> sample(split, name, i)).toList();
      Split again = split(open(subject), name);
      List<Integer> shuffled = new ArrayList<>(indices);
      Collections.shuffle(shuffled, new Random(1));
      for (Split other : List.of(split, again)) {
        for (int index : shuffled) {
          Broken.unless(
              equal(inOrder.get(indices.indexOf(index)), sample(other, name, index)),
              "sample %d of %s is another one when it is read again, in another order%s; right"
                  + " would be that it depends on its index alone",
              index,
              name,
              other == again ? ", from the data set opened again" : "");
        }
      }
    }
    return Outcome.PASSED;
  }

  private static Outcome threads(DatasetSubject subject) throws InterruptedException {
    Images images = open(subject);
    ExecutorService executor = Executors.newFixedThreadPool(THREAD_COUNT);
    try {
      for (String name : images.splits()) {
        Split split = split(images, name);
        List<Integer> indices = some(split);
        List<Sample> inOrder = indices.stream().map(i -> sample(split, name, i)).toList();
        List<Callable<Integer>> readers = new ArrayList<>();
        for (int thread = 0; thread < THREAD_COUNT; thread++) {
          List<Integer> order = new ArrayList<>(indices);
          Collections.rotate(order, thread);
          readers.add(
              () ->
                  order.stream()
                      .filter(i -> !equal(inOrder.get(indices.indexOf(i)), sample(split, name, i)))
                      .findFirst()
                      .orElse(-1));
        }
        for (Future<Integer> reader : executor.invokeAll(readers)) {
          Broken.unless(
              reader.get() < 0,
              "sample %d of %s is another one when %d threads read at once; right would be to keep"
                  + " nothing in fields that a call writes",
              reader.get(),
              name,
              THREAD_COUNT);
        }
      }
      return Outcome.PASSED;
    } catch (ExecutionException e) {
      throw new Broken(
          "when %d threads read at once, %s".formatted(THREAD_COUNT, Broken.words(e.getCause())));
    } finally {
      executor.shutdown();
    }
  }

  private static Outcome range(DatasetSubject subject) {
    Images images = open(subject);
    String name = images.splits().get(0);
    Split split = split(images, name);
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
      throw new Broken(what + " " + Broken.words(e) + "; right would be a RigException");
    } catch (Exception e) {
      throw new Broken(
          what
              + " "
              + Broken.words(e)
              + "; right would be "
              + (index ? "an IndexOutOfBoundsException" : "a RigException that names the splits"));
    }
    throw new Broken(what + " gives something; right would be to throw");
  }

  private static void clear(String what, RigException e) {
    Broken.unless(
        e.getMessage() != null && !e.getMessage().isBlank() && e.getMessage().lines().count() == 1,
        "%s says '%s'; right would be one line: what, where, what would be right",
        what,
        e.getMessage());
  }

  private static Outcome files(DatasetSubject subject) throws IOException {
    if (subject.directory().isEmpty()) {
      return Outcome.passed("it reads no files");
    }
    Path descriptors = Path.of("/proc/self/fd");
    if (!Files.isDirectory(descriptors)) {
      return Outcome.note("this system does not say which files are open: not looked at");
    }
    Path root = subject.directory().get().toRealPath();
    Set<Path> before = open(descriptors, root);
    each(subject, (where, split, index, sample) -> {});
    Set<Path> after = open(descriptors, root);
    after.removeAll(before);
    Broken.unless(
        after.isEmpty(),
        "%s is still open after its sample was read; right would be to read in try-with-resources",
        after.stream().findFirst().map(root::relativize).orElse(null));
    return Outcome.PASSED;
  }

  private static Set<Path> open(Path descriptors, Path root) throws IOException {
    Set<Path> open = new TreeSet<>();
    try (Stream<Path> links = Files.list(descriptors)) {
      for (Path link : (Iterable<Path>) links::iterator) {
        try {
          Path target = Files.readSymbolicLink(link);
          if (target.startsWith(root)) {
            open.add(target);
          }
        } catch (IOException e) {
          continue; // closed meanwhile
        }
      }
    }
    return open;
  }

  private static Outcome folder(DatasetSubject subject) throws IOException {
    boolean needs = needsFolder(subject);
    if (!needs) {
      return Outcome.passed("it needs no folder");
    }
    Path folder = Files.createTempDirectory("riglab-contract");
    try {
      Path missing = folder.resolve("missing");
      refusesFolder(subject, missing, "a folder that is not there");
      refusesFolder(subject, Files.createDirectory(folder.resolve("empty")), "an empty folder");
      if (subject.directory().isEmpty()) {
        return Outcome.note("it needs a folder, and none was given: broken files were not tried");
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
              + "; right would be a RigException that says what was expected where");
    }
    throw new Broken(
        "open with "
            + what
            + " gives a data set; right would be a RigException that says what was"
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
          "a broken image file "
              + Broken.words(e)
              + "; right would be a RigException that names it");
    }
    throw new Broken(
        "a broken image file is read as if it were whole; right would be a RigException that names it");
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
            .toLowerCase(java.util.Locale.ROOT)
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
