package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.riglab.nn.script.Archive;
import org.riglab.nn.script.Method;

/**
 * What a step of training does on its device without the host waiting for it: uploads, the check of
 * losses and gradients, and what follows from it. Nothing but {@link #read} waits for the device.
 * Not thread safe.
 *
 * <p>A flag is a float32 array (1): 1 for a step that must not change anything, else 0.
 */
public final class StepKernels implements AutoCloseable {
  private static final String TENSOR = "Tensor";
  private static final String FLAG = "flag: Tensor";
  private static final String LEFT = "a: List[Tensor]";
  private static final String RIGHT = "b: List[Tensor]";
  private static final String EACH = "for i in range(torch.len(a)):";

  /** Numbers in front of the losses in what {@link #read} returns. */
  private static final int JUDGED = 3;

  private static final List<Method> METHODS = methods();

  private final NDManager manager;
  private final PtSymbolBlock block;
  private final String pinned;
  private final NDArray like;
  private final NDArray judged;
  private final NDArray unjudged;

  /** Updates of a scale in a row after which it is doubled; see {@link #unscale}. */
  public static final int STREAK = 2000;

  private static List<Method> methods() {
    List<Method> methods = new ArrayList<>();
    for (boolean pinned : new boolean[] {false, true}) {
      // types are converted on the device: a copy that converts does so before it copies
      String there =
          "x = torch.to(%s, ops.prim.device(scale), 0, True, False)"
              .formatted(pinned ? "torch.pin_memory(bytes)" : "bytes");
      String name = pinned ? "_pinned" : "";
      methods.add(
          method(
              "images" + name,
              List.of("bytes: Tensor", "scale: Tensor", "shift: Tensor"),
              there,
              "return torch.add(torch.mul(torch.to(x, 6), scale), shift)"));
      methods.add(
          method(
              "labels" + name,
              List.of("bytes: Tensor", "scale: Tensor"),
              there,
              "return torch.to(x, 4)"));
    }
    methods.add(
        method(
            "divisor",
            List.of("a: List[Tensor]"),
            "sum = a[0]",
            "for i in range(torch.sub(torch.len(a), 1)):",
            "  sum = torch.add(sum, a[torch.add(i, 1)])",
            "return torch.add(sum, torch.to(torch.eq(sum, 0.), 6))"));
    methods.add(
        method(
            "judge",
            List.of("step: Tensor", "judged: Tensor", LEFT),
            "norms = torch.stack(torch._foreach_norm(a, 2), 0)",
            "fine = torch.all(torch.isfinite(norms))",
            "wrong = torch.to(torch.logical_not(fine), 7)",
            "before = torch.select(judged, 0, 0)",
            "after = torch.maximum(before, wrong)",
            "first = torch.mul(torch.mul(wrong, torch.rsub(before, 1)), float(step))",
            "since = torch.add(torch.select(judged, 0, 1), first)",
            "most = torch.maximum(torch.select(judged, 0, 2), torch.to(torch.max(norms), 7))",
            "flag = torch.to(torch.reshape(after, [1]), 6)",
            "_0 = torch.copy_(judged, torch.stack([after, since, most], 0))",
            "return flag"));
    methods.add(
        method(
            "unscale",
            List.of("state: Tensor", FLAG, LEFT),
            "scale = torch.select(state, 0, 0)",
            "streak = torch.select(state, 0, 1)",
            "skipped = torch.select(state, 0, 2)",
            "found = torch.zeros_like(flag)",
            "torch._amp_foreach_non_finite_check_and_unscale_(a, found, torch.reciprocal(scale))",
            "none = torch.zeros_like(streak)",
            "longer = torch.add(streak, 1)",
            "kept = torch.stack([scale, longer, skipped], 0)",
            "doubled = torch.stack([torch.mul(scale, 2), none, skipped], 0)",
            "halved = torch.stack([torch.mul(scale, 0.5), none, torch.add(skipped, 1)], 0)",
            "updated = torch.where(torch.lt(longer, " + STREAK + "), kept, doubled)",
            "next = torch.where(torch.gt(found, 0), halved, updated)",
            "_0 = torch.copy_(state, torch.where(torch.gt(flag, 0), state, next))",
            "return torch.maximum(found, flag)"));
    methods.add(
        method(
            "element",
            List.of("x: Tensor", "index: Tensor"),
            "return torch.select(x, 0, int(index))"));
    methods.add(method("copy", List.of(LEFT, RIGHT), "torch._foreach_copy_(a, b)", "return a[0]"));
    methods.add(
        method(
            "copy_if",
            List.of(FLAG, LEFT, RIGHT),
            "wrong = torch.gt(torch.select(flag, 0, 0), 0)",
            EACH,
            "  _0 = torch.copy_(a[i], torch.where(wrong, b[i], a[i]))",
            "return flag"));
    methods.add(
        method(
            "lerp_unless",
            List.of("share: Tensor", FLAG, LEFT, RIGHT),
            "weight = torch.mul(torch.rsub(torch.select(flag, 0, 0), 1), float(share))",
            EACH,
            "  _0 = torch.lerp_(a[i], b[i], weight)",
            "return flag"));
    methods.add(
        method(
            "report",
            List.of("judged: Tensor", LEFT),
            "return torch.cat([judged, torch.to(torch.stack(a, 0), 7)], 0)"));
    return List.copyOf(methods);
  }

  private static Method method(String name, List<String> parameters, String... lines) {
    return new Method(name, parameters, TENSOR, List.of(lines));
  }

  /**
   * @return all methods, as TorchScript
   */
  static List<Method> code() {
    return METHODS;
  }

  /**
   * @param device where the arrays are
   */
  public StepKernels(Device device) {
    manager = Torch.newManager(device);
    block = new Archive(METHODS, Map.of()).load(manager);
    pinned = device.isGpu() ? "_pinned" : "";
    like = manager.zeros(new Shape());
    judged = manager.zeros(new Shape(JUDGED), DataType.FLOAT64);
    unjudged = manager.zeros(new Shape(JUDGED), DataType.FLOAT64);
  }

  /**
   * What becomes of the bytes of an image, on the device.
   *
   * @param scale factor on a value of 0 to 255, (C, 1, 1)
   * @param shift added afterwards, (C, 1, 1)
   */
  public record Pixels(NDArray scale, NDArray shift) {}

  /**
   * @param scale factor on a value of 0 to 255, per channel
   * @param shift added afterwards, per channel
   * @return the same on the device, until this is closed
   */
  public Pixels pixels(float[] scale, float... shift) {
    return new Pixels(
        manager.create(scale, new Shape(scale.length, 1, 1)),
        manager.create(shift, new Shape(shift.length, 1, 1)));
  }

  /**
   * Uploads images as bytes; they become numbers on the device. A GPU copies from pinned memory of
   * the engine while it computes: the buffer can be used again at once.
   *
   * @param bytes (N, C, H, W), direct; on the CPU, in use until the result is there
   * @param shape N, C, H, W
   * @param pixels what becomes of a byte
   * @param owner of the result
   * @return (N, C, H, W), float32
   */
  public NDArray images(ByteBuffer bytes, Shape shape, Pixels pixels, NDManager owner) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDArray raw = host.create(bytes, shape, DataType.UINT8);
      return owned(run("images" + pinned, plain(raw, pixels.scale(), pixels.shift()), host), owner);
    }
  }

  /**
   * Uploads labels, as {@link #images}.
   *
   * @param bytes (N, H, W), direct
   * @param shape N, H, W
   * @param owner of the result
   * @return (N, H, W), int64
   */
  public NDArray labels(ByteBuffer bytes, Shape shape, NDManager owner) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDArray raw = host.create(bytes, shape, DataType.UINT8);
      return owned(run("labels" + pinned, plain(raw, like), host), owner);
    }
  }

  /**
   * @param weights scalars
   * @param owner of the result
   * @return their sum, or 1 instead of 0
   */
  public NDArray divisor(List<NDArray> weights, NDManager owner) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      return owned(run("divisor", list(new NDList(), "a[]", weights), host), owner);
    }
  }

  /**
   * @param owner of the result
   * @return the flag of a step that may change something
   */
  public NDArray fine(NDManager owner) {
    return owner.zeros(new Shape(1));
  }

  /**
   * Judges a step. Once a step was wrong, all later ones are, until the next {@link #read}.
   *
   * @param step its number
   * @param arrays losses and gradients
   * @param owner of the result
   * @return the flag: whether any of them is not finite, in this step or one before
   */
  public NDArray judge(long step, List<? extends NDArray> arrays, NDManager owner) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDList inputs = plain(host.create((double) step), judged);
      return owned(run("judge", list(inputs, "a[]", arrays), host), owner);
    }
  }

  /**
   * Divides gradients by a scale, which is halved if one is not finite then, and doubled after
   * {@link #STREAK} updates.
   *
   * @param state scale, updates since it last changed, steps without an update; changed in place
   * @param flag of the step; nothing of the state changes if it is 1
   * @param gradients changed in place
   * @param owner of the result
   * @return the flag: whether the gradients are of no use
   */
  public NDArray unscale(
      NDArray state, NDArray flag, List<? extends NDArray> gradients, NDManager owner) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDList inputs = plain(state, flag);
      return owned(run("unscale", list(inputs, "a[]", gradients), host), owner);
    }
  }

  /**
   * @param array (n)
   * @param index 0 to n-1
   * @param owner of the result
   * @return a scalar that shares the array's memory
   */
  public NDArray element(NDArray array, int index, NDManager owner) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      return owned(run("element", plain(array, host.create((long) index)), host), owner);
    }
  }

  /**
   * Copies arrays.
   *
   * @param to changed in place; not empty
   * @param from of the same shapes
   */
  public void copy(List<? extends NDArray> to, List<? extends NDArray> from) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      run("copy", list(list(new NDList(), "a[]", to), "b[]", from), host).close();
    }
  }

  /**
   * Copies arrays if the step is wrong.
   *
   * @param flag of the step
   * @param to changed in place
   * @param from of the same shapes
   */
  public void copyIf(NDArray flag, List<? extends NDArray> to, List<? extends NDArray> from) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDList inputs = list(list(plain(flag), "a[]", to), "b[]", from);
      run("copy_if", inputs, host).close();
    }
  }

  /**
   * Moves arrays towards others, {@code a + share * (b - a)}, unless the step is wrong.
   *
   * @param flag of the step
   * @param share 0 to 1
   * @param from a, changed in place
   * @param to b, of the same shapes
   */
  public void lerpUnless(
      NDArray flag, double share, List<? extends NDArray> from, List<? extends NDArray> to) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDList inputs = list(list(plain(host.create(share), flag), "a[]", from), "b[]", to);
      run("lerp_unless", inputs, host).close();
    }
  }

  /**
   * What the host knows after it has waited.
   *
   * @param wrong number of the first step that was wrong; 0 if none was
   * @param largest of the norms that were judged
   * @param losses in the order in which they were given
   */
  public record Report(long wrong, double largest, List<Double> losses) {}

  /**
   * Waits for the device, once, and forgets what was judged.
   *
   * @param losses scalars; not empty
   * @return what came of the steps
   */
  public Report read(List<NDArray> losses) {
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDArray all = run("report", list(plain(judged), "a[]", losses), host);
      all.attach(host);
      double[] numbers = HostReads.doubles(all);
      copy(List.of(judged), List.of(unjudged));
      List<Double> values = new ArrayList<>();
      for (int i = JUDGED; i < numbers.length; i++) {
        values.add(numbers[i]);
      }
      return new Report((long) numbers[1], numbers[2], List.copyOf(values));
    }
  }

  private static NDArray owned(NDArray array, NDManager owner) {
    array.attach(owner);
    return array;
  }

  /** Arguments that are no lists; an array keeps the name that it had in another call. */
  private static NDList plain(NDArray... arrays) {
    for (NDArray array : arrays) {
      array.setName(null);
    }
    return new NDList(arrays);
  }

  private static NDList list(NDList inputs, String name, List<? extends NDArray> arrays) {
    for (NDArray array : arrays) {
      array.setName(name);
      inputs.add(array);
    }
    return inputs;
  }

  private NDArray run(String method, NDList inputs, NDManager host) {
    NDArray marker = host.create(0f);
    marker.setName("module_method:" + method);
    inputs.add(marker);
    JniUtils.setGraphExecutorOptimize(false);
    // not as inference, whose results no backward pass could keep
    return IValueUtils.forward(block, inputs, true).singletonOrThrow();
  }

  @Override
  public void close() {
    block.close();
    manager.close();
  }
}
