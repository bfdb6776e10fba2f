package org.riglab.testkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.testkit.internal.Check.Outcome;

/** What must not depend on reading before: samples in any order and thread, and open files. */
final class RepeatedReads {
  private static final int THREAD_COUNT = 4;

  private RepeatedReads() {}

  private static boolean equal(Sample a, Sample b) {
    return a.id().equals(b.id())
        && a.height() == b.height()
        && a.width() == b.width()
        && Arrays.equals(a.image(), b.image())
        && Arrays.equals(a.label(), b.label());
  }

  static Outcome random(DatasetSubject subject) {
    Images images = Reading.open(subject);
    for (String name : images.splits()) {
      Split split = Reading.split(images, name);
      List<Integer> indices = Reading.some(split);
      List<Sample> inOrder = indices.stream().map(i -> Reading.sample(split, name, i)).toList();
      Split again = Reading.split(Reading.open(subject), name);
      List<Integer> shuffled = new ArrayList<>(indices);
      Collections.shuffle(shuffled, new Random(1));
      for (Split other : List.of(split, again)) {
        for (int index : shuffled) {
          Broken.unless(
              equal(inOrder.get(indices.indexOf(index)), Reading.sample(other, name, index)),
              "sample %d of %s is another one when it is read again, in another order%s; expected"
                  + " that it depends on its index alone",
              index,
              name,
              other == again ? ", from the data set opened again" : "");
        }
      }
    }
    return Outcome.PASSED;
  }

  static Outcome threads(DatasetSubject subject) throws InterruptedException {
    Images images = Reading.open(subject);
    ExecutorService executor = Executors.newFixedThreadPool(THREAD_COUNT);
    try {
      for (String name : images.splits()) {
        Split split = Reading.split(images, name);
        List<Integer> indices = Reading.some(split);
        List<Sample> inOrder = indices.stream().map(i -> Reading.sample(split, name, i)).toList();
        List<Callable<Integer>> readers = new ArrayList<>();
        for (int thread = 0; thread < THREAD_COUNT; thread++) {
          List<Integer> order = new ArrayList<>(indices);
          Collections.rotate(order, thread);
          readers.add(
              () ->
                  order.stream()
                      .filter(
                          i ->
                              !equal(
                                  inOrder.get(indices.indexOf(i)), Reading.sample(split, name, i)))
                      .findFirst()
                      .orElse(-1));
        }
        for (Future<Integer> reader : executor.invokeAll(readers)) {
          Broken.unless(
              reader.get() < 0,
              "sample %d of %s is another one when %d threads read at once; keep no state in"
                  + " fields",
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

  static Outcome files(DatasetSubject subject) throws IOException {
    if (subject.directory().isEmpty()) {
      return Outcome.passed("it reads no files");
    }
    Path descriptors = Path.of("/proc/self/fd");
    if (!Files.isDirectory(descriptors)) {
      return Outcome.note("this system does not list open files: not checked");
    }
    Path root = subject.directory().get().toRealPath();
    Set<Path> before = open(descriptors, root);
    Reading.each(subject, (where, split, index, sample) -> {});
    Set<Path> after = open(descriptors, root);
    after.removeAll(before);
    Broken.unless(
        after.isEmpty(),
        "%s is still open after its sample was read; use try-with-resources",
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
}
