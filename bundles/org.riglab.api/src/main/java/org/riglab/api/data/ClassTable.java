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
   * @return how many classes there are; void is none of them
   */
  public int size() {
    return entries.size();
  }

  /**
   * One class.
   *
   * @param name for people
   * @param rgb colour in pictures, 0xRRGGBB
   */
  public record Entry(String name, int rgb) {}
}
