package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.Test;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.Request;
import org.junit.runner.manipulation.Filter;
import org.junit.runner.notification.Failure;
import org.riglab.api.Options;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.testkit.GateContract;

/** What an author sees of a contract that fails. */
public class FailureTest {
  /** Is no gate: it has one input only. */
  public static final class WrongGate implements Gate {
    @Override
    public Block create(GateShape shape, Options options) {
      return Blocks.batchFlattenBlock();
    }
  }

  /** Not run by itself. */
  public static final class Contract extends GateContract {
    @Override
    protected Gate gate() {
      return new WrongGate();
    }
  }

  @Test
  public void isOneSentenceAndAShortTrace() {
    Filter one =
        new Filter() {
          @Override
          public boolean shouldRun(Description description) {
            return description.isSuite()
                || description.getMethodName().equals("resultHasTheShapeOfItsInput");
          }

          @Override
          public String describe() {
            return "one";
          }
        };
    List<Failure> failures =
        new JUnitCore().run(Request.aClass(Contract.class).filterWith(one)).getFailures();
    assertEquals(1, failures.size());
    StringWriter trace = new StringWriter();
    failures.get(0).getException().printStackTrace(new PrintWriter(trace));
    List<String> lines = trace.toString().lines().toList();
    assertEquals(trace.toString(), 2, lines.size());
    assertFalse(lines.get(0), lines.get(0).endsWith("AssertionError"));
    assertTrue(lines.get(1), lines.get(1).contains("at org.riglab.testkit.GateContract."));
  }
}
