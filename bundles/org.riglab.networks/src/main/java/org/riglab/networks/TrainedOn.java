package org.riglab.networks;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.inference.Halting;

/**
 * What a network's weights were trained on: what a prediction needs to know besides the weights.
 *
 * @param dataset the data set; its name is empty before the first training
 * @param data its directory; empty for data sets made on the fly
 * @param resize size (H, W) that images were brought to; empty if they were left
 * @param normalization of the pixels
 * @param inputs sizes at which the network sees an image
 * @param classes names and colours
 * @param halting predicts whether another iteration helps
 */
public record TrainedOn(
    PartSpec dataset,
    String data,
    List<Integer> resize,
    Normalization normalization,
    MultiScaleInputs inputs,
    ClassTable classes,
    Halting halting) {
  /** Without a halting head. */
  public TrainedOn(
      PartSpec dataset,
      String data,
      List<Integer> resize,
      Normalization normalization,
      MultiScaleInputs inputs,
      ClassTable classes) {
    this(dataset, data, resize, normalization, inputs, classes, Halting.NONE);
  }

  /**
   * What is assumed before the first training: ImageNet's mean and standard deviation as
   * torchvision's weights expect them, and PASCAL VOC's colours.
   *
   * @param classes how many
   * @return no data set
   */
  public static TrainedOn nothing(int classes) {
    List<ClassTable.Entry> entries = new ArrayList<>();
    for (int label = 0; label < classes; label++) {
      entries.add(new ClassTable.Entry("class " + label, color(label)));
    }
    return new TrainedOn(
        PartSpec.of(""),
        "",
        List.of(),
        Normalization.IMAGENET,
        MultiScaleInputs.SINGLE,
        new ClassTable(entries));
  }

  /**
   * @param other what the weights want to see
   * @return the same with that
   */
  public TrainedOn with(Normalization other) {
    return new TrainedOn(dataset, data, resize, other, inputs, classes, halting);
  }

  /**
   * @param other a halting head
   * @return the same with that
   */
  public TrainedOn with(Halting other) {
    return new TrainedOn(dataset, data, resize, normalization, inputs, classes, other);
  }

  /**
   * @param other names and colours
   * @return the same with those; further classes keep theirs
   * @throws RigException if there are more of them than the network has
   */
  public TrainedOn with(ClassTable other) {
    if (other.size() > classes.size()) {
      throw new RigException(
          "the network has %d classes, the data set has %d; assemble it with classes %d"
              .formatted(classes.size(), other.size(), other.size()));
    }
    List<ClassTable.Entry> entries = new ArrayList<>(other.entries());
    entries.addAll(classes.entries().subList(other.size(), classes.size()));
    return new TrainedOn(dataset, data, resize, normalization, inputs, new ClassTable(entries));
  }

  // VOC's devkit spreads the bits of the label over the high bits of red, green and blue.
  private static int color(int label) {
    int rgb = 0;
    for (int bit = 0; bit < 8; bit++) {
      int high = 7 - bit / 3;
      int shift = new int[] {16, 8, 0}[bit % 3];
      rgb |= (label >> bit & 1) << high + shift;
    }
    return rgb;
  }
}
