package org.riglab.api.bench;

/**
 * An RGB image.
 *
 * @param height in pixels
 * @param width in pixels
 * @param rgb height*width*3 bytes, unsigned, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
public record RgbImage(int height, int width, byte[] rgb) {}
