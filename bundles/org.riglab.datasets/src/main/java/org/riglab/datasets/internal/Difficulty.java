package org.riglab.datasets.internal;

/**
 * What a scene of {@link ShapesDataset} holds. Lengths are in percent of the image's smaller side.
 *
 * @param leastBodies how many bodies with a head at least
 * @param mostBodies and at most
 * @param leastLength of a body along its middle
 * @param mostLength of a body along its middle
 * @param straight whether all bodies are bars
 * @param overlap whether bodies may cross each other, though never a head
 * @param looseHeads heads that belong to no body: background
 * @param headless bodies without a head: background
 * @param strokes short strokes in the background
 */
record Difficulty(
    int leastBodies,
    int mostBodies,
    int leastLength,
    int mostLength,
    boolean straight,
    boolean overlap,
    int looseHeads,
    int headless,
    int strokes) {

  private static final Difficulty[] LEVELS = {
    new Difficulty(1, 1, 40, 60, true, false, 0, 0, 4),
    new Difficulty(1, 2, 60, 90, false, false, 1, 0, 8),
    new Difficulty(2, 3, 65, 100, false, true, 3, 0, 12),
    new Difficulty(3, 4, 70, 110, false, true, 4, 1, 16)
  };

  /** The hardest level; 0 is the easiest. */
  static final int HARDEST = LEVELS.length - 1;

  static Difficulty of(int level) {
    return LEVELS[level];
  }
}
