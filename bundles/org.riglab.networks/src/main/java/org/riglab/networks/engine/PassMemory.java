package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.base.FileFailures;

/**
 * The memory that a pass needs for its largest maps at least: one number of 32 bits for each class,
 * pixel and map. What the network needs for itself comes on top.
 *
 * @param maps how many are held at once
 * @param classes channels of a map
 * @param height of a map
 * @param width of a map
 */
public record PassMemory(long maps, int classes, long height, long width) {
  private static final double GB = 1e9;

  /**
   * @param spec of the network
   * @param images in the batch
   * @param height of the images
   * @param width of the images
   * @return the need of a training step: the logits of every iteration, and their gradients
   */
  public static PassMemory ofTraining(NetworkSpec spec, int images, int height, int width) {
    return new PassMemory(2L * images * spec.iterations(), spec.classes(), height, width);
  }

  /**
   * @return bytes
   */
  public double bytes() {
    return 4.0 * maps * classes * height * width;
  }

  /**
   * @param device where the pass runs
   * @param advice options that take less memory, as the user would type them
   * @throws RigException of kind OUT_OF_MEMORY if the device has less: one line with the need
   */
  public void require(Device device, String advice) {
    available(device)
        .ifPresent(bytes -> require(bytes, device.isGpu() ? "the GPU" : "the host", advice));
  }

  /**
   * @param available bytes
   * @param where they are, for the message
   * @param advice options that take less memory
   * @throws RigException as above
   */
  void require(double available, String where, String advice) {
    if (bytes() > available) {
      throw new RigException(
          RigException.Kind.OUT_OF_MEMORY,
          String.format(
              Locale.ROOT,
              "needs %.1f GB: %s%d classes x %d x %d x 4 bytes; %s has %.1f GB; to reduce memory,"
                  + " use %s",
              bytes() / GB,
              maps == 1 ? "" : maps + " maps x ",
              classes,
              height,
              width,
              where,
              available / GB,
              advice));
    }
  }

  private static OptionalLong available(Device device) {
    return device.isGpu() ? OptionalLong.of(CudaUtils.getGpuMemory(device).getMax()) : host();
  }

  /**
   * What the host can give without swapping, and no more than a container may have; empty where
   * nothing says so.
   */
  private static OptionalLong host() {
    return LongStream.concat(
            number(Path.of("/proc/meminfo"), "MemAvailable:", 1024),
            number(Path.of("/sys/fs/cgroup/memory.max"), "", 1))
        .min();
  }

  private static LongStream number(Path file, String label, long unit) {
    if (!Files.isReadable(file)) {
      return LongStream.empty();
    }
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(label))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .filter(digits -> !digits.isEmpty() && digits.length() < 16)
          .mapToLong(digits -> Long.parseLong(digits) * unit)
          .limit(1);
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }
}
