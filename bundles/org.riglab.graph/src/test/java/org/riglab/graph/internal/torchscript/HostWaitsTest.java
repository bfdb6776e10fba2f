package org.riglab.graph.internal.torchscript;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.Test;
import org.riglab.graph.internal.backward.Joint;
import org.riglab.nn.CrossEntropy;

/**
 * No operation of a compiled step has the host wait for its device: none reads an array's value,
 * has a result whose size depends on one, or copies from the host in the way that waits.
 */
public class HostWaitsTest {
  private static final Pattern WAITS =
      Pattern.compile(
          "\\b(int|float|bool|complex)\\((?!\")"
              + "|torch\\.(item|is_nonzero|nonzero|masked_select|unique\\w*|index|cpu|numpy_T|equal"
              + "|allclose|bincount|repeat_interleave|tensor|_local_scalar_dense)\\("
              + "|\"cpu\"");

  /** Numbers of the program itself, which are copied without waiting. */
  private static final Pattern NUMBERS =
      Pattern.compile(
          "torch\\.to\\(torch\\.tensor\\(\\[[^\\]]*\\], dtype=\\d+\\),"
              + " ops\\.prim\\.device\\([^)]*\\), \\d+, True, False\\)");

  private static List<String> waits(String code) {
    return code.lines()
        .filter(line -> WAITS.matcher(NUMBERS.matcher(line).replaceAll("")).find())
        .toList();
  }

  @Test
  public void whatWaitsIsFound() {
    for (String line :
        List.of(
            "x = torch.item(y)",
            "if bool(torch.all(y)):",
            "n = int(p[0])",
            "x = torch.tensor([1., 2.], dtype=6, device=ops.prim.device(image))",
            "x = torch.nonzero(y)",
            "x = torch.to(y, torch.device(\"cpu\"))")) {
      assertEquals(List.of(line), waits(line));
    }
    String copied =
        "x = torch.to(torch.tensor([1., 2.], dtype=6), ops.prim.device(image), 6, True, False)";
    assertEquals(List.of(), waits(copied));
    assertEquals(List.of(), waits("x = torch.clamp(y, float(\"-inf\"), 2.)"));
  }

  @Test
  public void noOperationOfAStepWaits() {
    List<String> found = new ArrayList<>();
    for (DataType low : List.of(DataType.FLOAT32, DataType.BFLOAT16)) {
      List<Joint> joints = new AdjointTest().joints(low);
      assertTrue(joints.size() > 50);
      for (Joint joint : joints) {
        JointScript script = JointScript.of(joint, name -> "p[0]");
        Stream.of(script.forward(), script.backward()).forEach(code -> found.addAll(waits(code)));
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  public void theLossDoesNotWait() {
    CrossEntropy entropy = new CrossEntropy(255, List.of(1.0, 2.0, 0.5));
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList label = new NDList(manager.zeros(new Shape(2, 4, 6), DataType.INT64));
      NDList all =
          new NDList(manager.zeros(new Shape(2, 3, 4, 6)), label.head(), manager.ones(new Shape()));
      for (boolean deterministic : new boolean[] {false, true}) {
        List<String> loss =
            FunctionScript.lines(
                in -> new NDList(entropy.sum(in.get(0), in.get(1)).div(in.get(2))),
                all,
                deterministic,
                true);
        List<String> weight =
            FunctionScript.lines(
                in -> new NDList(entropy.weight(in.head(), in.head().getManager())),
                label,
                deterministic,
                true);
        assertFalse(weight.isEmpty());
        assertEquals(List.of(), waits(String.join("\n", loss)));
        assertEquals(List.of(), waits(String.join("\n", weight)));
      }
    }
  }
}
