package org.riglab.datasets.internal;

import java.nio.file.Path;

/**
 * A labelled image on disk.
 *
 * @param id name in the split
 * @param image its file
 * @param label its label map
 * @param format of the label map
 */
record FilePair(String id, Path image, Path label, LabelFormat format) {}
