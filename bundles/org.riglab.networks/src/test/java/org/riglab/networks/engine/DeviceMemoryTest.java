package org.riglab.networks.engine;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.junit.Test;
import org.riglab.api.RigException;

public class DeviceMemoryTest {
  private static final String ADVICE = "--recompute";

  /** As libtorch 2.7 writes it. */
  private static final String CUDA =
      "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 1 has a total capacity of 79.15 GiB of"
          + " which 17.44 MiB is free. Process 4711 has 79.13 GiB memory in use. Of the allocated"
          + " memory 77.10 GiB is allocated by PyTorch, and 1.20 GiB is reserved by PyTorch but"
          + " unallocated. If reserved but unallocated memory is large try setting"
          + " PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.";

  private static String line(Throwable failure) {
    RigException line = DeviceMemory.exhausted(failure, ADVICE).orElseThrow();
    assertEquals(RigException.Kind.OUT_OF_MEMORY, line.kind());
    assertSame(failure, line.getCause());
    return line.getMessage();
  }

  @Test
  public void namesWhatWasAskedAndWhatWasFree() {
    String wanted =
        "gpu1 is out of memory: 2.00 GiB requested, 17.44 MiB of 79.15 GiB free; to reduce memory,"
            + " use --recompute";
    assertEquals(wanted, line(new EngineException(CUDA)));
    // Within a program, and within what a part is blamed for.
    String program =
        "The following operation failed in the TorchScript interpreter.\nTraceback:\n"
            + "RuntimeError: "
            + CUDA;
    assertEquals(
        wanted,
        line(new RigException("gate x failed: EngineException", new EngineException(program))));
    assertEquals(
        "a GPU is out of memory: 2.00 GiB requested; to reduce memory, use --recompute",
        line(new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB.")));
  }

  @Test
  public void otherFailuresStayWhatTheyAre() {
    EngineException other = new EngineException("CUDA error: an illegal memory access");
    assertEquals(Optional.empty(), DeviceMemory.exhausted(other, ADVICE));
    assertSame(
        other,
        assertThrows(
            EngineException.class,
            () ->
                DeviceMemory.guarded(
                    Device.cpu(),
                    ADVICE,
                    () -> {
                      throw other;
                    })));
  }

  @Test
  public void whatTheCpuRefusesIsOneLineAndTheNextComputationRuns() {
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      RigException e =
          assertThrows(
              RigException.class,
              () ->
                  DeviceMemory.guarded(
                      Device.cpu(),
                      ADVICE,
                      // 64 TiB: more than any address space that is not overcommitted
                      () -> manager.ones(new Shape(1L << 44))));
      assertEquals(RigException.Kind.OUT_OF_MEMORY, e.kind());
      assertTrue(
          e.getMessage(),
          e.getMessage()
              .startsWith(
                  "the CPU is out of memory: 65536.0 GiB requested; to reduce memory, use"));
      try (NDArray small = manager.ones(new Shape(4))) {
        assertEquals(4, small.sum().getFloat(), 0);
      }
    }
  }
}
