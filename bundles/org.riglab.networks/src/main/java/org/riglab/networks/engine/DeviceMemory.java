package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/** How much memory of a device is used, and what is said where there is too little. */
public final class DeviceMemory {
  /** Options of a training that take less memory. */
  public static final String TRAINING = "--recompute, or a smaller --batch and more --accumulation";

  /** Options of a training whose maps take less memory; they are held with --recompute as well. */
  public static final String MAPS =
      "a smaller --batch and more --accumulation, or a smaller --size";

  /** Options of an evaluation that take less memory. */
  public static final String EVALUATION = "--window, or a smaller --resize";

  /** What takes less memory in a prediction. */
  public static final String PREDICTION = "--window, or a smaller image";

  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;

  // c10/cuda/CUDACachingAllocator.cpp: "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a
  // total capacity of 79.15 GiB of which 17.44 MiB is free. ..."
  private static final Pattern CUDA =
      Pattern.compile(
          "CUDA out of memory\\. Tried to allocate ([0-9.]+ \\w+)\\."
              + "(?: GPU (\\d+) has a total capacity of ([0-9.]+ \\w+) of which ([0-9.]+ \\w+) is"
              + " free)?");

  // c10/core/impl/alloc_cpu.cpp: "DefaultCPUAllocator: can't allocate memory: you tried to allocate
  // 4000000000000 bytes. Error code 12 (Cannot allocate memory)"
  private static final Pattern CPU =
      Pattern.compile("DefaultCPUAllocator: [^:]*: you tried to allocate (\\d+) bytes");

  private DeviceMemory() {}

  /**
   * @param device any
   * @return MiB of the device that are in use, by this and other processes; NaN for the CPU. The
   *     engine keeps what it has taken once, so that after a computation this is its peak.
   */
  public static double usedMiB(Device device) {
    return device.isGpu() ? CudaUtils.getGpuMemory(device).getCommitted() / MIB : Double.NaN;
  }

  /**
   * Gives memory back to the device that the engine keeps but does not use.
   *
   * @param device any; nothing is done for the CPU
   */
  public static void release(Device device) {
    if (device.isGpu()) {
      JniUtils.emptyCudaCache();
    }
  }

  /**
   * Computes, and turns the engine's report that memory is exhausted into one line.
   *
   * @param <T> of the result
   * @param device where it computes
   * @param advice options that take less memory, as the user would type them
   * @param body computes; it has closed its arrays when it throws
   * @return its result
   * @throws RigException of kind OUT_OF_MEMORY where memory was exhausted; what the engine kept is
   *     then given back to the device
   */
  public static <T> T guarded(Device device, String advice, Supplier<T> body) {
    try {
      return body.get();
    } catch (RuntimeException e) {
      Optional<RigException> exhausted = exhausted(e, advice);
      if (exhausted.isEmpty()) {
        throw e;
      }
      release(device);
      throw exhausted.get();
    }
  }

  /**
   * @param failure what was thrown; the engine's report may be a cause of it
   * @param advice as above
   * @return the failure in one line, if memory was exhausted
   */
  static Optional<RigException> exhausted(Throwable failure, String advice) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RigException known && known.kind() == RigException.Kind.OUT_OF_MEMORY) {
        return Optional.of(known);
      }
      String text = String.valueOf(cause.getMessage());
      Matcher cuda = CUDA.matcher(text);
      if (cuda.find()) {
        String line =
            cuda.group(2) == null
                ? "a GPU is out of memory: %s requested".formatted(cuda.group(1))
                : "gpu%s is out of memory: %s requested, %s of %s free"
                    .formatted(cuda.group(2), cuda.group(1), cuda.group(4), cuda.group(3));
        return Optional.of(failure(line, advice, failure));
      }
      Matcher cpu = CPU.matcher(text);
      if (cpu.find()) {
        double asked = Double.parseDouble(cpu.group(1));
        String line =
            String.format(
                Locale.ROOT,
                asked < GIB
                    ? "the CPU is out of memory: %.1f MiB requested"
                    : "the CPU is out of memory: %.1f GiB requested",
                asked < GIB ? asked / MIB : asked / GIB);
        return Optional.of(failure(line, advice, failure));
      }
    }
    return Optional.empty();
  }

  private static RigException failure(String line, String advice, Throwable cause) {
    return new RigException(
        RigException.Kind.OUT_OF_MEMORY, line + "; to reduce memory, use " + advice, cause);
  }
}
