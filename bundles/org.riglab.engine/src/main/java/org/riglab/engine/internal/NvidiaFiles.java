package org.riglab.engine.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.base.FileFailures;

/**
 * What the NVIDIA driver writes below {@code /proc/driver/nvidia}.
 *
 * @param root the file system's root; another one in tests
 */
record NvidiaFiles(Path root) {
  private static final Pattern VERSION =
      Pattern.compile("Kernel Module.*?\\s(\\d+\\.\\d+(\\.\\d+)?)\\s");

  /** A GPU of the machine, whether or not this process may see it. */
  record Listed(String model, String uuid) {}

  /** Whether a driver can be expected: its files, its device, or that of Windows' Linux. */
  boolean present() {
    return Stream.of("proc/driver/nvidia/version", "dev/nvidiactl", "dev/dxg")
        .anyMatch(path -> Files.exists(root.resolve(path)));
  }

  /** The driver's version; empty where it does not say. */
  String version() {
    Path file = root.resolve("proc/driver/nvidia/version");
    if (!Files.isReadable(file)) {
      return "";
    }
    Matcher matcher = VERSION.matcher(read(file));
    return matcher.find() ? matcher.group(1) : "";
  }

  /** All GPUs in the order of their addresses on the bus, which is that of {@code nvidia-smi}. */
  List<Listed> gpus() {
    Path folder = root.resolve("proc/driver/nvidia/gpus");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> addresses;
    try (Stream<Path> list = Files.list(folder)) {
      addresses = list.sorted().toList();
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
    List<Listed> gpus = new ArrayList<>();
    for (Path address : addresses) {
      Path file = address.resolve("information");
      String text = Files.isReadable(file) ? read(file) : "";
      gpus.add(
          new Listed(
              value(text, "Model").orElse("NVIDIA GPU"), value(text, "GPU UUID").orElse("")));
    }
    return gpus;
  }

  /**
   * Those GPUs that a value of {@code CUDA_VISIBLE_DEVICES} shows, in its order. As in CUDA, an
   * entry that names no GPU hides itself and all that follow.
   */
  static List<Listed> visible(List<Listed> all, Optional<String> variable) {
    if (variable.isEmpty()) {
      return all;
    }
    List<Listed> shown = new ArrayList<>();
    for (String entry : variable.get().split(",", -1)) {
      Optional<Listed> gpu = named(all, entry.strip());
      if (gpu.isEmpty() || shown.contains(gpu.get())) {
        break;
      }
      shown.add(gpu.get());
    }
    return shown;
  }

  private static Optional<Listed> named(List<Listed> all, String entry) {
    if (entry.matches("\\d{1,4}")) {
      int index = Integer.parseInt(entry);
      return index < all.size() ? Optional.of(all.get(index)) : Optional.empty();
    }
    return entry.startsWith("GPU-")
        ? all.stream().filter(gpu -> gpu.uuid().startsWith(entry)).findFirst()
        : Optional.empty();
  }

  private static Optional<String> value(String text, String label) {
    return text.lines()
        .filter(line -> line.startsWith(label + ":"))
        .map(line -> line.substring(label.length() + 1).strip())
        .findFirst();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }
}
