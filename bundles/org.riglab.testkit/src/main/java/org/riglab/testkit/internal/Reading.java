package org.riglab.testkit.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.api.RigException;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/**
 * Reads data sets as the checks do: what a data set throws or leaves out is its fault, in words.
 */
final class Reading {
  static final int SAMPLES = 8; // per split: data sets can be large

  private Reading() {}

  /** Whether it cannot be opened without a folder. */
  static boolean needsFolder(DatasetSubject subject) {
    try {
      subject.open(Optional.empty());
      return false;
    } catch (RigException e) {
      return true;
    }
  }

  /** The data set, opened where the test found its files. */
  static Images open(DatasetSubject subject) {
    Images images = Broken.unless("open", () -> subject.open());
    Broken.unless(images != null, "open returns null");
    return images;
  }

  static Split split(Images images, String name) {
    Split split = Broken.unless("split(%s)".formatted(name), () -> images.split(name));
    Broken.unless(split != null, "split(%s) returns null", name);
    return split;
  }

  static Sample sample(Split split, String name, int index) {
    Sample sample =
        Broken.unless("sample(%d) of %s".formatted(index, name), () -> split.sample(index));
    Broken.unless(sample != null, "sample(%d) of %s is null", index, name);
    return sample;
  }

  /** Indices all over a split, first and last among them. */
  static List<Integer> some(Split split) {
    Set<Integer> indices = new TreeSet<>();
    for (int i = 0; i < SAMPLES; i++) {
      indices.add((int) ((long) i * (split.size() - 1) / (SAMPLES - 1)));
    }
    return split.size() == 0 ? List.of() : List.copyOf(indices);
  }

  /** Ids in the order of the split. */
  static List<String> ids(Split split) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < split.size(); i++) {
      int index = i;
      ids.add(Broken.unless("id(%d)".formatted(i), () -> split.id(index)));
    }
    return ids;
  }

  /** Is given samples of every split. */
  interface Look {
    void at(String where, Split split, int index, Sample sample);
  }

  /** Looks at some samples of every split. */
  static void each(DatasetSubject subject, Look look) {
    Images images = open(subject);
    for (String name : images.splits()) {
      Split split = split(images, name);
      for (int index : some(split)) {
        Sample sample = sample(split, name, index);
        look.at("sample %d of %s (%s)".formatted(index, name, sample.id()), split, index, sample);
      }
    }
  }
}
