package org.riglab.networks.internal;

import java.nio.file.Path;
import org.riglab.api.Provider;

/** Benches with the built-in parts, without a framework. */
public final class Benches {
  private static final String[] PARTS = {
    "backbones.internal.ResNet",
    "backbones.internal.UNet",
    "backbones.internal.Vgg16",
    "heads.internal.Aspp",
    "heads.internal.Fcn",
    "heads.internal.SkipFcn$Fcn16s",
    "heads.internal.SkipFcn$Fcn8s",
    "gates.internal.AddRelu",
    "gates.internal.Basic",
    "gates.internal.Identity",
    "gates.internal.MulSigmoid",
    "gates.internal.MulTanh",
    "unrolls.internal.FeedForward",
    "unrolls.internal.MultiRange",
    "unrolls.internal.NetworkWide",
    "unrolls.internal.NetworkWideGated",
    "unrolls.internal.Parallel",
    "unrolls.internal.Rethinking",
    "unrolls.internal.Sequential",
  };

  private Benches() {}

  /** The built-in parts. */
  public static FakeRegistry registry() {
    FakeRegistry registry = new FakeRegistry();
    for (String part : PARTS) {
      try {
        Class<?> type = Class.forName("org.riglab." + part);
        Provider provider = (Provider) type.getDeclaredConstructor().newInstance();
        registry.put(name(type.getSimpleName()), provider);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return registry;
  }

  private static String name(String type) {
    return switch (type) {
      case "MultiRange" -> "parallel-multi-range";
      case "ResNet" -> "resnet";
      case "UNet" -> "unet";
      default -> type.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(java.util.Locale.ROOT);
    };
  }

  /** A bench with the built-in parts. */
  public static Bench create(Path home) {
    return create(home, registry());
  }

  /** A bench with a registry's parts. */
  public static Bench create(Path home, FakeRegistry registry) {
    return new Bench(home, registry);
  }
}
