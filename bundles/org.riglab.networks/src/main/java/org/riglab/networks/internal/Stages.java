package org.riglab.networks.internal;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;
import org.riglab.networks.inference.InputSizes;
import org.riglab.parts.PartCalls;

/** Makes the blocks of a network, B1 to Bn, and checks that they fit together. */
final class Stages {
  private Stages() {}

  /**
   * @param lease on the backbone
   * @param options of it
   * @param channels of the network's input
   * @return B1 to Bn-1
   * @throws RigException if the backbone fails, or its stages do not fit; names it
   */
  static List<Stage> features(Lease<Backbone> lease, Options options, int channels) {
    List<Stage> stages =
        PartCalls.guarded(
            lease.part(),
            "",
            () -> List.copyOf(lease.service().stages(new BackboneShape(channels), options)));
    String name = PartCalls.describe(lease.part());
    if (stages.isEmpty()) {
      throw new RigException(Kind.PART_FAILED, name + " has no stages; expected one or more");
    }
    int in = channels;
    for (Stage stage : stages) {
      fits(name, stage, in);
      in = stage.outputChannels();
    }
    return stages;
  }

  private static void fits(String name, Stage stage, int channels) {
    if (stage.inputChannels() != channels) {
      throw new RigException(
          Kind.PART_FAILED,
          "%s: %s takes %d channels, but its input has %d"
              .formatted(name, stage.name(), stage.inputChannels(), channels));
    }
  }

  /**
   * Adds the head.
   *
   * @param lease on the head
   * @param options of it
   * @param features of the backbone
   * @param classes channels of the logits
   * @return B1 to Bn
   * @throws RigException if the head fails, or does not fit the backbone; names it
   */
  static List<Stage> withHead(
      Lease<Head> lease, Options options, List<Stage> features, int classes) {
    HeadShape shape = new HeadShape(features, classes);
    String name = PartCalls.describe(lease.part());
    List<Integer> skips =
        PartCalls.guarded(
            lease.part(), "", () -> List.copyOf(lease.service().skips(shape, options)));
    if (!skips.equals(skips.stream().sorted().distinct().toList())
        || skips.stream().anyMatch(block -> block < 1 || block >= features.size())) {
      throw new RigException(
          Kind.PART_FAILED,
          "%s asks for the outputs of blocks %s; expected ascending numbers from 1 to %d"
              .formatted(name, skips, features.size() - 1));
    }
    Stage head = PartCalls.guarded(lease.part(), "", () -> lease.service().stage(shape, options));
    if (head == null) {
      throw new RigException(Kind.PART_FAILED, name + " created no stage");
    }
    fits(name, head, shape.last().outputChannels());
    if (head.outputChannels() != classes) {
      throw new RigException(
          Kind.PART_FAILED,
          "%s returns %d channels for %d classes".formatted(name, head.outputChannels(), classes));
    }
    List<Stage> stages = new ArrayList<>(SkipStage.carrying(features, skips));
    stages.add(head);
    return List.copyOf(stages);
  }

  /**
   * @param spec of the network
   * @param blocks n
   * @throws RigException if the spec has feedback at a block that does not exist
   */
  static void checkFeedback(NetworkSpec spec, int blocks) {
    for (int k : spec.feedback()) {
      if (k < 1 || k > blocks) {
        throw new RigException(
            "feedback names block %d; backbone %s and head %s have blocks 1 to %d"
                .formatted(k, spec.backbone().name(), spec.head().name(), blocks));
      }
    }
  }

  /**
   * @throws RigException if the backbone does not take images of that shape
   */
  static void checkSize(NetworkSpec spec, ImageSizes sizes, Shape image) {
    InputSizes.check(spec.backbone().name(), sizes, image);
  }
}
