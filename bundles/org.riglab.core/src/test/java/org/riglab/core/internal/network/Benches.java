package org.riglab.core.internal.network;

import java.nio.file.Path;
import org.riglab.api.Provider;
import org.riglab.core.internal.registry.FakeRegistry;

/** Benches with the built-in parts, without a framework. */
final class Benches {
  private static final String[] PARTS = {
    "backbones.internal.ResNet",
    "backbones.internal.UNet",
    "backbones.internal.Vgg16",
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

  static FakeRegistry registry() {
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

  static BenchService create(Path home) {
    FakeRegistry registry = registry();
    return new BenchService(home, registry, registry);
  }
}
