package org.riglab.base;

import static org.junit.Assert.assertEquals;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.Test;

public class RepeatedFailuresTest {
  private static final OptionalInt LOGGED = OptionalInt.of(0);
  private static final OptionalInt SILENT = OptionalInt.empty();

  private final AtomicLong now = new AtomicLong();
  private final RepeatedFailures failures = new RepeatedFailures(Duration.ofMinutes(10), now::get);

  private OptionalInt fail(String task, String message) {
    return failures.failed(task, new IllegalStateException(message));
  }

  @Test
  public void theSameFailureIsLoggedOncePerInterval() {
    assertEquals(LOGGED, fail("a", "down"));
    for (int k = 0; k < 5; k++) {
      now.addAndGet(Duration.ofSeconds(2).toNanos());
      assertEquals(SILENT, fail("a", "down"));
    }
    now.set(Duration.ofMinutes(10).toNanos());
    assertEquals(OptionalInt.of(5), fail("a", "down"));
    assertEquals(SILENT, fail("a", "down"));
  }

  @Test
  public void whatIsNewIsLogged() {
    assertEquals(LOGGED, fail("a", "down"));
    assertEquals("another failure", LOGGED, fail("a", "no route"));
    assertEquals("another task", LOGGED, fail("b", "no route"));
    assertEquals(SILENT, fail("a", "no route"));
    failures.succeeded("a");
    assertEquals("after it worked", LOGGED, fail("a", "no route"));
  }
}
