package org.riglab.engine.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.api.engine.Devices;
import org.riglab.api.engine.EngineInfo;
import org.riglab.api.engine.EngineInfo.Build;
import org.riglab.api.engine.Gpu;

/** Devices from the configuration of the engine and from what the driver says. */
@Component(configurationPid = EngineConfig.PID)
public final class DevicesService implements Devices {
  /** The launcher says here why it could not take the engine that is configured. */
  static final String PROBLEM = "riglab.engine.problem";

  /** CUDA 12 runs on every driver that knows CUDA 12.0 (CUDA Compatibility, minor versions). */
  private static final int LEAST_CUDA = 12_000;

  private static final String SETUP = "rig gpu setup";

  private final EngineInfo engine;
  private final String problem;
  private final Optional<Driver> driver;
  private final int cuda;
  private final List<Gpu> gpus;

  /**
   * For declarative services.
   *
   * @param config the engine
   */
  @Activate
  public DevicesService(EngineConfig config) {
    this(
        info(config),
        System.getProperty(PROBLEM, ""),
        new NvidiaFiles(Path.of("/")),
        new CudaDriver(),
        Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")));
  }

  DevicesService(
      EngineInfo engine,
      String problem,
      NvidiaFiles files,
      Cuda library,
      Optional<String> visible) {
    this.engine = engine;
    this.problem = problem;
    if (!files.present()) {
      driver = Optional.empty();
      cuda = 0;
      gpus = List.of();
      return;
    }
    Cuda.Answer answer = library.ask();
    cuda = answer.version();
    driver = Optional.of(new Driver(files.version(), text(cuda), answer.problem()));
    List<Gpu> found = new ArrayList<>();
    if (answer.problem().isEmpty()) {
      for (Cuda.Card card : answer.devices()) {
        found.add(
            new Gpu(
                "gpu" + found.size(),
                card.model(),
                card.memoryBytes(),
                Optional.of(card.capability())));
      }
    } else {
      for (NvidiaFiles.Listed gpu : NvidiaFiles.visible(files.gpus(), visible)) {
        found.add(new Gpu("gpu" + found.size(), gpu.model(), 0, Optional.empty()));
      }
    }
    gpus = List.copyOf(found);
  }

  private static EngineInfo info(EngineConfig config) {
    // What DJL obeys before everything else.
    String given = System.getenv("PYTORCH_LIBRARY_PATH");
    if (given != null && !given.isEmpty()) {
      boolean hasCuda =
          Stream.of(given.split(":"))
              .anyMatch(folder -> Files.exists(Path.of(folder, "libtorch_cuda.so")));
      return new EngineInfo(
          hasCuda ? Build.CUDA : Build.CPU,
          Optional.ofNullable(System.getenv("PYTORCH_VERSION")).orElse(""),
          "",
          "PYTORCH_LIBRARY_PATH of the environment",
          given,
          List.of());
    }
    if (!config.build().equals("cuda")) {
      return new EngineInfo(Build.CPU, CudaBuild.TORCH, "", "the distribution", "", List.of());
    }
    return new EngineInfo(
        Build.CUDA,
        config.version(),
        config.cuda(),
        config.source(),
        config.libraries(),
        Stream.of(config.architectures()).map(ComputeCapability::of).toList());
  }

  private static String text(int cuda) {
    return cuda == 0 ? "" : cuda / 1000 + "." + cuda % 1000 / 10;
  }

  @Override
  public EngineInfo engine() {
    return engine;
  }

  @Override
  public Optional<Driver> driver() {
    return driver;
  }

  @Override
  public List<Gpu> gpus() {
    return gpus;
  }

  @Override
  public List<String> names() {
    List<String> names =
        usable() ? gpus.stream().filter(this::runs).map(Gpu::device).toList() : List.of();
    return names.isEmpty() ? List.of(CPU) : names;
  }

  /** Whether engine and driver can work together at all. */
  private boolean usable() {
    return engine.build() == Build.CUDA && problem.isEmpty() && cuda >= LEAST_CUDA;
  }

  private boolean runs(Gpu gpu) {
    return engine.architectures().isEmpty()
        || gpu.capability().isPresent() && gpu.capability().get().runs(engine.architectures());
  }

  @Override
  public Optional<String> warning() {
    if (!problem.isEmpty()) {
      return Optional.of("the engine is for the CPU, because " + problem + ": " + SETUP);
    } else if (gpus.isEmpty()) {
      return driver
          .filter(found -> engine.build() == Build.CUDA && !found.problem().isEmpty())
          .map(found -> "the NVIDIA driver cannot be used: " + found.problem());
    }
    String present = gpus.size() == 1 ? "1 GPU present" : gpus.size() + " GPUs present";
    if (engine.build() == Build.CPU) {
      return Optional.of(present + ", the engine is for the CPU: " + SETUP);
    } else if (!driver.get().problem().isEmpty()) {
      return Optional.of(
          "%s, the NVIDIA driver cannot be used: %s".formatted(present, driver.get().problem()));
    } else if (cuda < LEAST_CUDA) {
      return Optional.of(
          "%s, the driver supports CUDA %s, the engine needs 12.0: update the driver to 525.60.13"
                  .formatted(present, text(cuda))
              + " or later");
    }
    String unfit =
        gpus.stream()
            .filter(gpu -> !runs(gpu))
            .map(gpu -> "%s (%s, %s)".formatted(gpu.device(), gpu.model(), gpu.capability().get()))
            .collect(Collectors.joining(", "));
    return unfit.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the engine has no code for %s, only for compute capability %s: %s --python PYTHON"
                .formatted(unfit, joined(engine.architectures()), SETUP));
  }

  private static String joined(List<ComputeCapability> architectures) {
    return architectures.stream().map(Object::toString).collect(Collectors.joining(", "));
  }
}
