package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Precision;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.base.ProcessExit;
import org.riglab.parts.EngineLookup;

/** The native engine, loaded at first use. */
public final class Torch {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** Compute capabilities that the engine has code for, with commas; set by the launcher. */
  private static final String ARCHITECTURES = "riglab.engine.architectures";

  private static final ComputeCapability BF16 = new ComputeCapability(8, 0);

  private Torch() {}

  private static final class Holder {
    static final Engine ENGINE = load();

    private static Engine load() {
      Engine engine = EngineLookup.call(() -> Engine.getEngine("PyTorch"));
      ProcessExit.prepare();
      return engine;
    }
  }

  /**
   * @return the engine
   * @throws RigException if its native libraries do not load; says why
   */
  public static Engine engine() {
    try {
      return Holder.ENGINE;
    } catch (LinkageError e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "the PyTorch engine does not load on this platform: %s (is its native bundle installed?)"
              .formatted(root.getMessage()),
          e);
    }
  }

  /**
   * @param name auto, cpu, gpu0, gpu1, ...
   * @return the device; auto is the first GPU that the engine has code for, else the CPU
   * @throws RigException if there is no such device, names those there are; or if the engine has no
   *     code for it
   */
  public static Device device(String name) {
    int gpus = gpus();
    List<ComputeCapability> architectures = architectures();
    if (name.equals("cpu")) {
      return Device.cpu();
    } else if (name.equals("auto")) {
      return IntStream.range(0, gpus)
          .mapToObj(Device::gpu)
          .filter(gpu -> architectures.isEmpty() || capability(gpu).runs(architectures))
          .findFirst()
          .orElse(Device.cpu());
    } else if (name.matches("gpu\\d{1,3}") && Integer.parseInt(name.substring(3)) < gpus) {
      Device gpu = Device.gpu(Integer.parseInt(name.substring(3)));
      if (!architectures.isEmpty() && !capability(gpu).runs(architectures)) {
        throw new RigException(
            RigException.Kind.UNAVAILABLE,
            "the engine has no code for %s, whose compute capability is %s, only for %s: rig gpu"
                .formatted(name, capability(gpu), architectures));
      }
      return gpu;
    }
    throw new RigException(
        RigException.Kind.NOT_FOUND,
        "there is no device '%s'; there is auto, cpu%s"
            .formatted(
                name,
                gpus == 0
                    ? " (no GPU was found: rig gpu)"
                    : gpus == 1 ? ", gpu0" : ", gpu0 to gpu" + (gpus - 1)));
  }

  /** GPUs that the engine computes on; DJL counts them for a build for the CPU, too. */
  private static int gpus() {
    return engine().hasCapability(StandardCapabilities.CUDA) ? engine().getGpuCount() : 0;
  }

  /** What the launcher knows of the engine; empty for nothing. */
  private static List<ComputeCapability> architectures() {
    return Stream.of(System.getProperty(ARCHITECTURES, "").split(","))
        .filter(text -> !text.isEmpty())
        .map(ComputeCapability::of)
        .toList();
  }

  /**
   * @param device where to compute
   * @return bfloat16 where the device multiplies it faster than float32, else float32
   */
  public static Precision precision(Device device) {
    boolean fast =
        device.isGpu()
            ? capability(device).compareTo(BF16) >= 0
            : cpuHas(List.of("amx_bf16", "avx512_bf16"));
    return fast ? Precision.BF16 : Precision.FP32;
  }

  /**
   * @param device a GPU
   * @return its compute capability
   */
  public static ComputeCapability capability(Device device) {
    return ComputeCapability.ofNumber(
        Integer.parseInt(CudaUtils.getComputeCapability(device.getDeviceId())));
  }

  /** Linux says what its processor has; elsewhere nothing is known. */
  private static boolean cpuHas(List<String> flags) {
    if (!Files.isReadable(CPU_INFO)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .limit(1)
          .flatMap(line -> Stream.of(line.split("\\s+")))
          .anyMatch(flags::contains);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param device where the arrays shall be
   * @return a new root of arrays; close it
   */
  public static NDManager newManager(Device device) {
    return engine().newBaseManager(device);
  }

  /**
   * Computes without recording anything for gradients on this thread.
   *
   * @param <T> of the result
   * @param body computes
   * @return what it returns
   */
  public static <T> T withoutGrad(Supplier<T> body) {
    return withGrad(false, body);
  }

  /**
   * Computes with gradients recorded or not; the native switch belongs to the thread.
   *
   * @param <T> of the result
   * @param on whether to record
   * @param body computes
   * @return what it returns
   */
  public static <T> T withGrad(boolean on, Supplier<T> body) {
    engine();
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(on);
    try {
      return body.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
