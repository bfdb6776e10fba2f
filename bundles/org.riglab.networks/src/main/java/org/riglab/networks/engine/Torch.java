package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Precision;
import org.riglab.parts.EngineLookup;

/** The native engine, loaded at first use. */
public final class Torch {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private Torch() {}

  private static final class Holder {
    static final Engine ENGINE = load();

    private static Engine load() {
      return EngineLookup.call(() -> Engine.getEngine("PyTorch"));
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
          "the PyTorch engine does not load on this platform: %s (is its native bundle installed?)"
              .formatted(root.getMessage()),
          e);
    }
  }

  /**
   * @param name auto, cpu, gpu0, gpu1, ...
   * @return the device; auto is the first GPU where there is one
   * @throws RigException if there is no such device; names those there are
   */
  public static Device device(String name) {
    int gpus = engine().getGpuCount();
    if (name.equals("cpu") || name.equals("auto") && gpus == 0) {
      return Device.cpu();
    }
    if (name.equals("auto")) {
      return Device.gpu(0);
    }
    if (name.matches("gpu\\d{1,3}") && Integer.parseInt(name.substring(3)) < gpus) {
      return Device.gpu(Integer.parseInt(name.substring(3)));
    }
    throw new RigException(
        "there is no device '%s'; there is auto, cpu%s"
            .formatted(
                name,
                gpus == 0
                    ? " (no GPU was found)"
                    : gpus == 1 ? ", gpu0" : ", gpu0 to gpu" + (gpus - 1)));
  }

  /**
   * @param device where to compute
   * @return bfloat16 where the device multiplies it faster than float32, else float32
   */
  public static Precision precision(Device device) {
    boolean fast =
        device.isGpu()
            ? CudaUtils.getComputeCapability(device.getDeviceId()).compareTo("80") >= 0
            : cpuHas(List.of("amx_bf16", "avx512_bf16"));
    return fast ? Precision.BF16 : Precision.FP32;
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
