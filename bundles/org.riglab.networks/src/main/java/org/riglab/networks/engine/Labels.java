package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.riglab.nn.Functional;
import org.riglab.nn.script.Archive;
import org.riglab.nn.script.Method;

/**
 * The class of every pixel. Maps are enlarged and labelled some rows at a time, since a map of all
 * classes at the size of an image is larger than the caches of a processor. Thread safe.
 */
public final class Labels {
  /** Values that are computed at once on a processor: 1 MiB, which its caches hold. */
  private static final long PROCESSOR_STRIP = 1 << 18;

  /** Values that are computed at once on a GPU: 64 MiB, which occupy it. */
  private static final long GPU_STRIP = 1 << 24;

  /**
   * The maximum of the engine that also returns places compares one value at a time, and its argMax
   * takes even longer. These two maxima and two sums compute sixteen at a time: the first of the
   * largest values becomes the largest of its pixel. All results are written to the same memory,
   * which stays in the caches.
   */
  private static final List<String> PLACES_ON_PROCESSORS =
      List.of(
          "most = torch.amax(values, [2], True, out=most)",
          "strip = torch.sub(values, most, out=strip)",
          "strip = torch.add(order, strip, alpha=3.0e+38, out=strip)",
          "places = torch.neg_(torch.amax(strip, [2], False, out=place))");

  private static final List<String> PLACES_ON_GPUS =
      List.of("_1, places = torch.max(values, 2, False)");

  /** One small module per device, for as long as the process lives. */
  private static final Map<Device, PtSymbolBlock> MODULES = new ConcurrentHashMap<>();

  private Labels() {}

  /**
   * @param map logits or probabilities (N, C, H, W), finite, at most 256 classes
   * @return where each pixel's largest is (N, H, W), uint8, the first of equals; attached to the
   *     map's manager
   */
  public static NDArray of(NDArray map) {
    return of(map, map.getShape().get(2), map.getShape().get(3));
  }

  /**
   * The labels of a map that is resized first, as {@link Functional#interpolate(NDArray, long,
   * long)} does.
   *
   * @param map logits or probabilities (N, C, h, w), finite, at most 256 classes
   * @param height of the labels, 1 or more
   * @param width of the labels, 1 or more
   * @return where each pixel's largest is (N, height, width), uint8, the first of equals; attached
   *     to the map's manager
   */
  public static NDArray of(NDArray map, long height, long width) {
    Device device = map.getDevice();
    long strip = device.isGpu() ? GPU_STRIP : PROCESSOR_STRIP;
    return of(map, height, width, module(device), strip);
  }

  private static PtSymbolBlock module(Device device) {
    return MODULES.computeIfAbsent(device, key -> archive(key.isGpu()).load(Torch.newManager(key)));
  }

  /**
   * @param gpu whether for a GPU; works elsewhere too
   * @return a module that labels
   */
  static Archive archive(boolean gpu) {
    return new Archive(
        List.of(
            new Method(
                "forward",
                List.of("map: Tensor", "height: int", "width: int", "rows: int"),
                "Tensor",
                lines(gpu ? PLACES_ON_GPUS : PLACES_ON_PROCESSORS))),
        Map.of());
  }

  /**
   * Rows of the result are sums of the few rows of the map that their strip lies between. All
   * strips have the same number of rows: the last one overlaps the one before.
   */
  private static List<String> lines(List<String> places) {
    String like = "dtype=6, layout=None, device=ops.prim.device(map), pin_memory=None";
    return Stream.of(
            List.of(
                "n = torch.size(map, 0)",
                "c = torch.size(map, 1)",
                "h = torch.size(map, 2)",
                "order = torch.neg(torch.reshape(torch.arange(c, " + like + "), [-1, 1]))",
                "wide = torch.contiguous(torch.to(map, 6))",
                "w = torch.size(map, 3)",
                "if torch.ne(w, width):",
                "  if torch.lt(torch.mul(w, 8), width):",
                "    unit = torch.unsqueeze(torch.eye(w, " + like + "), 0)",
                "    across = torch.upsample_linear1d(unit, [width], False, None)",
                "    wide = torch.matmul(wide, torch.select(across, 0, 0))",
                "  else:",
                "    wide = torch.upsample_bilinear2d(wide, [h, width], False, None)",
                "wide = torch.permute(wide, [2, 0, 1, 3])",
                "strip = torch.empty([rows, n, c, width], " + like + ", memory_format=None)",
                "most = torch.empty([rows, n, 1, width], " + like + ", memory_format=None)",
                "place = torch.empty([rows, n, width], " + like + ", memory_format=None)",
                "labels = torch.empty([height, n, width], "
                    + like.replace("=6", "=0")
                    + ", memory_format=None)",
                "flat = torch.view(strip, [rows, -1])",
                "sums = flat",
                "if torch.ne(h, height):",
                "  wide = torch.reshape(wide, [h, -1])",
                "  unit = torch.unsqueeze(torch.eye(h, " + like + "), 0)",
                "  sums = torch.upsample_linear1d(unit, [height], False, None)",
                "  sums = torch.contiguous(torch.t(torch.select(sums, 0, 0)))",
                "for i in range(torch.floordiv(torch.sub(torch.add(height, rows), 1), rows)):",
                "  first = ops.prim.min(torch.mul(i, rows), torch.sub(height, rows))",
                "  end = torch.add(first, rows)",
                "  values = strip",
                "  if torch.eq(h, height):",
                "    values = torch.slice(wide, 0, first, end)",
                "  else:",
                "    low = torch.sub(torch.floordiv(torch.mul(first, h), height), 1)",
                "    low = ops.prim.max(0, low)",
                "    high = torch.add(torch.floordiv(torch.mul(end, h), height), 2)",
                "    part = torch.slice(torch.slice(sums, 0, first, end), 1, low, high)",
                "    flat = torch.mm(part, torch.slice(wide, 0, low, high), out=flat)"),
            places.stream().map(line -> "  " + line).toList(),
            List.of(
                "  _0 = torch.copy_(torch.slice(labels, 0, first, end), places)",
                "return torch.contiguous(torch.permute(labels, [1, 0, 2]))"))
        .flatMap(List::stream)
        .toList();
  }

  /**
   * @param module that labels
   * @param strip about how many values are computed at once, but at least one row
   */
  static NDArray of(NDArray map, long height, long width, PtSymbolBlock module, long strip) {
    Shape shape = map.getShape();
    // The engine's kernel returns wrong numbers for a single column, and not those of interpolate
    // where it makes a map smaller.
    if (shape.get(2) > height || shape.get(3) > width || width == 1 && shape.get(3) == 1) {
      try (NDArray resized = Functional.interpolate(map, height, width)) {
        return run(resized, height, width, module, strip);
      }
    }
    return run(map, height, width, module, strip);
  }

  private static NDArray run(
      NDArray map, long height, long width, PtSymbolBlock module, long strip) {
    Shape shape = map.getShape();
    long rows = Math.min(height, Math.max(1, strip / (shape.get(0) * shape.get(1) * width)));
    JniUtils.setGraphExecutorOptimize(false);
    try (IValue values = IValue.from((PtNDArray) map);
        IValue high = IValue.from(height);
        IValue wide = IValue.from(width);
        IValue count = IValue.from(rows);
        IValue labels = IValueUtils.forward(module, new IValue[] {values, high, wide, count})) {
      return labels.toTensor((PtNDManager) map.getManager());
    }
  }
}
