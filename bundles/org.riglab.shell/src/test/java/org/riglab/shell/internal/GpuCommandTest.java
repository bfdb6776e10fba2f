package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class GpuCommandTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeGpu gpu = new FakeGpu();
  private Path directory;
  private Shell shell;

  @Before
  public void open() {
    directory = folder.getRoot().toPath();
    shell = new Shell(directory, new GpuCommand(gpu, gpu, gpu));
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void showsWhatThereIsAndWhatIsNext() throws Exception {
    assertEquals(
        """
        driver   570.124.06, supports CUDA 12.8
        gpu0     NVIDIA H200, 140.4 GiB, compute capability 9.0
        gpu1     NVIDIA A100, 80.0 GiB, compute capability 8.0
        engine   PyTorch 2.7.1 for the CPU, from the distribution
        auto     cpu
        warning  2 GPUs present, the engine is for the CPU: rig gpu setup
        next     rig gpu setup
        """,
        shell.run("rig:gpu"));
    gpu.engine = FakeGpu.CUDA;
    gpu.warning = Optional.empty();
    String cuda = shell.run("rig:gpu show");
    assertTrue(
        cuda,
        cuda.endsWith(
            """
            engine   PyTorch 2.7.1 for CUDA 12.9, from Maven: org.bytedeco:pytorch (/engine)
                     GPU code for compute capability 8.0, 9.0
            auto     gpu0
            next     rig gpu test gpu0
            """));
  }

  @Test
  public void withoutADriverThereIsLittleToShow() throws Exception {
    gpu.driver = Optional.empty();
    gpu.gpus = List.of();
    gpu.warning = Optional.empty();
    assertEquals(
        """
        driver   no NVIDIA driver
        engine   PyTorch 2.7.1 for the CPU, from the distribution
        auto     cpu
        next     rig gpu test cpu
        """,
        shell.run("rig:gpu"));
  }

  @Test
  public void setsUpWhatIsAskedFor() throws Exception {
    String printed = shell.run("rig:gpu setup --engine-dir shared");
    assertEquals("fetch " + directory.resolve("shared"), gpu.asked);
    assertTrue(printed, printed.startsWith("a licence\nfetching 1 of 4 MB\nengine   PyTorch"));
    shell.run("rig:gpu setup");
    assertEquals("fetch ", gpu.asked);
    shell.run("rig:gpu setup --python bin/python");
    assertEquals("python python", gpu.asked);
    assertEquals(
        "engine   PyTorch 2.7.1 for the CPU, from the distribution\nnext     rig gpu\n",
        shell.run("rig:gpu setup --cpu"));
    assertEquals(
        "there is PyTorch 2.6.0; needed is 2.7.1", shell.error("rig:gpu setup --libtorch there"));
    assertEquals(
        "--engine-dir, --python, --libtorch and --cpu exclude each other",
        shell.error("rig:gpu setup --cpu --libtorch there"));
  }

  @Test
  public void printsOneTableAndFailsWhereTheDeviceDoes() throws Exception {
    assertEquals(
        """
        engine  PyTorch:2.7.1
        device  cpu
        network  type   logits  gradients    steps  repeats  left             img/s
        fcn      fp32  1.0e-06    2.0e-05  0.0e+00  yes      0 arrays          12.3  ok
        fcn      bf16  1.0e-02    5.0e-01  1.0e-03  yes      0 arrays, 2 MiB   56.8  ok
        """,
        shell.run("rig:gpu test"));
    assertEquals("test auto", gpu.asked);
    gpu.passes = false;
    assertEquals(
        "device cpu failed the test: see the rows with FAILED", shell.error("rig:gpu test gpu1"));
    assertTrue(shell.printed(), shell.printed().contains("FAILED"));
    assertEquals("test gpu1", gpu.asked);
  }
}
