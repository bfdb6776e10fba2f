package org.riglab.networks.inference;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Stopping;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.engine.Torch;

/** Measures of stability against numbers computed in Python, and what follows from them. */
public class StopRuleTest {
  /** Three classes, two pixels: (1, 0, -1) and (0, 2, 1), class by class. */
  private static final float[] FIRST = {1, 0, 0, 2, -1, 1};

  /** (0.5, 0.25, 3) and (0, 2, 0.5). */
  private static final float[] SECOND = {0.5f, 0, 0.25f, 2, 3, 0.5f};

  @Test
  public void measures() {
    assertEquals(0.5, Stability.change(FIRST, SECOND, 3), 0);
    assertEquals(0, Stability.change(FIRST, FIRST, 3), 0);
    assertEquals(0.8323955818399389, Stability.entropy(FIRST, 3), 1e-9);
    assertEquals(0.6103693041717912, Stability.entropy(SECOND, 3), 1e-9);
    assertEquals(0.879468103436815, Stability.divergence(SECOND, FIRST, 3), 1e-9);
    assertEquals(0, Stability.divergence(FIRST, FIRST, 3), 1e-12);
  }

  /** After how many predictions a rule stops; each prediction takes 10 ms. */
  private static int stops(Stopping stopping, List<Long> costs, float[]... predictions) {
    long[] now = {0};
    LongSupplier clock = () -> now[0];
    StopRule rule =
        new StopRule(stopping, Until.parse(stopping.until()), costs, Halting.NONE, clock);
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      for (int t = 1; t <= predictions.length; t++) {
        now[0] += 10_000_000;
        NDArray logits = manager.create(predictions[t - 1], new Shape(1, 3, 1, 2));
        if (!rule.more(t, logits)) {
          assertEquals(t, rule.milliseconds().size());
          assertEquals(10.0 * t, rule.milliseconds().get(t - 1), 1e-9);
          return t;
        }
      }
      return predictions.length + 1;
    }
  }

  private static int until(String text, float[]... predictions) {
    return stops(new Stopping(0, 0, 0, text), List.of(), predictions);
  }

  @Test
  public void stopsWhereThePredictionIsStable() {
    assertEquals(3, until("change<0.5", FIRST, SECOND, SECOND));
    assertEquals(2, until("change < 51%", FIRST, SECOND, SECOND));
    assertEquals(3, until("entropy<0.22", FIRST, SECOND, SECOND));
    assertEquals(2, until("entropy<0.23", FIRST, SECOND, SECOND));
    assertEquals(3, until("kl<0.87", FIRST, SECOND, SECOND));
    assertEquals(2, until("kl<0.88", FIRST, SECOND, SECOND));
    assertEquals(3, until("stable", FIRST, SECOND, SECOND));
    assertEquals(4, until("stable:2", FIRST, SECOND, SECOND, SECOND));
    assertEquals(6, until("stable:2", FIRST, FIRST, SECOND, SECOND, FIRST));
  }

  @Test
  public void stopsWhereTheHeadExpectsNoGain() {
    // the only weight is that of the share of changed pixels: 1, then 0.5, then 0
    Halting head = new Halting(List.of(-1.0, 0.0, 0.0, 2.0, 0.0));
    float[][] predictions = {FIRST, SECOND, SECOND};
    // probabilities: 1/(1+e^-1) = 0.731, 0.5, 0.269
    assertEquals(3, halts("halting", head, predictions));
    assertEquals(2, halts("halting<0.51", head, predictions));
    assertEquals(1, halts("halting < 0.74", head, predictions));
    assertEquals(4, halts("halting<0.26", head, predictions));
  }

  private static int halts(String until, Halting head, float[]... predictions) {
    StopRule rule =
        new StopRule(
            new Stopping(0, 0, 0, until), Until.parse(until), List.of(), head, System::nanoTime);
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      for (int t = 1; t <= predictions.length; t++) {
        if (!rule.more(t, manager.create(predictions[t - 1], new Shape(1, 3, 1, 2)))) {
          return t;
        }
      }
      return predictions.length + 1;
    }
  }

  @Test
  public void staysWithinABudget() {
    float[][] five = {FIRST, SECOND, FIRST, SECOND, FIRST};
    assertEquals(3, stops(new Stopping(0, 39.9, 0, ""), List.of(), five));
    assertEquals(4, stops(new Stopping(0, 40, 0, ""), List.of(), five));
    assertEquals(1, stops(new Stopping(0, 1, 0, ""), List.of(), five));
    List<Long> costs = new ArrayList<>();
    for (long t = 1; t <= 6; t++) {
      costs.add(t * 500_000_000);
    }
    assertEquals(2, stops(new Stopping(0, 0, 1.2, ""), costs, five));
    assertEquals(3, stops(new Stopping(0, 0, 1.5, ""), costs, five));
    assertEquals("whichever is first", 2, stops(new Stopping(0, 39, 1.2, ""), costs, five));
  }

  @Test
  public void refusesOtherConditions() {
    Iterator<String> wrong =
        List.of(
                "change<0",
                "change>1%",
                "kl<1%",
                "stable:0",
                "often",
                "entropy<x",
                "change<-1",
                "change<101%",
                "halting<1.5")
            .iterator();
    while (wrong.hasNext()) {
      String text = wrong.next();
      String message = assertThrows(RigException.class, () -> Until.parse(text)).getMessage();
      assertTrue(message, message.contains("'until' is " + text));
    }
    Inference flipped =
        new Inference(List.of(1.0), true, List.of(), 0.3, List.of(), new Stopping(0, 5, 0, ""));
    String message =
        assertThrows(
                RigException.class,
                () -> new AnytimePasses(flipped, MultiScaleInputs.SINGLE, false))
            .getMessage();
    assertTrue(message, message.contains("single pass"));
  }

  @Test
  public void refusesNumbersOfIterationsThatTakeForever() {
    assertFalse(new AnytimePasses(iterations(1000), MultiScaleInputs.SINGLE, false).single());
    assertEquals(
        "option 'iterations' is 1001; it must be 0 to 1000",
        assertThrows(
                RigException.class,
                () -> new AnytimePasses(iterations(1001), MultiScaleInputs.SINGLE, false))
            .getMessage());
  }

  private static Inference iterations(int iterations) {
    return new Inference(
        List.of(1.0), false, List.of(), 0.3, List.of(), new Stopping(iterations, 0, 0, ""));
  }
}
