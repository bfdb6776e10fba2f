package org.riglab.api.data;

import java.util.List;

/**
 * The classes of a data set, by label.
 *
 * @param entries the class with label 0 first
 */
public record ClassTable(List<Entry> entries) {
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
   * One class.
   *
   * @param name for users
   * @param rgb colour in label maps, 0xRRGGBB
   */
  public record Entry(String name, int rgb) {}
}
