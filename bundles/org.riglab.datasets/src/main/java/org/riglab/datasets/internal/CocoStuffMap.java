package org.riglab.datasets.internal;

import java.nio.file.Path;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.images.Pixels;
import us.hebi.matlab.mat.format.Mat5Reader.EntryHeader;
import us.hebi.matlab.mat.types.Array;

/**
 * Label maps of COCO-Stuff 10K 1.1: MAT 5 files with a matrix {@code S} of ids, 0 for unlabelled.
 *
 * @param classes gives ids their labels
 */
record CocoStuffMap(CocoStuffClasses classes) implements LabelFormat {
  private static final String MATRIX = "S";

  /** Version 1.0 counts unlabelled as 1 and the things that occur without gaps. */
  private static final int NAMES_OF_VERSION_1_0 = 172;

  @Override
  public Pixels read(Path file) {
    Array found = MatFile.variable(file, MATRIX, CocoStuffMap::requireVersion);
    return MatLabels.of(
        file, MATRIX, found, id -> id == 0 ? Dataset.VOID : classes.label(id), classes.expected());
  }

  private static void requireVersion(EntryHeader header) {
    if (header.getName().equals("names") && header.getNumElements() == NAMES_OF_VERSION_1_0) {
      throw new RigException("COCO-Stuff 10K 1.0, whose ids are others, expected version 1.1");
    }
  }

  @Override
  public String toString() {
    return "COCO-Stuff, " + classes.table().size() + " classes";
  }
}
