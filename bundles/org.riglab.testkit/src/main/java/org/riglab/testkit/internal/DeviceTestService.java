package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Precision;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.api.engine.DeviceTest;
import org.riglab.base.Feature;
import org.riglab.networks.Sessions;
import org.riglab.networks.engine.DeviceMemory;
import org.riglab.networks.engine.EngineFlags;
import org.riglab.networks.engine.Torch;
import org.riglab.training.Optimizers;

/** Computes the same on a device and on the CPU. */
@Feature(Feature.TRAINING)
@Component
public final class DeviceTestService implements DeviceTest {
  private static final double LEFT_MIB = 16; // less is what CUDA's libraries keep for themselves
  private static final ComputeCapability BF16 = new ComputeCapability(8, 0);

  /** Small networks that together use every kind of layer; in the words of the parity cases. */
  private static final Map<String, Map<String, Object>> NETWORKS =
      Map.of(
          "1 fcn8s-dilated", spec("fcn", 8, "feed-forward", List.of(), 1),
          "2 parallel 6..4 u=2", spec("fcn", 32, "parallel", List.of(4L, 5L, 6L), 2),
          "3 sequential 6..4 u=3", spec("fcn", 32, "sequential", List.of(4L, 5L, 6L), 3),
          "4 deeplabv2 6..4 u=2", spec("aspp", 8, "parallel", List.of(4L, 5L, 6L), 2));

  private final Networks networks;
  private final Sessions sessions;
  private final Optimizers optimizers;

  /**
   * @param networks reads specs
   * @param sessions opens networks without a name
   * @param optimizers do the training steps
   */
  @Activate
  public DeviceTestService(
      @Reference Networks networks,
      @Reference Sessions sessions,
      @Reference Optimizers optimizers) {
    this.networks = networks;
    this.sessions = sessions;
    this.optimizers = optimizers;
  }

  private static Map<String, Object> spec(
      String head, long stride, String unroll, List<Long> feedback, long iterations) {
    return Map.ofEntries(
        Map.entry("layers", List.of(1L, 1L, 1L, 1L)),
        Map.entry("width", 8L),
        Map.entry("block", "bottleneck"),
        Map.entry("output_stride", stride),
        Map.entry("head", head),
        Map.entry("classes", 5L),
        Map.entry("unroll", unroll),
        Map.entry("routing", "own"),
        Map.entry("feedback", feedback),
        Map.entry("iterations", iterations),
        Map.entry("activation", "sigmoid"),
        Map.entry("combine", "mul"),
        Map.entry("pool", "avg"));
  }

  @Override
  public Result test(String name) throws InterruptedException {
    Device device = Torch.device(name);
    boolean before = EngineFlags.isDeterministic();
    EngineFlags.deterministic(true);
    try {
      List<Row> rows = new ArrayList<>();
      for (String network : NETWORKS.keySet().stream().sorted().toList()) {
        NetworkSpec spec = networks.spec(NETWORKS.get(network), "device test");
        DeviceTrial trial = new DeviceTrial(sessions, optimizers, spec);
        DeviceTrial.Numbers reference = trial.reference();
        for (Precision precision : precisions(device)) {
          if (Thread.interrupted()) {
            throw new InterruptedException("before " + network);
          }
          rows.add(row(network.substring(2), trial, reference, device, precision));
        }
      }
      return new Result(engine(), word(device), rows);
    } finally {
      EngineFlags.deterministic(before);
    }
  }

  private static List<Precision> precisions(Device device) {
    return device.isGpu() && Torch.capability(device).compareTo(BF16) < 0
        ? List.of(Precision.FP32)
        : List.of(Precision.FP32, Precision.BF16);
  }

  private static Row row(
      String network,
      DeviceTrial trial,
      DeviceTrial.Numbers reference,
      Device device,
      Precision precision) {
    // The first use makes the libraries' own workspaces.
    DeviceTrial.Numbers got = trial.on(device, precision, reference.weights());
    DeviceMemory.release(device);
    double used = DeviceMemory.usedMiB(device);
    int arrays = arrays();
    DeviceTrial.Numbers again = trial.on(device, precision, reference.weights());
    DeviceMemory.release(device);
    double left = DeviceMemory.usedMiB(device) - used;
    int leftArrays = arrays() - arrays;
    double logits = reference.logitsError(got);
    // In bfloat16, a small gradient of a single parameter is mostly rounding.
    double gradients =
        precision == Precision.FP32
            ? reference.worstGradientError(got)
            : reference.gradientsError(got);
    double steps = reference.lossesError(got);
    double tolerance = precision == Precision.FP32 ? FP32_TOLERANCE : BF16_TOLERANCE;
    boolean repeats = got.losses().equals(again.losses());
    // Written this way round, NaN fails where a number is expected.
    boolean passed =
        logits <= tolerance
            && gradients <= (precision == Precision.FP32 ? FP32_TOLERANCE : BF16_GRADIENT_TOLERANCE)
            && steps <= tolerance
            && repeats
            && !(left > LEFT_MIB)
            && leftArrays <= 0;
    return new Row(
        network,
        precision,
        logits,
        gradients,
        steps,
        repeats,
        leftArrays,
        left,
        got.imagesPerSecond(),
        passed);
  }

  /** All arrays that are attached to any manager of the process. */
  private static int arrays() {
    try (NDManager probe = Torch.newManager(Device.cpu())) {
      return probe.getParentManager().getManagedArrays().size();
    }
  }

  private static String engine() {
    Engine engine = Torch.engine();
    return engine.toString().replaceAll("\\s+", " ").strip();
  }

  private static String word(Device device) {
    return device.isGpu() ? "gpu" + device.getDeviceId() : "cpu";
  }
}
