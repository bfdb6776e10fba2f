package org.riglab.api.data;

import java.util.List;

/**
 * The classes of a data set, by label. Networks, data sets and metrics work with {@link #LEAST} to
 * {@link #MOST} classes; a binary task has two, for example background and object.
 *
 * @param entries the class with label 0 first
 */
public record ClassTable(List<Entry> entries) {
  /** The smallest number of classes: logits are compared with each other. */
  public static final int LEAST = 2;

  /** The largest number of classes: a label is a byte, and 255 is void. */
  public static final int MOST = 255;

  /**
   * Copies the list.
   *
   * @param entries see {@link #entries()}
   */
  public ClassTable {
    entries = List.copyOf(entries);
  }

  /**
   * @return number of classes, without void
   */
  public int size() {
    return entries.size();
  }

  /**
   * Checks a number of classes.
   *
   * @param classes a number
   * @return whether it is {@link #LEAST} to {@link #MOST}
   */
  public static boolean allows(int classes) {
    return classes >= LEAST && classes <= MOST;
  }

  /**
   * One class.
   *
   * @param name for users
   * @param rgb colour in label maps, 0xRRGGBB
   */
  public record Entry(String name, int rgb) {}
}
