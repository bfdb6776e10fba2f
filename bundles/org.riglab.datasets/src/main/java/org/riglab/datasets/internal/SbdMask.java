package org.riglab.datasets.internal;

import java.nio.file.Path;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.images.Pixels;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Struct;

/**
 * Class masks of the Semantic Boundaries Dataset (Hariharan et al., 2011): MAT 5 files with a
 * struct {@code GTcls} whose field {@code Segmentation} holds VOC's labels, 0 to 20, without void.
 */
record SbdMask() implements LabelFormat {
  private static final String STRUCT = "GTcls";
  private static final String FIELD = "Segmentation";
  private static final int MOST = 20;

  @Override
  public Pixels read(Path file) {
    Array found = MatFile.variable(file, STRUCT, header -> {});
    if (!(found instanceof Struct struct)
        || struct.getNumElements() != 1
        || !struct.getFieldNames().contains(FIELD)) {
      throw new RigException(
          "%s: %s is %s, expected a struct with field %s as in SBD's dataset/cls"
              .formatted(
                  file,
                  STRUCT,
                  found instanceof Struct struct
                      ? MatFile.describe(found) + " with fields " + names(struct)
                      : MatFile.describe(found),
                  FIELD));
    }
    return MatLabels.of(
        file,
        STRUCT + "." + FIELD,
        struct.get(FIELD),
        number -> number <= MOST ? number : -1,
        "0 to " + MOST);
  }

  private static String names(Struct struct) {
    List<String> names = struct.getFieldNames();
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
