package org.riglab.api.data;

/**
 * A labelled image.
 *
 * @param id unique name in the split
 * @param height H in pixels
 * @param width W in pixels
 * @param image H*W*3 bytes, row by row, red green blue, 0 to 255 unsigned
 * @param label H*W bytes, row by row: the class, or {@link Dataset#VOID}, unsigned
 */
@SuppressWarnings("ArrayRecordComponent") // millions of pixels: never compared, never copied
public record Sample(String id, int height, int width, byte[] image, byte[] label) {}
