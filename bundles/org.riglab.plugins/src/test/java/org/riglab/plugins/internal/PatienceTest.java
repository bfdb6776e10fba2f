package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.Test;
import org.riglab.api.RigException;

public class PatienceTest {
  private static final Predicate<String> OWN = Spinning.class.getName()::equals;

  /** Ignores interrupts. */
  private static final class Spinning {
    private final AtomicBoolean end = new AtomicBoolean();

    String spin() {
      while (!end.get()) {
        Thread.onSpinWait();
      }
      return "back";
    }
  }

  @Test
  public void givesUpWhatDoesNotReturnAndSaysWhereItIs() {
    Spinning spinning = new Spinning();
    try {
      RigException e =
          assertThrows(
              RigException.class,
              () -> new Patience(Duration.ofSeconds(1)).run("plugin a 1.0.0", OWN, spinning::spin));
      assertEquals(RigException.Kind.PART_FAILED, e.kind());
      assertTrue(Patience.gaveUp(e));
      assertTrue(
          e.getMessage(),
          e.getMessage()
              .matches(
                  "plugin a 1[.]0[.]0 does not start: it has not returned for 1 s: it is in"
                      + " PatienceTest[$]Spinning[.]spin [(]PatienceTest[.]java:[0-9]+[)]"));
    } finally {
      spinning.end.set(true);
    }
  }

  @Test
  public void passesOnResultsAndWhatIsThrown() {
    Patience patience = new Patience(Duration.ofMinutes(1));
    assertEquals("result", patience.run("plugin a", OWN, () -> "result"));
    for (Throwable thrown : new Throwable[] {new AssertionError("a"), new RigException("b")}) {
      Throwable e =
          assertThrows(
              Throwable.class,
              () ->
                  patience.run(
                      "plugin a",
                      OWN,
                      () -> {
                        if (thrown instanceof Error error) {
                          throw error;
                        }
                        throw (RuntimeException) thrown;
                      }));
      assertSame(thrown, e);
      assertFalse(Patience.gaveUp(e));
    }
  }
}
