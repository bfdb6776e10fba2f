package org.riglab.datasets.internal;

import java.nio.file.Path;

/**
 * A labelled image on disk.
 *
 * @param id name in the split
 * @param image PNG or JPEG
 * @param label PNG of indices
 */
record FilePair(String id, Path image, Path label) {}
