package org.riglab.networks.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Split;

/** What is worth a word about the images of a split that can be read. */
final class SplitFindings {
  /** Of many classes that never occur, so many are named. */
  private static final int NAMED = 8;

  private final String name;
  private final Split split;
  private final ClassTable classes;
  private final long[] pixels;

  /** The first image of each content. */
  private final Map<String, String> contents = new LinkedHashMap<>();

  private final Kind unlabelled = new Kind("has no labelled pixel", "have no labelled pixel");
  private final Kind single = new Kind("has a single class", "have a single class");
  private final Kind remarked = new Kind("", "have such a warning");

  /**
   * @param name of the split
   * @param split the images
   * @param classes by label
   */
  SplitFindings(String name, Split split, ClassTable classes) {
    this.name = name;
    this.split = split;
    this.classes = classes;
    this.pixels = new long[classes.size() + 1];
  }

  String name() {
    return name;
  }

  /**
   * @param index of an image without errors
   * @param counts pixels of each class, then of void
   * @param content digest of its pixels
   * @param remarks of the data set
   */
  void add(int index, long[] counts, String content, List<String> remarks) {
    Arrays.setAll(pixels, c -> pixels[c] + counts[c]);
    contents.putIfAbsent(content, split.id(index));
    int[] found = IntStream.range(0, classes.size()).filter(c -> counts[c] > 0).toArray();
    if (found.length == 0) {
      unlabelled.add(split.id(index));
    } else if (found.length == 1 && classes.size() > 1) {
      single.add("%s (%s)".formatted(split.id(index), classes.entries().get(found[0]).name()));
    }
    remarks.forEach(remarked::add);
  }

  /** A line per kind of finding. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(split.remarks());
    if (remarked.count > 0) {
      lines.add(remarked.first + (remarked.count > 1 ? "; so have " + others(remarked) : ""));
    }
    unlabelled.line(lines, split.size());
    single.line(lines, split.size());
    return lines;
  }

  private static String others(Kind kind) {
    return kind.count == 2 ? "1 other image" : kind.count - 1 + " other images";
  }

  /** Images of one kind. */
  private static final class Kind {
    private final String one;
    private final String many;
    private String first = "";
    private int count;

    Kind(String one, String many) {
      this.one = one;
      this.many = many;
    }

    void add(String image) {
      first = count == 0 ? image : first;
      count++;
    }

    void line(List<String> lines, int of) {
      if (count == 1) {
        lines.add(first + " " + one);
      } else if (count > 1) {
        lines.add("%d of %d images %s, for example %s".formatted(count, of, many, first));
      }
    }
  }

  /**
   * @param classes by label
   * @param splits all of them
   * @return what is worth a word about the classes
   */
  static List<String> classes(ClassTable classes, List<SplitFindings> splits) {
    long[] pixels = new long[classes.size() + 1];
    splits.forEach(split -> Arrays.setAll(pixels, c -> pixels[c] + split.pixels[c]));
    int[] absent = IntStream.range(0, classes.size()).filter(c -> pixels[c] == 0).toArray();
    int present = classes.size() - absent.length;
    List<String> lines = new ArrayList<>();
    if (present == 0) {
      return lines;
    }
    if (absent.length > 0) {
      List<String> names =
          IntStream.of(absent)
              .limit(NAMED)
              .mapToObj(c -> "%d (%s)".formatted(c, classes.entries().get(c).name()))
              .toList();
      lines.add(
          "class%s %s%s never occur%s"
              .formatted(
                  absent.length == 1 ? "" : "es",
                  String.join(", ", names),
                  absent.length > NAMED ? " and %d more".formatted(absent.length - NAMED) : "",
                  absent.length == 1 ? "s" : ""));
    }
    if (present == 1 && pixels[classes.size()] > 0) {
      int only =
          IntStream.range(0, classes.size()).filter(c -> pixels[c] > 0).findFirst().orElse(0);
      lines.add(
          "every label is %d (%s) or 255, and 255 is void, which is not scored; if 255 is a"
                  .formatted(only, classes.entries().get(only).name())
              + " class, map it in the data set's table, for example \"mapping\": {\"0\": ...,"
              + " \"255\": ...}");
    }
    return lines;
  }

  /**
   * Finds images that are in two splits by content. The first split is for training, the second for
   * validation. Others may be made of these: they hold all of one or nothing, or something is
   * wrong.
   *
   * @param splits all of them
   * @param lines gets the name of a split and a line
   */
  static void overlaps(List<SplitFindings> splits, BiConsumer<String, String> lines) {
    for (int a = 0; a < Math.min(2, splits.size()); a++) {
      for (int b = a + 1; b < splits.size(); b++) {
        Map<String, String> first = splits.get(a).contents;
        Map<String, String> second = splits.get(b).contents;
        Set<String> shared = new LinkedHashSet<>(second.keySet());
        shared.retainAll(first.keySet());
        boolean whole = shared.size() == Math.min(first.size(), second.size()) && b > 1;
        if (!shared.isEmpty() && !whole) {
          String example = shared.iterator().next();
          String here = second.get(example);
          String there = first.get(example);
          lines.accept(
              splits.get(b).name,
              "%d of %d images are in %s too, for example %s%s"
                  .formatted(
                      shared.size(),
                      splits.get(b).split.size(),
                      splits.get(a).name,
                      here,
                      here.equals(there) ? "" : ", which is " + there + " there"));
        }
      }
    }
  }
}
