package org.riglab.torchrun.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.training.StepEngine;

public class TorchrunFilesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static StepEngine.Job job(Path files, StepEngine.Content network) {
    return new StepEngine.Job(
        null,
        files,
        network,
        TorchrunFilesTest::refuse,
        Map.of(),
        List.of(),
        line -> {},
        () -> false);
  }

  private static void refuse(OutputStream out) throws IOException {
    throw new IOException("No space left on device");
  }

  private void requireRefused(StepEngine.Content network) {
    Path files = folder.getRoot().toPath().resolve("processes");
    StepEngine.State state = new StepEngine.State(Map.of(), Map.of(), Map.of());
    RigException e =
        assertThrows(RigException.class, () -> TorchrunFiles.write(job(files, network), state));
    assertEquals("cannot write %s: No space left on device".formatted(files), e.getMessage());
    assertFalse(Files.exists(files.resolve("network.pt")));
  }

  @Test
  public void aNetworkThatDoesNotFitOnTheDiskIsDeleted() {
    requireRefused(
        out -> {
          out.write(new byte[1 << 14]);
          refuse(out);
        });
  }

  @Test
  public void aStopDoesNotDisturbWriting() {
    Thread.currentThread().interrupt();
    requireRefused(out -> out.write(new byte[1 << 14])); // not the network but the loss
    assertTrue(Thread.interrupted());
  }

  @Test
  public void aStopDoesNotDisturbReading() {
    Path files = folder.getRoot().toPath();
    HostTensor tensor = new HostTensor(List.of(2L), new float[] {1, 2});
    Safetensors.write(files.resolve(TorchrunFiles.STATE), Map.of("weights/a", tensor), Map.of());
    Thread.currentThread().interrupt();
    Map<String, HostTensor> weights = TorchrunFiles.state(files).weights();
    assertTrue(Thread.interrupted());
    assertArrayEquals(new float[] {1, 2}, weights.get("a").values(), 0);
  }
}
