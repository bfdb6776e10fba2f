package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import ai.djl.ndarray.NDList;
import ai.djl.nn.LambdaBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Gate;
import org.riglab.testkit.GateContract;

/** Parts that do not come back are given up, and it is said where they are. */
public class WatchedTest {
  private static final Duration SOON = Duration.ofSeconds(2);
  private static volatile boolean over;

  /** A gate without parameters. */
  private static Gate gate(Runnable does) {
    return (shape, options) ->
        new LambdaBlock(
            in -> {
              does.run();
              return new NDList(in.head().duplicate());
            });
  }

  private static Subject<Gate> subject(Gate gate) {
    return new Subject<>(Gate.KIND, "test", gate, Map.of(), Tools.onClassPath());
  }

  static void spin() {
    while (!over) {
      Thread.onSpinWait();
    }
  }

  static void sleep() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("woken", e);
    }
  }

  @Before
  public void warm() {
    over = false;
    Check.Outcome outcome = GateChecks.SHAPE.run(subject(gate(() -> {})));
    assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
  }

  @After
  public void end() {
    over = true;
  }

  @Test
  public void saysWhereAPartLoops() {
    Subject<Gate> subject = subject(gate(WatchedTest::spin));
    String said = assertThrows(Hung.class, () -> GateChecks.SHAPE.run(subject, SOON)).getMessage();
    assertTrue(said, said.matches("no return after 2 s: it is in WatchedTest[.]spin .*"));
    assertTrue(said, said.matches(".*spin [(]WatchedTest[.]java:\\d+[)], called by .*"));
    assertTrue(said, said.endsWith("; an interrupt does not end it, the end of this process does"));
    assertEquals(said, 1, said.lines().count());
  }

  @Test
  public void anInterruptEndsWhatWaits() {
    Subject<Gate> subject = subject(gate(WatchedTest::sleep));
    String said = assertThrows(Hung.class, () -> GateChecks.SHAPE.run(subject, SOON)).getMessage();
    assertTrue(said, said.contains("it is in WatchedTest.sleep (WatchedTest.java:"));
    assertFalse(said, said.contains("interrupt"));
  }

  @Test
  public void aWholeContractEndsThere() {
    List<PluginChecks.Check> ended = new ArrayList<>();
    Contracts.run(
        gate(WatchedTest::spin),
        "test",
        Map.of(),
        Optional.empty(),
        Tools.onClassPath(),
        SOON,
        ended::add);
    assertEquals(1, ended.size());
    assertEquals(GateChecks.SHAPE.name(), ended.get(0).name());
    assertEquals(Verdict.FAILED, ended.get(0).verdict());
    String said = ended.get(0).sentence();
    assertTrue(said, said.endsWith("; no other check was run"));
  }

  /** A gate that loops, as an author tests it. */
  public static class Loops extends GateContract {
    @Override
    protected Gate gate() {
      return WatchedTest.gate(WatchedTest::spin);
    }

    @Override
    protected Duration limit() {
      return SOON;
    }
  }

  @Test
  public void theOtherTestsOfALoopDoNotWaitToo() {
    Result result = JUnitCore.runClasses(Loops.class);
    List<String> said = result.getFailures().stream().map(Failure::getMessage).toList();
    assertEquals(result.getRunCount(), said.size());
    List<String> waited = said.stream().filter(s -> s.startsWith("no return after")).toList();
    assertEquals(said.toString(), 1, waited.size());
    assertTrue(
        said.toString(),
        said.stream()
            .filter(s -> !waited.contains(s))
            .allMatch(s -> s.startsWith("not run: the part does not return, see ")));
  }

  @Test
  public void whatIsThrownPasses() {
    Error error = new OutOfMemoryError("not this time");
    assertSame(
        error,
        assertThrows(
            OutOfMemoryError.class,
            () ->
                Watched.run(
                    "test",
                    SOON,
                    () -> {
                      throw error;
                    })));
    assertEquals("fine", Watched.run("test", SOON, () -> "fine"));
  }

  @Test
  public void theTimeOfAStoppedProcessDoesNotCount() throws Exception {
    Path shell = Path.of("/bin/sh");
    assumeTrue("signals are sent with " + shell, Files.isExecutable(shell));
    long pid = ProcessHandle.current().pid();
    ProcessBuilder stop =
        new ProcessBuilder(
            shell.toString(), "-c", "kill -STOP %d; sleep 4; kill -CONT %d".formatted(pid, pid));
    assertEquals(
        "fine",
        Watched.run(
            "test",
            SOON,
            () -> {
              try {
                assertEquals(0, stop.start().waitFor());
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return "fine";
            }));
  }

  @Test
  public void interruptingTheCallerEndsTheCheck() {
    Thread.currentThread().interrupt();
    assertThrows(
        CancellationException.class,
        () ->
            Watched.run(
                "test",
                SOON,
                () -> {
                  sleep(); // ends by the interrupt alone
                  return "";
                }));
    assertTrue(Thread.interrupted());
  }
}
