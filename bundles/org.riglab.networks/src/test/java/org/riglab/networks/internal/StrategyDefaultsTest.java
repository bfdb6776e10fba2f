package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;

/** What a spec does not name is what its unroll strategy says, also one of a plugin. */
public class StrategyDefaultsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private Bench bench;

  private record Own(List<Integer> defaultFeedback, int defaultIterations) implements Unroll {
    @Override
    public int applications(UnrollSpec spec, int block, Options options) {
      return spec.iterations();
    }

    @Override
    public NDList forward(Pass pass, NDArray image, Options options) {
      throw new UnsupportedOperationException();
    }
  }

  @Before
  public void setUp() throws Exception {
    registry.put("resnet50", registry.providers.get("resnet"));
    registry.put("last-two", new Own(List.of(6, 5), 3));
    registry.put("whole", new Own(List.of(), 4));
    bench = Benches.create(folder.newFolder().toPath(), registry);
  }

  private NetworkSpec spec(Map<String, Object> json) {
    return bench.networks.spec(json, "test");
  }

  private void check(String unroll, List<Integer> feedback, int iterations) {
    NetworkSpec spec = spec(Map.of("classes", 2L, "unroll", unroll));
    assertEquals(unroll, feedback, spec.feedback());
    assertEquals(unroll, iterations, spec.iterations());
  }

  @Test
  public void strategiesCompleteSpecs() {
    check("last-two", List.of(5, 6), 3);
    check("whole", List.of(), 4);
    check("parallel", List.of(4, 5, 6), 2);
    check("network-wide", List.of(), 2);
    check("network-wide-gated", List.of(), 2);
    check("feed-forward", List.of(), 1);
    NetworkSpec told =
        spec(
            Map.of("classes", 2L, "unroll", "last-two", "feedback", List.of(2L), "iterations", 1L));
    assertEquals(List.of(2), told.feedback());
    assertEquals(1, told.iterations());
  }

  /** A field beside a nested spec instead of in it would have no effect. */
  @Test
  public void whatLiesBesideANestedSpecIsKnown() {
    Map<String, Object> nested = Map.of("classes", 2L);
    assertEquals(2, spec(Map.of("spec", nested, "name", "x", "size", List.of(9L, 9L))).classes());
    assertEquals(
        "network spec test: 'gate', 'sizes' are unknown; allowed are analysis, batch, blocks,"
            + " classes, expected, name, parameters, parts, size, spec; the most similar is size",
        assertThrows(
                RigException.class,
                () -> spec(Map.of("spec", nested, "gate", "mul-tanh", "sizes", List.of())))
            .getMessage());
    assertEquals(
        "network spec test has no option 'gaet'; it has gate, backbone, head, unroll,"
            + " feedback, iterations, classes, batch_norm, seed",
        assertThrows(RigException.class, () -> spec(Map.of("spec", Map.of("gaet", "x"))))
            .getMessage());
  }

  @Test
  public void strategiesWithoutFeedbackRefuseIt() {
    Map<String, Object> json =
        Map.of("classes", 2L, "unroll", "whole", "feedback", List.of(5L, 6L));
    assertEquals(
        "network spec test: unroll whole has no feedback to single blocks: feedback must be none,"
            + " not 5,6",
        assertThrows(RigException.class, () -> spec(json)).getMessage());
  }
}
