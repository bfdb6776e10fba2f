package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.Precision;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.api.engine.DeviceTest;
import org.riglab.api.engine.Devices;
import org.riglab.api.engine.EngineInfo;
import org.riglab.api.engine.EngineSetup;
import org.riglab.api.engine.Gpu;

/** A machine with GPUs and an engine that can be changed. */
final class FakeGpu implements Devices, EngineSetup, DeviceTest {
  static final EngineInfo CPU =
      new EngineInfo(EngineInfo.Build.CPU, "2.7.1", "", "the distribution", "", List.of());
  static final EngineInfo CUDA =
      new EngineInfo(
          EngineInfo.Build.CUDA,
          "2.7.1",
          "12.9",
          "Maven: org.bytedeco:pytorch",
          "/engine",
          List.of(new ComputeCapability(8, 0), new ComputeCapability(9, 0)));

  Optional<Driver> driver = Optional.of(new Driver("570.124.06", "12.8", ""));
  List<Gpu> gpus =
      List.of(
          new Gpu(
              "gpu0", "NVIDIA H200", 150_754_820_096L, Optional.of(ComputeCapability.of("9.0"))),
          new Gpu(
              "gpu1", "NVIDIA A100", 85_899_345_920L, Optional.of(ComputeCapability.of("8.0"))));
  EngineInfo engine = CPU;
  Optional<String> warning =
      Optional.of("2 GPUs present, the engine is for the CPU: rig gpu setup");
  String asked = "";
  boolean passes = true;

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
    return engine == CPU ? List.of("cpu") : gpus.stream().map(Gpu::device).toList();
  }

  @Override
  public Optional<String> warning() {
    return warning;
  }

  @Override
  public EngineInfo fetch(Optional<Path> directory, Watcher watcher) {
    asked = "fetch " + directory.map(Path::toString).orElse("");
    watcher.message("a licence");
    watcher.progress("fetching", 1_000_000, 4_000_000);
    return CUDA;
  }

  @Override
  public EngineInfo python(Path python) {
    asked = "python " + python.getFileName();
    return CUDA;
  }

  @Override
  public EngineInfo libtorch(Path libtorch) {
    throw new RigException(libtorch.getFileName() + " is PyTorch 2.6.0; needed is 2.7.1");
  }

  @Override
  public EngineInfo cpu() {
    asked = "cpu";
    return CPU;
  }

  @Override
  public Result test(String device) {
    asked = "test " + device;
    return new Result(
        "PyTorch:2.7.1",
        "cpu",
        List.of(
            new Row("fcn", Precision.FP32, 1e-6, 2e-5, 0, true, 0, Double.NaN, 12.34, true),
            new Row("fcn", Precision.BF16, 1e-2, 0.5, 1e-3, true, 0, 1.5, 56.78, passes)));
  }
}
