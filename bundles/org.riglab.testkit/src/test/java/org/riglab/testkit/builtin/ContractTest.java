package org.riglab.testkit.builtin;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.nn.Block;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;
import org.riglab.api.Options;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.gates.internal.Identity;
import org.riglab.testkit.BackboneContract;
import org.riglab.testkit.DatasetContract;
import org.riglab.testkit.GateContract;
import org.riglab.testkit.MetricContract;
import org.riglab.testkit.UnrollContract;
import org.riglab.testkit.internal.BackboneChecks;
import org.riglab.testkit.internal.Check;
import org.riglab.testkit.internal.DatasetChecks;
import org.riglab.testkit.internal.GateChecks;
import org.riglab.testkit.internal.MetricChecks;
import org.riglab.testkit.internal.Survival;
import org.riglab.testkit.internal.UnrollChecks;

public class ContractTest {
  private static final String LEFT = "left-by-a-part";
  private static final String PINNED = "riglab.testkit.pinned";

  private static Set<String> tests(Class<?> contract) {
    return Stream.of(contract.getMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(List<? extends Check<?>> checks) {
    Set<String> names =
        checks.stream().map(Check::name).collect(Collectors.toCollection(TreeSet::new));
    names.add(Survival.AFTER_USE.name());
    return names;
  }

  @Test
  public void whatJUnitChecksThePluginCheckDoes() {
    assertEquals(names(GateChecks.ALL), tests(GateContract.class));
    assertEquals(names(BackboneChecks.ALL), tests(BackboneContract.class));
    assertEquals(names(UnrollChecks.ALL), tests(UnrollContract.class));
    assertEquals(names(DatasetChecks.ALL), tests(DatasetContract.class));
    assertEquals(names(MetricChecks.ALL), tests(MetricContract.class));
  }

  /** A test of nothing. */
  public static class Nothing extends GateContract {
    @Override
    protected Gate gate() {
      return null;
    }
  }

  @Test
  public void saysThatThereIsNothingToCheck() {
    Result result = JUnitCore.runClasses(Nothing.class);
    assertEquals(tests(GateContract.class).size(), result.getFailureCount());
    assertEquals("the test gives no gate to check", result.getFailures().get(0).getMessage());
  }

  @Test
  public void classesThatStayAreFound() {
    try {
      Result result = JUnitCore.runClasses(Pinned.class);
      assertEquals(
          List.of("classesGoAfterUse(" + Pinned.class.getName() + ")"),
          result.getFailures().stream().map(Failure::getTestHeader).toList());
      String said = result.getFailures().get(0).getMessage();
      assertTrue(said, said.startsWith("its classes stay in memory after it was removed"));
    } finally {
      System.getProperties().remove(PINNED);
    }
  }

  @Test
  public void aThreadThatStaysIsNamed() {
    try {
      Result result = JUnitCore.runClasses(LeavesThread.class);
      assertEquals(
          List.of("classesGoAfterUse(" + LeavesThread.class.getName() + ")"),
          result.getFailures().stream().map(Failure::getTestHeader).toList());
      String said = result.getFailures().get(0).getMessage();
      assertTrue(said, said.contains("refers to them, the thread '" + LEFT + "', which is in "));
      assertTrue(said, said.contains("ContractTest$Leaving."));
      assertTrue(said, said.contains(" (ContractTest.java:"));
    } finally {
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().equals(LEFT))
          .forEach(Thread::interrupt);
    }
  }

  /** A gate that starts a thread. */
  public static class LeavesThread extends GateContract {
    @Override
    protected Gate gate() {
      return new Leaving();
    }
  }

  /** Nobody ends its threads. */
  static final class Leaving implements Gate {
    @Override
    public Block create(GateShape shape, Options options) {
      Thread thread = new Thread(Leaving::stay, LEFT);
      thread.setDaemon(true);
      thread.start();
      return new Identity().create(shape, options);
    }

    private static void stay() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A gate whose classes something outside keeps. */
  public static class Pinned extends GateContract {
    @Override
    protected Gate gate() {
      return new Pin();
    }
  }

  /** Registers itself where nobody takes it away. */
  static final class Pin implements Gate {
    @Override
    public Block create(GateShape shape, Options options) {
      System.getProperties().put(PINNED, this);
      return new Identity().create(shape, options);
    }
  }
}
