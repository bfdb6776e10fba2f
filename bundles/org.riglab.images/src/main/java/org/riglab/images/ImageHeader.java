package org.riglab.images;

/**
 * What an image file says of its image.
 *
 * @param height H in pixels, as stored
 * @param width W in pixels, as stored
 * @param orientation EXIF orientation: 1 for upright, up to 8; see {@link
 *     ImageFiles#rgb(java.nio.file.Path, boolean)}
 */
public record ImageHeader(int height, int width, int orientation) {}
