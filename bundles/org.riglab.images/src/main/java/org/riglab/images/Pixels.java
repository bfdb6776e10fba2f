package org.riglab.images;

/**
 * The pixels of a file.
 *
 * @param height H in pixels
 * @param width W in pixels
 * @param values H*W*3 bytes (red green blue) of a picture, H*W bytes of a label map, row by row,
 *     unsigned
 */
@SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
public record Pixels(int height, int width, byte[] values) {}
