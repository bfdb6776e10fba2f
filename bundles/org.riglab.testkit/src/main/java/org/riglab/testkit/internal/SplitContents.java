package org.riglab.testkit.internal;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;
import org.riglab.testkit.internal.Check.Outcome;

/** What is in the splits of a data set: classes, ids, images and labels. */
final class SplitContents {
  private SplitContents() {}

  static Outcome layout(DatasetSubject subject) {
    Images images = Reading.open(subject);
    ClassTable classes = images.classes();
    Broken.unless(
        ClassTable.allows(classes.size()),
        "there are %d classes; expected 2 to 255, void is none of them",
        classes.size());
    Set<String> names = new HashSet<>();
    for (ClassTable.Entry entry : classes.entries()) {
      Broken.unless(
          entry.name() != null && !entry.name().isBlank() && names.add(entry.name()),
          "the class name '%s' is empty or used twice; expected one name per class",
          entry.name());
      Broken.unless(
          entry.rgb() >= 0 && entry.rgb() <= 0xFFFFFF,
          "the colour of class %s is %x; expected 0xRRGGBB",
          entry.name(),
          entry.rgb());
    }
    Broken.unless(
        !images.splits().isEmpty()
            && new HashSet<>(images.splits()).size() == images.splits().size(),
        "the splits are %s; expected one or more different names, training first",
        images.splits());
    for (String name : images.splits()) {
      Split split = Reading.split(images, name);
      Broken.unless(split.size() > 0, "split %s is empty", name);
      String print = Broken.unless("fingerprint", split::fingerprint);
      Broken.unless(
          print != null && print.matches("[0-9a-f]{64}"),
          "the fingerprint of %s is '%s'; expected a SHA-256 in hexadecimal",
          name,
          print);
      String again = Reading.split(Reading.open(subject), name).fingerprint();
      Broken.unless(
          print.equals(again),
          "the fingerprint of %s is another one when the data set is opened again; expected a"
              + " digest of images, labels and order only",
          name);
    }
    return Outcome.PASSED;
  }

  static Outcome ids(DatasetSubject subject) {
    Images images = Reading.open(subject);
    Images again = Reading.open(subject);
    for (String name : images.splits()) {
      List<String> ids = Reading.ids(Reading.split(images, name));
      Set<String> seen = new HashSet<>();
      for (String id : ids) {
        Broken.unless(
            id != null && !id.isBlank() && !id.matches(".*[/\\\\\0].*|[.]{1,2}"),
            "split %s has the id '%s'; expected a name that is fit for a file",
            name,
            id);
        Broken.unless(seen.add(id), "split %s has the id %s twice", name, id);
      }
      Broken.unless(
          ids.equals(Reading.ids(Reading.split(again, name))),
          "split %s has other ids, or another order, when the data set is opened again; sort what"
              + " a folder lists",
          name);
    }
    return Outcome.PASSED;
  }

  static Outcome disjoint(DatasetSubject subject) {
    Images images = Reading.open(subject);
    if (images.splits().size() < 2) {
      return Outcome.passed("there is one split only");
    }
    String first = images.splits().get(0);
    String second = images.splits().get(1);
    Split training = Reading.split(images, first);
    Split validation = Reading.split(images, second);
    List<String> ids = Reading.ids(training);
    int compared = 0;
    for (int i = 0; i < validation.size() && compared < Reading.SAMPLES; i++) {
      int same = ids.indexOf(validation.id(i));
      if (same >= 0) {
        compared++;
        Broken.unless(
            !Arrays.equals(
                Reading.sample(training, first, same).image(),
                Reading.sample(validation, second, i).image()),
            "image %s is in %s and in %s; training images must not be used for validation",
            validation.id(i),
            first,
            second);
      }
    }
    for (int i : Reading.some(training)) {
      byte[] image = Reading.sample(training, first, i).image();
      for (int k : Reading.some(validation)) {
        Broken.unless(
            !Arrays.equals(image, Reading.sample(validation, second, k).image()),
            "image %s of %s is image %s of %s; training images must not be used for validation",
            training.id(i),
            first,
            validation.id(k),
            second);
      }
    }
    return Outcome.PASSED;
  }

  static Outcome sizes(DatasetSubject subject) {
    Reading.each(
        subject,
        (where, split, index, sample) -> {
          Broken.unless(
              split.id(index).equals(sample.id()),
              "%s has another id than id(%d), which returns %s",
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
              "%s has an image of %d bytes; expected %d, %dx%d pixels of red, green, blue",
              where,
              sample.image() == null ? 0 : sample.image().length,
              3 * pixels,
              sample.height(),
              sample.width());
          Broken.unless(
              sample.label() != null && sample.label().length == pixels,
              "%s has a label of %d bytes; expected %d, one for each of %dx%d pixels",
              where,
              sample.label() == null ? 0 : sample.label().length,
              pixels,
              sample.height(),
              sample.width());
        });
    return Outcome.PASSED;
  }

  static Outcome labels(DatasetSubject subject) {
    int classes = Reading.open(subject).classes().size();
    Set<Integer> seen = new TreeSet<>();
    Reading.each(
        subject,
        (where, split, index, sample) -> {
          for (int i = 0; i < sample.label().length; i++) {
            int label = Byte.toUnsignedInt(sample.label()[i]);
            Broken.unless(
                label < classes || label == Dataset.VOID,
                "%s has label %d in row %d, column %d; expected 0 to %d, or 255 for void",
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
}
