package org.riglab.engine.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.api.engine.Devices;
import org.riglab.api.engine.EngineInfo;
import org.riglab.api.lab.Health;

/** Devices of machines that are folders and of drivers that are records. */
public class DevicesServiceTest {
  private static final EngineInfo CPU =
      new EngineInfo(EngineInfo.Build.CPU, "2.7.1", "", "the distribution", "", List.of());

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static EngineInfo cuda(String... architectures) {
    return new EngineInfo(
        EngineInfo.Build.CUDA,
        "2.7.1",
        "12.9",
        "Maven",
        "/engine",
        Stream.of(architectures).map(ComputeCapability::of).toList());
  }

  private static Cuda.Answer answer(int version, String... capabilities) {
    return new Cuda.Answer(
        version,
        Stream.of(capabilities)
            .map(c -> new Cuda.Card("NVIDIA " + c, 80L << 30, ComputeCapability.of(c)))
            .toList(),
        "");
  }

  /** A file system of a machine with GPUs. */
  private NvidiaFiles machine(String... uuids) throws IOException {
    Path root = folder.getRoot().toPath();
    Path nvidia = root.resolve("proc/driver/nvidia");
    Files.createDirectories(nvidia);
    Files.writeString(
        nvidia.resolve("version"),
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.124.06  Wed Feb 26 01:58:22 UTC 2025\n"
            + "GCC version:  gcc version 12.2.0\n");
    for (int i = 0; i < uuids.length; i++) {
      Path gpu = Files.createDirectories(nvidia.resolve("gpus/0000:0" + (i + 1) + ":00.0"));
      Files.writeString(
          gpu.resolve("information"),
          "Model: \t\t NVIDIA H200\nIRQ:   \t\t 42\nGPU UUID: \t " + uuids[i] + "\n");
    }
    return new NvidiaFiles(root);
  }

  private static Devices devices(
      EngineInfo engine, NvidiaFiles files, Cuda.Answer answer, String visible) {
    return new DevicesService(engine, "", files, () -> answer, Optional.ofNullable(visible));
  }

  @Test
  public void withoutADriverThereIsTheCpuAndNothingToSay() {
    Devices devices =
        new DevicesService(
            CPU,
            "",
            new NvidiaFiles(folder.getRoot().toPath()),
            () -> {
              throw new AssertionError("the library is asked although there is no driver");
            },
            Optional.empty());
    assertEquals(Optional.empty(), devices.driver());
    assertEquals(List.of("cpu"), devices.names());
    assertEquals("cpu", devices.auto());
    assertEquals(Optional.empty(), devices.warning());
  }

  @Test
  public void gpusThatTheEngineCannotUseAreNamedWithTheNextCommand() throws IOException {
    Devices devices = devices(CPU, machine("GPU-a", "GPU-b"), answer(12080, "9.0", "9.0"), null);
    assertEquals(Optional.of(new Devices.Driver("570.124.06", "12.8", "")), devices.driver());
    assertEquals(2, devices.gpus().size());
    assertEquals(List.of("cpu"), devices.names());
    assertEquals(
        Optional.of("2 GPUs present, the engine is for the CPU: rig gpu setup"), devices.warning());
  }

  @Test
  public void runsUseTheGpusOfACudaEngine() throws IOException {
    Devices devices =
        devices(cuda("8.0", "9.0"), machine("GPU-a", "GPU-b"), answer(12080, "9.0", "8.6"), null);
    assertEquals(List.of("gpu0", "gpu1"), devices.names());
    assertEquals("gpu0", devices.auto());
    assertEquals(
        List.of(new Health.Check("engine", Health.Status.OK, "runs use gpu0, gpu1")),
        new EngineHealth(devices).checks());
    assertEquals(Optional.empty(), devices.warning());
    assertEquals(80L << 30, devices.gpus().get(0).memoryBytes());
  }

  @Test
  public void gpusWithoutCodeStayOut() throws IOException {
    Devices devices =
        devices(cuda("8.0", "9.0"), machine("GPU-a", "GPU-b"), answer(12090, "12.0", "9.0"), null);
    assertEquals(List.of("gpu1"), devices.names());
    assertEquals("gpu1", devices.auto());
    String warning = devices.warning().orElseThrow();
    assertEquals(
        "the engine has no code for gpu0 (NVIDIA 12.0, 12.0), only for compute capability 8.0, 9.0:"
            + " rig gpu setup --python PYTHON",
        warning);
  }

  @Test
  public void anOldDriverIsNamed() throws IOException {
    Devices devices = devices(cuda("8.0"), machine("GPU-a"), answer(11080, "8.0"), null);
    assertEquals(List.of("cpu"), devices.names());
    assertEquals(
        Optional.of(
            "1 GPU present, the driver supports CUDA 11.8, the engine needs 12.0: update the driver"
                + " to 525.60.13 or later"),
        devices.warning());
  }

  @Test
  public void aDriverThatDoesNotAnswerIsNamed() throws IOException {
    Cuda.Answer broken = Cuda.Answer.none("cuInit answers CUDA_ERROR_SYSTEM_DRIVER_MISMATCH");
    Devices devices = devices(cuda("9.0"), machine("GPU-a"), broken, null);
    assertEquals(List.of("cpu"), devices.names());
    assertEquals(Optional.empty(), devices.gpus().get(0).capability());
    assertEquals("NVIDIA H200", devices.gpus().get(0).model());
    assertEquals(
        Optional.of(
            "1 GPU present, the NVIDIA driver cannot be used: cuInit answers"
                + " CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"),
        devices.warning());
  }

  private int shown(String visible) throws IOException {
    NvidiaFiles files = machine("GPU-aa1", "GPU-bb2", "GPU-bb3");
    return devices(CPU, files, Cuda.Answer.none("no library"), visible).gpus().size();
  }

  @Test
  public void visibleDevicesAreRespected() throws IOException {
    assertEquals(3, shown(null));
    assertEquals(2, shown("0,2"));
    assertEquals(1, shown("GPU-bb3"));
    assertEquals(0, shown(""));
    assertEquals(0, shown("-1"));
    // What names nothing hides all that follow, as in CUDA.
    assertEquals(1, shown("1,7,0"));
    assertEquals(1, shown("1,1"));
    Devices hidden = devices(CPU, machine("GPU-aa1"), answer(12080), "");
    assertEquals(Optional.empty(), hidden.warning());
  }

  @Test
  public void anEngineThatIsGoneIsNamed() {
    Devices devices =
        new DevicesService(
            CPU,
            "the CUDA engine has no /engine/libtorch_cuda.so",
            new NvidiaFiles(folder.getRoot().toPath()),
            () -> Cuda.Answer.none(""),
            Optional.empty());
    assertTrue(
        devices
            .warning()
            .orElseThrow()
            .equals(
                "the engine is for the CPU, because the CUDA engine has no"
                    + " /engine/libtorch_cuda.so: rig gpu setup"));
  }
}
