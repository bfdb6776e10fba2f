package org.riglab.networks.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.riglab.nn.script.Archive;
import org.riglab.nn.script.Method;

/**
 * The class of every pixel. The engine's argMax over an axis that is not the last takes several
 * times as long as its maximum, which knows the place too. Thread safe.
 */
public final class Labels {
  private static final Archive ARCHIVE =
      new Archive(
          List.of(
              new Method(
                  "forward",
                  List.of("map: Tensor"),
                  "Tensor",
                  List.of("most, place = torch.max(map, 1, False)", "return torch.to(place, 0)"))),
          Map.of());

  /** One small module per device, for as long as the process lives. */
  private static final Map<Device, PtSymbolBlock> MODULES = new ConcurrentHashMap<>();

  private Labels() {}

  /**
   * @param map logits or probabilities (N, C, H, W), at most 256 classes
   * @return where each pixel's largest is (N, H, W), uint8, the first of equals; attached to the
   *     map's manager
   */
  public static NDArray of(NDArray map) {
    PtSymbolBlock module =
        MODULES.computeIfAbsent(map.getDevice(), device -> ARCHIVE.load(Torch.newManager(device)));
    JniUtils.setGraphExecutorOptimize(false);
    return IValueUtils.forward(module, new NDList(map), false).singletonOrThrow();
  }
}
