package org.riglab.training.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.StepKernels;

/** What does a step reads arrays through one class alone, which counts; see DeviceStepsTest. */
public class HostReadsTest {
  private static final List<String> READS =
      List.of(
          "getFloat",
          "getLong",
          "getInt",
          "getDouble",
          "getBoolean",
          "toFloatArray",
          "toDoubleArray",
          "toLongArray",
          "toByteArray",
          "toByteBuffer",
          "toBooleanArray",
          "toArray");

  private static List<String> reads(Class<?> type) throws IOException {
    List<String> found = new ArrayList<>();
    try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      String pool = new String(in.readAllBytes(), ISO_8859_1);
      for (String read : READS) {
        // a name in the constant pool: its tag, its length, its characters
        if (pool.contains("\1\0" + (char) read.length() + read)) {
          found.add(type.getSimpleName() + "." + read);
        }
      }
    }
    return found;
  }

  @Test
  public void aReadIsFound() throws IOException {
    assertTrue(reads(Optimizer.class).contains("Optimizer.toFloatArray")); // of checkpoints
  }

  @Test
  public void nothingElseReads() throws IOException {
    List<String> found = new ArrayList<>();
    for (Class<?> type :
        List.of(
            Stepper.class,
            Updates.class,
            DeviceChecks.class,
            FiniteChecks.class,
            Gradients.class,
            Sgd.class,
            AdamW.class,
            MovingAverage.class,
            LossScale.class,
            Targets.class,
            Objective.class,
            LeasedLoss.class,
            StepKernels.class)) {
      found.addAll(reads(type));
    }
    assertEquals(List.of(), found);
    assertEquals(List.of("Kernels.getFloat"), reads(Kernels.class)); // of a measurement
  }
}
