package org.riglab.backbones.internal;

import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.network.Stage;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Layer;

/**
 * Lines up the blocks of a backbone in front of a classifier, and keeps the skips that it fuses.
 */
final class Stages {
  private static final int WIDEST = 1024;

  private final Classifier classifier;
  private final List<Stage> stages = new ArrayList<>();
  private final List<Stage> kept = new ArrayList<>();

  Stages(Classifier classifier) {
    this.classifier = classifier;
  }

  /**
   * @param name of the backbone, for error messages
   * @param width channels of the first block
   */
  static void checkWidth(String name, int width) {
    if (width < 1 || width > WIDEST) {
      throw new RigException(
          "backbone %s: width must be 1 to %d, not %d".formatted(name, WIDEST, width));
    }
  }

  /**
   * Adds a block; at most one of each stride.
   *
   * @param name how listings show it
   * @param path what leads to its parameters, for example {@code backbone.layer3}
   */
  void add(String name, String path, Layer block, int in, int out, int stride) {
    if (classifier.fuses(stride)) {
      Stage stage = new Stage(name, "", new Keep(path, block), in, out, stride);
      stages.add(stage);
      kept.add(stage);
    } else {
      stages.add(new Stage(name, path + ".", block, in, out, stride));
    }
  }

  /** Adds the classifier and returns all. */
  List<Stage> classify(int classes) {
    Stage last = stages.get(stages.size() - 1);
    int in = last.outputChannels();
    Stage end =
        switch (classifier) {
          case FCN -> stage("classifier.", Conv2d.withBias(in, classes, 1, 1), last, classes);
          case ASPP -> stage("classifier.", new Aspp(in, classes), last, classes);
          case FCN16S, FCN8S -> stage("", new SkipScores(in, kept, classes), kept.get(0), classes);
        };
    stages.add(end);
    return List.copyOf(stages);
  }

  private Stage stage(String prefix, Block block, Stage finest, int classes) {
    int in = stages.get(stages.size() - 1).outputChannels();
    return new Stage("classifier", prefix, block, in, classes, finest.stride());
  }
}
