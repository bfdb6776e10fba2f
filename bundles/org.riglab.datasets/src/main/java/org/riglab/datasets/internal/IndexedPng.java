package org.riglab.datasets.internal;

import java.nio.file.Path;
import org.riglab.api.data.Dataset;
import org.riglab.images.ImageFiles;
import org.riglab.images.Pixels;

/**
 * Label maps as PNG files whose palette indices or grey values are the labels.
 *
 * @param voidIndex the value that means void, beside 255
 */
record IndexedPng(int voidIndex) implements LabelFormat {
  @Override
  public Pixels read(Path file) {
    Pixels label = ImageFiles.indices(file);
    byte[] values = label.values();
    for (int i = 0; i < values.length; i++) {
      if (Byte.toUnsignedInt(values[i]) == voidIndex) {
        values[i] = (byte) Dataset.VOID;
      }
    }
    return label;
  }
}
