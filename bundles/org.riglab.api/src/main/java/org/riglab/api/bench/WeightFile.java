package org.riglab.api.bench;

import java.util.List;
import java.util.Map;

/**
 * The contents of a file of weights, without values.
 *
 * @param format of the file, for example npz
 * @param metadata texts of the file by key; empty where the format has none
 * @param tensors in the order of the file
 */
public record WeightFile(String format, Map<String, String> metadata, List<Tensor> tensors) {
  /**
   * A tensor of a file.
   *
   * @param container names of the dicts and lists around it, joined by slashes, for example {@code
   *     state_dict}; empty if there are none
   * @param name its name there
   * @param dtype PyTorch's name of its type, for example float32
   * @param shape sizes, outermost first; empty for a scalar
   */
  public record Tensor(String container, String name, String dtype, List<Long> shape) {
    /**
     * Copies the list.
     *
     * @param container see {@link #container()}
     * @param name see {@link #name()}
     * @param dtype see {@link #dtype()}
     * @param shape see {@link #shape()}
     */
    public Tensor {
      shape = List.copyOf(shape);
    }

    /**
     * @return number of its values
     */
    public long values() {
      return shape.stream().reduce(1L, (a, b) -> a * b);
    }
  }
}
