package org.riglab.networks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.Functional;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

/** The logits of a network on a batch from a file, in evaluation mode and at the image's size. */
public final class EvaluationLogits {
  private static final int NAMED_IN_ERRORS = 8;

  private EvaluationLogits() {}

  /**
   * Reads a batch's images.
   *
   * @param batch an open file
   * @param where its path, for error messages
   * @return the tensor {@code image} (N, 3, H, W)
   * @throws RigException if there is no such tensor
   */
  public static HostTensor image(Safetensors batch, Path where) {
    Safetensors.Entry entry = batch.entries().get("image");
    if (entry == null
        || entry.shape().size() != 4
        || entry.shape().get(1) != 3
        || entry.shape().contains(0L)) {
      throw new RigException(
          "%s has no tensor 'image' of shape (N, 3, H, W); found %s"
              .formatted(where, described(batch)));
    }
    return batch.floats("image");
  }

  /**
   * @param file an open file
   * @return names and shapes of its first tensors, for error messages
   */
  public static List<String> described(Safetensors file) {
    return file.entries().entrySet().stream()
        .limit(NAMED_IN_ERRORS)
        .map(entry -> entry.getKey() + " " + entry.getValue().shape())
        .toList();
  }

  /**
   * Evaluates.
   *
   * @param session the network
   * @param image (N, 3, H, W), normalised
   * @param forward runs the network
   * @return {@code eval.logits.t1} to {@code eval.logits.tu}, each (N, C, H, W)
   */
  public static Map<String, HostTensor> of(
      Session session, HostTensor image, Function<NDArray, NDList> forward) {
    Map<String, HostTensor> result = new LinkedHashMap<>();
    Torch.withoutGrad(
        () -> {
          try (NDManager manager = session.manager().newSubManager()) {
            NDList logits = forward.apply(array(manager, image));
            for (int t = 1; t <= logits.size(); t++) {
              result.put("eval.logits.t" + t, host(resized(logits.get(t - 1), image)));
            }
          }
          session.sweep();
          return null;
        });
    return result;
  }

  /**
   * @param logits (N, C, h, w)
   * @param image (N, 3, H, W)
   * @return the logits at the image's size, (N, C, H, W)
   */
  public static NDArray resized(NDArray logits, HostTensor image) {
    return Functional.interpolate(logits, image.shape().get(2), image.shape().get(3));
  }

  /**
   * @param manager owner of the array
   * @param tensor values
   * @return the same as an array
   */
  public static NDArray array(NDManager manager, HostTensor tensor) {
    return manager.create(tensor.values(), new Shape(tensor.shape()));
  }

  /**
   * @param array float32
   * @return a copy on the heap
   */
  public static HostTensor host(NDArray array) {
    List<Long> shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
    return new HostTensor(shape, array.toFloatArray());
  }
}
