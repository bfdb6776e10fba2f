package org.riglab.tensors.internal;

import java.io.IOException;

/** Names that come from files: a person shall read them, a terminal shall not obey them. */
public final class Names {
  /** Longer than any state dict's. */
  private static final int MAX_LENGTH = 512;

  private static final int SHOWN = 100;

  private Names() {}

  /**
   * @param name of a tensor
   * @return whether it can be shown and kept
   */
  public static boolean fine(String name) {
    return name.length() <= MAX_LENGTH && name.codePoints().noneMatch(Names::odd);
  }

  /**
   * @param name one that is not {@link #fine}
   * @return what is wrong with it
   */
  public static String complaint(String name) {
    return "a tensor's name is longer than "
        + MAX_LENGTH
        + " characters or holds control characters: "
        + shown(name);
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

  /**
   * @param text anything
   * @return the same for a message: without control characters, cut where it is too long
   */
  public static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(SHOWN).forEach(c -> shown.appendCodePoint(odd(c) ? '?' : c));
    return shown.length() < text.length() && text.length() > SHOWN
        ? shown.append("...").toString()
        : shown.toString();
  }

  private static boolean odd(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
