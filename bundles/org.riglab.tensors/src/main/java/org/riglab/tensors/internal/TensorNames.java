package org.riglab.tensors.internal;

import java.io.IOException;
import org.riglab.base.Names;

/** The rule for names of tensors in files: printable and not too long. */
public final class TensorNames {
  /** Longer than any state dict's. */
  private static final int MAX_LENGTH = 512;

  private TensorNames() {}

  /**
   * @param name of a tensor
   * @return whether it can be shown and kept
   */
  public static boolean fine(String name) {
    return name.length() <= MAX_LENGTH && Names.printable(name);
  }

  /**
   * @param name one that is not {@link #fine}
   * @return what is wrong with it
   */
  public static String complaint(String name) {
    return "a tensor's name is longer than "
        + MAX_LENGTH
        + " characters or holds control characters: "
        + Names.shown(name);
  }

  /**
   * @param name of a tensor
   * @return the name
   * @throws IOException if it is not {@link #fine}
   */
  public static String checked(String name) throws IOException {
    if (!fine(name)) {
      throw new IOException(complaint(name));
    }
    return name;
  }
}
