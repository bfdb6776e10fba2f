package org.riglab.networks.internal;

import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.networks.PassLength;
import org.riglab.parts.PartCalls;

/**
 * The leased parts of a network and the block made of them, without arrays: it shows whether a spec
 * can be assembled, and needs no engine.
 */
final class Wiring implements AutoCloseable {
  private final NetworkSpec spec;
  private final List<Lease<?>> leases = new ArrayList<>();
  private final UnrollSpec unrollSpec;
  private final NetworkBlock block;
  private final Lease<Unroll> unroll;
  private final Options unrollOptions;
  private final ImageSizes sizes;

  /**
   * Leases parts and has them make their blocks.
   *
   * @param asked what to wire; {@link #spec()} then names its head
   * @param parts where they come from
   * @param user who holds the leases
   * @throws RigException if the spec is not sound, a part is missing or fails; nothing stays leased
   */
  Wiring(NetworkSpec asked, Parts parts, String user) {
    NetworkSpec translated = HeadSpecs.translated(asked);
    check(translated);
    unrollSpec = new UnrollSpec(asked.iterations(), asked.feedback());
    boolean done = false;
    try {
      unroll = lease(parts, Unroll.class, asked.unroll(), user);
      unrollOptions = options(parts, unroll, asked.unroll());
      Lease<Backbone> backbone = lease(parts, Backbone.class, translated.backbone(), user);
      spec = HeadSpecs.resolved(translated, backbone);
      sizes = sizes(parts, backbone);
      Lease<Head> head = lease(parts, Head.class, spec.head(), user);
      List<Stage> stages = stages(parts, backbone, head);
      List<GateShape> shapes =
          PartCalls.guarded(
              unroll.part(), "", () -> unroll.service().gates(unrollSpec, stages, unrollOptions));
      Lease<Gate> gate = shapes.isEmpty() ? null : lease(parts, Gate.class, spec.gate(), user);
      block =
          new NetworkBlock(
              unrollSpec,
              spec.classes(),
              stages,
              backbone.part(),
              head.part(),
              gate == null ? null : gate.part(),
              unroll,
              unrollOptions);
      for (GateShape shape : shapes) {
        Options options = options(parts, gate, spec.gate());
        Block created =
            PartCalls.guarded(
                gate.part(),
                " at block " + shape.block(),
                () -> gate.service().create(shape, options));
        if (created == null) {
          throw new RigException(
              RigException.Kind.PART_FAILED, PartCalls.describe(gate.part()) + " created no block");
        }
        block.addGate(shape, created);
      }
      BatchNorms.prepare(block, spec.batchNorm(), this::applications);
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private static void check(NetworkSpec spec) {
    if (spec.iterations() < 1 || spec.iterations() > PassLength.MOST) {
      throw new RigException(
          "iterations must be 1 to %d, not %d".formatted(PassLength.MOST, spec.iterations()));
    }
    if (!ClassTable.allows(spec.classes())) {
      throw new RigException(
          "classes must be %d to %d, not %d; a binary task has two, for example background and object"
              .formatted(ClassTable.LEAST, ClassTable.MOST, spec.classes()));
    }
  }

  private <P extends Provider> Lease<P> lease(
      Parts parts, Class<P> kind, PartSpec part, String user) {
    Lease<P> lease = parts.lease(kind, part.name(), user);
    leases.add(lease);
    return lease;
  }

  private static Options options(Parts parts, Lease<?> lease, PartSpec part) {
    return parts.options(lease.part().kind() + " " + part.name(), lease.service(), part.options());
  }

  private ImageSizes sizes(Parts parts, Lease<Backbone> backbone) {
    Options options = options(parts, backbone, spec.backbone());
    return PartCalls.guarded(backbone.part(), "", () -> backbone.service().sizes(options));
  }

  private List<Stage> stages(Parts parts, Lease<Backbone> backbone, Lease<Head> head) {
    int channels =
        PartCalls.guarded(
            unroll.part(),
            "",
            () -> unroll.service().inputChannels(unrollSpec, spec.classes(), unrollOptions));
    List<Stage> features =
        Stages.features(backbone, options(parts, backbone, spec.backbone()), channels);
    List<Stage> stages =
        Stages.withHead(head, options(parts, head, spec.head()), features, spec.classes());
    Stages.checkFeedback(spec, stages.size());
    return stages;
  }

  /** How often a block runs in one pass. */
  int applications(int k) {
    return PartCalls.guarded(
        unroll.part(), "", () -> unroll.service().applications(unrollSpec, k, unrollOptions));
  }

  /** Whether the strategy may return fewer predictions for some images. */
  boolean stopsEarly() {
    return PartCalls.guarded(
        unroll.part(), "", () -> unroll.service().stopsEarly(unrollSpec, unrollOptions));
  }

  /** The spec, with a head. */
  NetworkSpec spec() {
    return spec;
  }

  NetworkBlock block() {
    return block;
  }

  /** The images that the backbone takes. */
  ImageSizes sizes() {
    return sizes;
  }

  List<Lease<?>> leases() {
    return leases;
  }

  List<PartInfo> parts() {
    return leases.stream().<PartInfo>map(Lease::part).toList();
  }

  boolean stale() {
    return leases.stream().anyMatch(lease -> lease.retiring() || lease.revoked());
  }

  /** Gives the parts back. */
  @Override
  public void close() {
    leases.forEach(Lease::close);
  }
}
