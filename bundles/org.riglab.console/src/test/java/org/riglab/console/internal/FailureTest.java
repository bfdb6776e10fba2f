package org.riglab.console.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.console.ExitStatus;

public class FailureTest {
  private static int code(Throwable thrown) {
    return Failure.of(thrown, null).status().code();
  }

  /** Scripts rely on these numbers. */
  @Test
  public void theStatusFollowsTheKindAndNotTheWords() {
    Map<Kind, Integer> expected = new EnumMap<>(Kind.class);
    expected.put(Kind.PART_FAILED, 1);
    expected.put(Kind.IO, 1);
    expected.put(Kind.INVALID, 2);
    expected.put(Kind.NOT_FOUND, 3);
    expected.put(Kind.CONFLICT, 4);
    expected.put(Kind.BUSY, 5);
    expected.put(Kind.NO_SPACE, 6);
    expected.put(Kind.OUT_OF_MEMORY, 7);
    expected.put(Kind.UNAVAILABLE, 8);
    expected.put(Kind.DENIED, 126);
    assertEquals(Set.of(Kind.values()), expected.keySet());
    for (Kind kind : Kind.values()) {
      for (String words : List.of("there is no run 1", "is in use by a training", "x")) {
        RigException failure = new RigException(kind, words, new IllegalArgumentException(words));
        assertEquals((int) expected.get(kind), code(failure));
        assertEquals("rig: " + words, Failure.of(failure, null).line());
      }
    }
  }

  @Test
  public void otherThrowables() {
    assertEquals(130, code(new InterruptedException()));
    assertEquals(130, code(new CancellationException("between two images")));
    assertEquals(126, code(new DeniedException("x")));
    assertEquals(2, code(new UsageException("x")));
    assertEquals(7, code(new OutOfMemoryError("Java heap space")));
    assertEquals(70, code(new IllegalStateException("first\nsecond")));
    assertTrue(
        Failure.of(new IllegalStateException("first\nsecond"), null)
            .line()
            .startsWith("rig: internal error: java.lang.IllegalStateException: first (stack in "));
    RigException busy = new RigException(Kind.BUSY, "x");
    assertEquals(5, code(new ExecutionException(new InvocationTargetException(busy))));
  }

  @Test
  public void theTableOfTheDocumentationIsTheEnum() throws Exception {
    Set<String> documented = new HashSet<>();
    Path table = Path.of("../../docs/reference/exit-status.md");
    for (String line : Files.readAllLines(table)) {
      if (line.matches("\\| \\d+ \\|.*")) {
        documented.add(line.split("\\|")[1].strip());
      }
    }
    Set<String> codes = new HashSet<>();
    for (ExitStatus status : ExitStatus.values()) {
      assertTrue(codes.add(Integer.toString(status.code())));
    }
    assertEquals(codes, documented);
  }
}
