package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Precision;
import org.riglab.api.engine.DeviceTest;
import org.riglab.networks.engine.EngineFlags;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.training.internal.OptimizersService;

public class DeviceTestServiceTest {
  @Rule public final TemporaryFolder home = new TemporaryFolder();

  private DeviceTest service() {
    Bench bench = Benches.create(home.getRoot().toPath());
    bench.connect(Tools.onClassPath().compiler(), null, null);
    return new DeviceTestService(bench.networks, bench.networks, new OptimizersService());
  }

  @Test
  public void theCpuComputesCompiledWhatItComputesLayerByLayer() throws InterruptedException {
    DeviceTest.Result result = service().test("cpu");
    assertEquals("cpu", result.device());
    assertTrue(result.engine(), result.engine().startsWith("PyTorch:2.7.1"));
    assertEquals(8, result.rows().size());
    for (DeviceTest.Row row : result.rows()) {
      assertTrue(row.toString(), row.passed());
      assertTrue(row.toString(), row.repeats() && row.imagesPerSecond() > 0);
      // Other kernels compute, so that nothing agrees by being the same computation.
      assertTrue(row.toString(), row.logits() > 0);
      if (row.precision() == Precision.BF16) {
        assertTrue(row.toString(), row.logits() > 1e-4 && row.gradients() > 1e-3);
      } else {
        assertTrue(row.toString(), row.logits() < 1e-5 && row.gradients() < 1e-5);
      }
    }
    assertTrue(result.passed());
    assertFalse("the process computes as before", EngineFlags.isDeterministic());
  }

  @Test
  public void aDeviceThatIsNotThereIsRefused() {
    RigException e = assertThrows(RigException.class, () -> service().test("gpu7"));
    assertEquals(RigException.Kind.NOT_FOUND, e.kind());
    assertEquals(
        "there is no device 'gpu7'; there is auto, cpu (no GPU was found: rig gpu)",
        e.getMessage());
  }

  private static DeviceTrial.Numbers numbers(float[] logits, float[] a, float[] b, double loss) {
    return new DeviceTrial.Numbers(Map.of(), logits, Map.of("a", a, "b", b), List.of(2.0, loss), 1);
  }

  @Test
  public void errorsAreRelativeToTheReference() {
    DeviceTrial.Numbers reference =
        numbers(new float[] {4, -8}, new float[] {3, 4}, new float[] {0, 12}, 4);
    assertEquals(0, reference.logitsError(reference), 0);
    DeviceTrial.Numbers other =
        numbers(new float[] {4, -6}, new float[] {3, 4.5f}, new float[] {0, 12}, 4.4);
    assertEquals(0.25, reference.logitsError(other), 1e-12);
    assertEquals(0.1, reference.worstGradientError(other), 1e-12);
    assertEquals(0.5 / 13, reference.gradientsError(other), 1e-12);
    assertEquals(0.1, reference.lossesError(other), 1e-12);
    DeviceTrial.Numbers broken =
        numbers(
            new float[] {Float.NaN, -8},
            new float[] {3, Float.NaN},
            new float[] {0, 12},
            Double.NaN);
    assertTrue(Double.isNaN(reference.logitsError(broken)));
    assertTrue(Double.isNaN(reference.worstGradientError(broken)));
    assertTrue(Double.isNaN(reference.gradientsError(broken)));
    assertTrue(Double.isNaN(reference.lossesError(broken)));
  }
}
