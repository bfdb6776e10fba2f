package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Map;
import org.riglab.api.bench.Precision;
import org.riglab.nn.script.Archive;
import org.riglab.nn.script.Method;

/** Functions of the native library that DJL does not offer, each in one call. Not thread safe. */
public final class Kernels implements AutoCloseable {
  private static final String TENSOR = "Tensor";
  private static final List<Method> METHODS =
      List.of(
          new Method(
              "cross_entropy",
              List.of("logits: Tensor", "label: Tensor", "weights: Tensor", "ignored: Tensor"),
              TENSOR,
              List.of(
                  "size = [torch.size(label, 1), torch.size(label, 2)]",
                  "x = torch.upsample_bilinear2d(logits, size, False, None)",
                  "return torch.cross_entropy_loss(x, label, weights, 2, int(ignored), 0.)")),
          new Method(
              "cross_entropy_deterministic",
              List.of("logits: Tensor", "label: Tensor", "weights: Tensor", "ignored: Tensor"),
              TENSOR,
              List.of(
                  "h = torch.size(logits, 2)",
                  "w = torch.size(logits, 3)",
                  "one = torch.ones_like(torch.select(torch.select(logits, 0, 0), 0, 0))",
                  "rows = torch.diag(torch.select(one, 1, 0))",
                  "columns = torch.diag(torch.select(one, 0, 0))",
                  "a = torch.upsample_bilinear2d(torch.unsqueeze(torch.unsqueeze(rows, 0), 0),"
                      + " [torch.size(label, 1), h], False, None)",
                  "b = torch.upsample_bilinear2d(torch.unsqueeze(torch.unsqueeze(columns, 0), 0),"
                      + " [w, torch.size(label, 2)], False, None)",
                  "x = torch.matmul(torch.matmul(a, logits), b)",
                  "return torch.sum(torch.cross_entropy_loss(x, label, weights, 0, int(ignored),"
                      + " 0.))")),
          new Method(
              "products",
              List.of("x: Tensor", "type: Tensor", "count: Tensor"),
              TENSOR,
              List.of(
                  "a = torch.to(x, int(type))",
                  "b = a",
                  "for _0 in range(int(count)):",
                  "  b = torch.matmul(a, a)",
                  "return torch.sum(torch.to(b, 6))")),
          new Method(
              "norms",
              List.of("g: List[Tensor]"),
              TENSOR,
              List.of("return torch.stack(torch._foreach_norm(g, 2), 0)")),
          new Method(
              "clip",
              List.of("limit: Tensor", "g: List[Tensor]"),
              TENSOR,
              List.of(
                  "total = torch.norm(torch.stack(torch._foreach_norm(g, 2), 0), 2)",
                  "wide = torch.add(torch.to(total, 7), 1e-06)",
                  "share = torch.div(torch.full_like(wide, float(limit)), wide)",
                  "factor = torch.clamp(share, None, 1.)",
                  "for i in range(torch.len(g)):",
                  "  _0 = torch.mul_(g[i], factor)",
                  "return total")),
          new Method(
              "lerp",
              List.of("share: Tensor", "a: List[Tensor]", "b: List[Tensor]"),
              TENSOR,
              List.of("torch._foreach_lerp_(a, b, float(share))", "return share")),
          sgd("sgd_first", true, "m"),
          sgd("sgd_next", false, "m"),
          sgd("sgd_plain", false, "[]"),
          new Method(
              "adamw",
              List.of(
                  "rate: Tensor",
                  "beta1: Tensor",
                  "beta2: Tensor",
                  "decay: Tensor",
                  "eps: Tensor",
                  "step: Tensor",
                  "skipped: Tensor",
                  "found: Tensor",
                  "p: List[Tensor]",
                  "g: List[Tensor]",
                  "m: List[Tensor]",
                  "v: List[Tensor]"),
              TENSOR,
              List.of(
                  "none = annotate(List[Tensor], [])",
                  "s = annotate(List[Tensor], [])",
                  "count = torch.rsub(skipped, float(step))",
                  "for i in range(torch.len(p)):",
                  "  _0 = torch.append(s, count)",
                  "torch._fused_adamw_(p, g, m, v, none, s, lr=float(rate), beta1=float(beta1),"
                      + " beta2=float(beta2), weight_decay=float(decay), eps=float(eps),"
                      + " amsgrad=False, maximize=False, grad_scale=None, found_inf=found)",
                  "return rate")));

  private static Method sgd(String name, boolean first, String buffers) {
    List<String> parameters =
        List.of(
            "rate: Tensor",
            "momentum: Tensor",
            "decay: Tensor",
            "found: Tensor",
            "p: List[Tensor]",
            "g: List[Tensor]",
            "m: List[Tensor]");
    return new Method(
        name,
        buffers.equals("m") ? parameters : parameters.subList(0, parameters.size() - 1),
        TENSOR,
        List.of(
            "torch._fused_sgd_(p, g, "
                + buffers
                + ", weight_decay=float(decay), momentum=float(momentum),"
                + " lr=float(rate), dampening=0., nesterov=False, maximize=False, is_first_step="
                + (first ? "True" : "False")
                + ", grad_scale=None, found_inf=found)",
            "return rate"));
  }

  private final NDManager manager;
  private final PtSymbolBlock block;
  private final boolean deterministic;

  /**
   * Takes deterministic kernels where {@link EngineFlags#deterministic} is on.
   *
   * @param device where the arrays are
   */
  public Kernels(Device device) {
    deterministic = EngineFlags.isDeterministic();
    manager = Torch.newManager(device);
    block = new Archive(METHODS, Map.of()).load(manager);
  }

  /**
   * The cross entropy of logits enlarged to the size of the labels, summed over the pixels that
   * count. Its gradient is recorded if the thread's grad mode is on.
   *
   * <p>In CUDA, the gradient of enlarging and the sum over pixels add in an order that changes from
   * run to run. The deterministic kernel enlarges by two matrix products, one for the rows and one
   * for the columns, and sums the pixels' losses apart.
   *
   * @param logits (N, C, h, w), h and w at most H and W
   * @param label (N, H, W), int64
   * @param weights per class, (C), float32
   * @param ignored label of pixels that do not count
   * @return a scalar, attached to the logits' manager
   */
  public NDArray crossEntropy(NDArray logits, NDArray label, NDArray weights, int ignored) {
    try (NDManager scalars = manager.newSubManager(Device.cpu())) {
      NDList inputs = new NDList(logits, label, weights, scalars.create((long) ignored));
      return run(
          deterministic ? "cross_entropy_deterministic" : "cross_entropy", inputs, scalars, true);
    }
  }

  /**
   * The Euclidean norm of each of several arrays.
   *
   * @param arrays float32
   * @return their norms in order; not finite where an element is not
   */
  public float[] norms(List<? extends NDArray> arrays) {
    if (arrays.isEmpty()) {
      return new float[0];
    }
    try (NDManager scalars = manager.newSubManager(Device.cpu())) {
      NDList inputs = new NDList();
      list(inputs, "g[]", arrays);
      try (NDArray norms = run("norms", inputs, scalars, false)) {
        return HostReads.floats(norms);
      }
    }
  }

  /**
   * Scales gradients so that their norm together is at most a limit, as {@code
   * torch.nn.utils.clip_grad_norm_} does.
   *
   * @param limit largest norm
   * @param gradients changed in place
   * @return the norm before, a scalar, attached to the gradients' manager
   */
  public NDArray clip(double limit, List<? extends NDArray> gradients) {
    try (NDManager scalars = manager.newSubManager(Device.cpu())) {
      NDList inputs = numbers(scalars, limit);
      list(inputs, "g[]", gradients);
      NDArray norm = run("clip", inputs, scalars, false);
      norm.attach(gradients.get(0).getManager());
      return norm;
    }
  }

  /**
   * Moves arrays towards others: {@code a + share * (b - a)}.
   *
   * @param share 0 to 1
   * @param from a, changed in place
   * @param to b, of the same shapes
   */
  public void lerp(double share, List<? extends NDArray> from, List<? extends NDArray> to) {
    try (NDManager scalars = manager.newSubManager(Device.cpu())) {
      NDList inputs = numbers(scalars, share);
      list(inputs, "a[]", from);
      list(inputs, "b[]", to);
      run("lerp", inputs, scalars, false);
    }
  }

  /**
   * A step of {@code torch.optim.SGD}.
   *
   * @param first whether the momentum buffers have no values yet
   * @param rate learning rate
   * @param momentum 0 to 1
   * @param decay weight decay
   * @param values of the parameters, changed in place
   * @param gradients of each
   * @param buffers momentum buffer of each, changed in place; empty if momentum is 0
   * @param flag on the device, (1): whether nothing is changed; see {@link StepKernels}
   */
  public void sgd(
      boolean first,
      double rate,
      double momentum,
      double decay,
      List<? extends NDArray> values,
      List<? extends NDArray> gradients,
      List<? extends NDArray> buffers,
      NDArray flag) {
    try (NDManager scalars = manager.newSubManager(Device.cpu())) {
      NDList inputs = numbers(scalars, rate, momentum, decay);
      inputs.add(named(flag, null));
      list(inputs, "p[]", values);
      list(inputs, "g[]", gradients);
      list(inputs, "m[]", buffers);
      String method = buffers.isEmpty() ? "sgd_plain" : first ? "sgd_first" : "sgd_next";
      run(method, inputs, scalars, false);
    }
  }

  /**
   * A step of {@code torch.optim.AdamW}.
   *
   * @param step 1 for the first
   * @param rate learning rate
   * @param beta1 decay of the mean, 0 to 1
   * @param beta2 decay of the mean square, 0 to 1
   * @param decay weight decay
   * @param eps added to the root of the mean square
   * @param values of the parameters, changed in place
   * @param gradients of each
   * @param means of each, changed in place
   * @param squares mean squares of each, changed in place
   * @param skipped on the device, a scalar: steps before that were no updates
   * @param flag on the device, (1): whether nothing is changed; see {@link StepKernels}
   */
  public void adamw(
      long step,
      double rate,
      double beta1,
      double beta2,
      double decay,
      double eps,
      List<? extends NDArray> values,
      List<? extends NDArray> gradients,
      List<? extends NDArray> means,
      List<? extends NDArray> squares,
      NDArray skipped,
      NDArray flag) {
    try (NDManager scalars = manager.newSubManager(Device.cpu())) {
      NDList inputs = numbers(scalars, rate, beta1, beta2, decay, eps, step);
      inputs.add(named(skipped, null));
      inputs.add(named(flag, null));
      list(inputs, "p[]", values);
      list(inputs, "g[]", gradients);
      list(inputs, "m[]", means);
      list(inputs, "v[]", squares);
      run("adamw", inputs, scalars, false);
    }
  }

  /**
   * Times products of large matrices.
   *
   * @param precision of the factors; not AUTO
   * @return additions and multiplications per second, in billions; the best of several tries
   */
  public double matrixGflops(Precision precision) {
    int side = manager.getDevice().isGpu() ? 8192 : 2048;
    int count = 4;
    try (NDManager arrays = manager.newSubManager()) {
      NDArray x = arrays.randomNormal(new Shape(side, side));
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < 4; i++) {
        long start = System.nanoTime();
        NDList inputs =
            new NDList(x, arrays.create((long) code(precision)), arrays.create((long) count));
        run("products", inputs, arrays, false).getFloat();
        best = Math.min(best, (System.nanoTime() - start) / 1e9);
      }
      return 2e-9 * count * side * side * (double) side / best;
    }
  }

  private static int code(Precision precision) {
    return switch (precision) {
      case FP32 -> 6;
      case BF16 -> 15;
      case FP16 -> 5;
      case AUTO -> throw new IllegalArgumentException("AUTO must be resolved by the caller");
    };
  }

  private static NDList numbers(NDManager scalars, double... values) {
    NDList numbers = new NDList();
    for (double value : values) {
      numbers.add(scalars.create(value));
    }
    return numbers;
  }

  private static void list(NDList inputs, String name, List<? extends NDArray> arrays) {
    arrays.forEach(array -> inputs.add(named(array, name)));
  }

  private static NDArray named(NDArray array, String name) {
    array.setName(name);
    return array;
  }

  private NDArray run(String method, NDList inputs, NDManager scalars, boolean gradients) {
    NDArray marker = scalars.create(0f);
    marker.setName("module_method:" + method);
    inputs.add(marker);
    JniUtils.setGraphExecutorOptimize(false);
    return IValueUtils.forward(block, inputs, gradients).singletonOrThrow();
  }

  @Override
  public void close() {
    block.close();
    manager.close();
  }
}
