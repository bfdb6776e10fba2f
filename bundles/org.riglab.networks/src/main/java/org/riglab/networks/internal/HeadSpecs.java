package org.riglab.networks.internal;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.Backbone;
import org.riglab.parts.PartCalls;

/** Which head a spec asks for. */
final class HeadSpecs {
  /** The option of the backbone by which specs of release 0.1 choose the last block. */
  static final String OPTION = "classifier";

  /** The backbones that had that option. */
  private static final Set<String> BACKBONES =
      Set.of("resnet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "vgg16");

  private HeadSpecs() {}

  /** Whether a backbone of that name had the option. */
  static boolean hadOption(String backbone) {
    return BACKBONES.contains(backbone);
  }

  /**
   * Reads the option of release 0.1: {@code resnet50:classifier=aspp} is the backbone {@code
   * resnet50} with the head {@code aspp}.
   *
   * @param spec of any release
   * @return the spec without that option
   * @throws RigException if the spec names another head as well
   */
  static NetworkSpec translated(NetworkSpec spec) {
    PartSpec backbone = spec.backbone();
    if (!hadOption(backbone.name()) || !backbone.options().containsKey(OPTION)) {
      return spec;
    }
    PartSpec head = PartSpec.of(String.valueOf(backbone.options().get(OPTION)));
    if (!spec.head().equals(NetworkSpec.OWN_HEAD) && !spec.head().equals(head)) {
      throw new RigException(
          "the spec names two heads: %s, and %s by the backbone's option %s of release 0.1; name one"
              .formatted(spec.head().name(), head.name(), OPTION));
    }
    Map<String, Object> options = new TreeMap<>(backbone.options());
    options.remove(OPTION);
    return new NetworkSpec(
        new PartSpec(backbone.name(), options),
        head,
        spec.gate(),
        spec.unroll(),
        spec.feedback(),
        spec.iterations(),
        spec.classes(),
        spec.batchNorm(),
        spec.seed());
  }

  /**
   * @param spec translated
   * @param backbone that it names
   * @return the spec with the backbone's own head where it names none
   */
  static NetworkSpec resolved(NetworkSpec spec, Lease<Backbone> backbone) {
    if (!spec.head().equals(NetworkSpec.OWN_HEAD)) {
      return spec;
    }
    String head = PartCalls.guarded(backbone.part(), "", () -> backbone.service().head());
    return spec.withHead(PartSpec.of(head));
  }

  /**
   * @param spec translated
   * @param registry of the backbone
   * @return as above; the spec as it is if its backbone is not there
   */
  static NetworkSpec resolved(NetworkSpec spec, Registry registry) {
    if (!spec.head().equals(NetworkSpec.OWN_HEAD)) {
      return spec;
    }
    String name = spec.backbone().name();
    try (Lease<Backbone> backbone = registry.lease(Backbone.class, name, "a network's spec")) {
      return resolved(spec, backbone);
    } catch (RigException e) {
      return spec; // can be read and shown nevertheless; assembling it says what is missing
    }
  }
}
