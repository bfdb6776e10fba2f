package org.riglab.nn.script;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;

public class ArchiveTest {
  private static final String SCALE = "backbone.layer1.0.weight";
  private static final String MEAN = "backbone.layer1.running_mean";

  private static Archive withState() {
    Map<String, Value> state = new LinkedHashMap<>();
    state.put(SCALE, new Value(List.of(2L, 2L), true, FloatBuffer.wrap(new float[] {1, 2, 3, 4})));
    state.put(MEAN, new Value(List.of(2L), false, FloatBuffer.wrap(new float[] {10, 20})));
    return new Archive(
        List.of(
            new Method(
                "forward",
                List.of("x: Tensor"),
                "List[Tensor]",
                List.of(
                    "y = torch.matmul(x, " + Archive.access(SCALE) + ")",
                    "return [y, torch.add(y, " + Archive.access(MEAN) + ")]"))),
        state);
  }

  private static byte[] bytes(Archive archive) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    archive.write(out);
    return out.toByteArray();
  }

  private static PtSymbolBlock load(NDManager manager, Archive archive) throws IOException {
    return JniUtils.loadModule(
        (PtNDManager) manager, new ByteArrayInputStream(bytes(archive)), false, false);
  }

  @Test
  public void stateIsReadByItsName() throws IOException {
    try (NDManager manager = NDManager.newBaseManager();
        PtSymbolBlock block = load(manager, withState())) {
      NDArray x = manager.create(new float[] {1, 1, 0, 2}, new Shape(2, 2));
      NDList y = IValueUtils.forward(block, new NDList(x), false);
      assertArrayEquals(new float[] {4, 6, 6, 8}, y.get(0).toFloatArray(), 0);
      assertArrayEquals(new float[] {14, 26, 16, 28}, y.get(1).toFloatArray(), 0);
    }
  }

  @Test
  public void theSameModuleIsTheSameArchive() throws IOException {
    assertArrayEquals(bytes(withState()), bytes(withState()));
  }

  @Test
  public void gradientsReachTensorsThatArePassedIn() throws IOException {
    Archive archive =
        new Archive(
            List.of(
                new Method(
                    "loss",
                    List.of("x: Tensor", "p: List[Tensor]"),
                    "Tensor",
                    List.of(
                        "if True:",
                        "  y = torch.mul(torch.mul(x, p[0]), p[1])",
                        "else:",
                        "  y = x",
                        "return torch.sum(y)"))),
            Map.of());
    try (NDManager manager = NDManager.newBaseManager();
        PtSymbolBlock block = load(manager, archive)) {
      NDArray a = manager.create(new float[] {2, 3});
      NDArray b = manager.create(new float[] {5, 7});
      NDArray x = manager.create(new float[] {1, 10});
      NDArray method = manager.create(0f);
      method.setName("module_method:loss");
      NDList inputs = new NDList(x, method);
      for (NDArray parameter : List.of(a, b)) {
        parameter.setRequiresGradient(true);
        parameter.setName("p[]");
        inputs.add(parameter);
      }
      boolean before = JniUtils.isGradMode();
      JniUtils.setGradMode(true);
      NDArray loss = IValueUtils.forward(block, inputs, true).singletonOrThrow();
      JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
      JniUtils.setGradMode(before);
      assertEquals(220, loss.getFloat(), 0);
      assertArrayEquals(new float[] {5, 70}, a.getGradient().toFloatArray(), 0);
      assertArrayEquals(new float[] {2, 30}, b.getGradient().toFloatArray(), 0);
    }
  }

  @Test
  public void aNameIsATensorOrAModule() {
    Value value = new Value(List.of(), false, FloatBuffer.allocate(1));
    Map<String, Value> state = new LinkedHashMap<>();
    state.put("a.mean", value);
    state.put("a.mean.t2", value);
    assertThrows(IllegalArgumentException.class, () -> new Archive(List.of(), state));
  }
}
