package org.riglab.images;

/**
 * A label map as it is coded in a file.
 *
 * @param height H in pixels
 * @param width W in pixels
 * @param values H*W numbers, row by row: indices, greys, or colours 0xRRGGBB
 */
@SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
public record Codes(int height, int width, int[] values) {}
