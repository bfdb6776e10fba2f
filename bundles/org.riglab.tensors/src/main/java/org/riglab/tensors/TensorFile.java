package org.riglab.tensors;

import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;

/**
 * An open file of named tensors. Opening it reads what the tensors are; values are read one tensor
 * at a time, so that a file costs no more memory than what is asked for. Not thread safe.
 */
public interface TensorFile extends AutoCloseable {
  /**
   * What is known of a tensor without its values.
   *
   * @param dtype element type
   * @param shape sizes, outermost first
   */
  record Info(Dtype dtype, List<Long> shape) {
    /** Copies the shape. */
    public Info {
      shape = List.copyOf(shape);
    }
  }

  /**
   * @return the file's format in a few words, for example npz
   */
  String format();

  /**
   * @return what there is, by name, in the file's order; a slash stands between a container's name
   *     and a name inside it
   */
  Map<String, Info> tensors();

  /**
   * Reads a tensor as float32; values of other types are rounded to the nearest.
   *
   * @param name one of {@link #tensors()}
   * @return the tensor
   * @throws RigException if there is none of that name, or its values cannot be read
   */
  HostTensor floats(String name);

  /**
   * @return the free text of the file, by key; empty where the format has none
   */
  Map<String, String> metadata();

  @Override
  void close();
}
