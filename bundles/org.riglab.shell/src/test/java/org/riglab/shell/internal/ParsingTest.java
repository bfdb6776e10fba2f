package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PartSpec;

public class ParsingTest {
  private static final Networks NETWORKS = new Fakes.FakeBench(Path.of("home"));

  @Test
  public void partsHaveOptions() {
    assertEquals(PartSpec.of("resnet50"), Parts.parse("resnet50"));
    PartSpec part = Parts.parse("resnet:width=16:output-stride=8:layers=2,2,2,2");
    assertEquals("resnet", part.name());
    assertEquals(Map.of("width", "16", "output_stride", "8", "layers", "2,2,2,2"), part.options());
    assertEquals("resnet:layers=2,2,2,2:output_stride=8:width=16", Parts.text(part));
  }

  @Test
  public void typedOptionsAreWrittenAsTheyAreTyped() {
    assertEquals(
        "resnet:layers=2,1:width=16",
        Parts.text(new PartSpec("resnet", Map.of("width", 16L, "layers", List.of(2L, 1L)))));
  }

  @Test
  public void malformedPartsSayWhatIsWrong() {
    String hint = "; write NAME:OPTION=VALUE:..., for example resnet:width=16:layers=2,2,2,2";
    assertEquals(
        "part 'resnet:width': 'width' is not OPTION=VALUE" + hint, message("resnet:width"));
    assertEquals("part ':a=1': the name is missing" + hint, message(":a=1"));
    assertEquals("part 'r:a=1:a=2': a is given twice" + hint, message("r:a=1:a=2"));
  }

  private static String message(String part) {
    return assertThrows(RigException.class, () -> Parts.parse(part)).getMessage();
  }

  @Test
  public void feedbackIsReadInEveryNotation() {
    assertEquals(List.of(4, 5, 6), Specs.feedback("6..4"));
    assertEquals(List.of(4, 5, 6), Specs.feedback("4..6"));
    assertEquals(List.of(4, 5, 6), Specs.feedback("6,4,5"));
    assertEquals(List.of(4, 5, 6), Specs.feedback("<<6 4>>"));
    assertEquals(List.of(6), Specs.feedback("6"));
    assertEquals(List.of(6), Specs.feedback("<<6>>"));
    assertEquals(List.of(1, 4, 5), Specs.feedback("1, 4..5"));
    assertEquals(List.of(), Specs.feedback("none"));
    for (String bad : List.of("", "6..", "a", "6-4", "4,,5", "<<6 4")) {
      assertEquals(
          "feedback '" + bad + "': write 6..4, 4,5,6, 6, none, or '<<6 4>>' in quotes",
          assertThrows(RigException.class, () -> Specs.feedback(bad)).getMessage());
    }
  }

  @Test
  public void feedbackIsWrittenAsItIsTyped() {
    assertEquals("6..4", Specs.feedback(List.of(4, 5, 6)));
    assertEquals("6", Specs.feedback(List.of(6)));
    assertEquals("1,4,6", Specs.feedback(List.of(1, 4, 6)));
    assertEquals("none", Specs.feedback(List.of()));
  }

  @Test
  public void sizesAreHeightTimesWidth() {
    assertEquals(List.of(180, 240), Specs.size("180x240"));
    for (String bad : List.of("180", "0x5", "180x", "180*240", "-1x5")) {
      assertEquals(
          "size '" + bad + "': write HxW in pixels, for example 180x240",
          assertThrows(RigException.class, () -> Specs.size(bad)).getMessage());
    }
  }

  @Test
  public void batchNormHasThreePolicies() {
    assertEquals(BatchNormPolicy.PER_ITERATION, Specs.batchNorm("per-iteration"));
    assertEquals(BatchNormPolicy.FROZEN, Specs.batchNorm("frozen"));
    assertEquals(
        "batch norm 'none': allowed are per-iteration, shared, frozen",
        assertThrows(RigException.class, () -> Specs.batchNorm("none")).getMessage());
  }

  @Test
  public void aNetworkThatBecomesFeedForwardLosesItsGates() {
    NetworkSpec standard = Specs.standard(5, 3);
    assertEquals(List.of(4, 5, 6), standard.feedback());
    assertEquals(2, standard.iterations());
    NetworkSpec flat = unrolled("feed-forward", Optional.empty()).applied(standard, NETWORKS);
    assertEquals(List.of(), flat.feedback());
    assertEquals(1, flat.iterations());
    assertEquals(5, flat.classes());
    assertEquals(3, flat.seed());
    NetworkSpec again = unrolled("sequential", Optional.empty()).applied(flat, NETWORKS);
    assertEquals(List.of(4, 5, 6), again.feedback());
    assertEquals(2, again.iterations());
    NetworkSpec told = unrolled("sequential", Optional.of("6")).applied(flat, NETWORKS);
    assertEquals(List.of(6), told.feedback());
  }

  @Test
  public void aNetworkThatBecomesNetworkWideLosesItsBlocksGatesOnly() {
    NetworkSpec standard = Specs.standard(5, 0);
    NetworkSpec wide = unrolled("network-wide", Optional.empty()).applied(standard, NETWORKS);
    assertEquals(List.of(), wide.feedback());
    assertEquals(2, wide.iterations());
    NetworkSpec again = unrolled("rethinking", Optional.empty()).applied(wide, NETWORKS);
    assertEquals(List.of(4, 5, 6), again.feedback());
    assertEquals(2, again.iterations());
    NetworkSpec flat = unrolled("feed-forward", Optional.empty()).applied(wide, NETWORKS);
    assertEquals(1, flat.iterations());
    NetworkSpec gated = unrolled("network-wide-gated", Optional.empty()).applied(flat, NETWORKS);
    assertEquals(List.of(), gated.feedback());
    assertEquals(2, gated.iterations());
  }

  @Test
  public void feedbackAndIterationsStayWhereTheUnrollingStaysRecurrent() {
    NetworkSpec deep =
        new Specs.Changes(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("6..1"),
                Optional.of(4),
                Optional.empty())
            .applied(Specs.standard(5, 0), NETWORKS);
    NetworkSpec sequential = unrolled("sequential", Optional.empty()).applied(deep, NETWORKS);
    assertEquals(List.of(1, 2, 3, 4, 5, 6), sequential.feedback());
    assertEquals(4, sequential.iterations());
  }

  @Test
  public void anotherBackboneBringsItsOwnHead() {
    NetworkSpec base =
        parts(Optional.of("resnet18"), Optional.of("fcn8s"))
            .applied(Specs.standard(5, 0), NETWORKS);
    assertEquals("fcn8s", base.head().name());
    assertEquals(
        "fcn8s", unrolled("sequential", Optional.empty()).applied(base, NETWORKS).head().name());
    assertEquals(
        NetworkSpec.OWN_HEAD,
        parts(Optional.of("vgg16"), Optional.empty()).applied(base, NETWORKS).head());
    NetworkSpec headed = parts(Optional.empty(), Optional.of("aspp")).applied(base, NETWORKS);
    assertEquals("aspp", headed.head().name());
    assertEquals("resnet18", headed.backbone().name());
  }

  private static Specs.Changes parts(Optional<String> backbone, Optional<String> head) {
    return new Specs.Changes(
        backbone,
        head,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Specs.Changes unrolled(String unroll, Optional<String> feedback) {
    return new Specs.Changes(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(unroll),
        feedback,
        Optional.empty(),
        Optional.empty());
  }
}
