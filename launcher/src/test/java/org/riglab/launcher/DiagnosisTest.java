package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Set;
import org.junit.Test;
import org.osgi.framework.dto.BundleDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.riglab.api.RigException;

public class DiagnosisTest {
  private static String reason(Throwable failure) {
    ComponentDescriptionDTO component = new ComponentDescriptionDTO();
    component.name = "org.example.Part";
    component.bundle = new BundleDTO();
    component.bundle.symbolicName = "org.example";
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return Diagnosis.reason(component, trace.toString());
  }

  @Test
  public void aFailureThatAUserCanCorrectIsItsMessage() {
    for (RigException.Kind kind : RigException.Kind.values()) {
      RigException failure = new RigException(kind, "any words: at all");
      assertEquals("any words: at all", reason(failure));
      assertEquals("any words: at all", reason(new IllegalStateException("outer", failure)));
    }
  }

  @Test
  public void aComponentOfAFeatureThatIsLeftOutIsNotExpected() {
    ComponentDescriptionDTO component = new ComponentDescriptionDTO();
    component.properties = Map.of();
    assertTrue(Diagnosis.isExpected(component, Set.of("core")));
    component.properties = Map.of("riglab.feature", "training");
    assertFalse(Diagnosis.isExpected(component, Set.of("core")));
    assertTrue(Diagnosis.isExpected(component, Set.of("core", "training")));
  }

  @Test
  public void anyOtherNamesItsComponent() {
    assertEquals(
        "component org.example.Part of org.example failed: java.lang.IllegalStateException: x",
        reason(new IllegalStateException("x")));
    assertEquals(
        "component org.example.Part of org.example failed: java.lang.IllegalStateException:"
            + " speaks of an org.riglab.api.RigException: no",
        reason(new IllegalStateException("speaks of an org.riglab.api.RigException: no")));
  }
}
