package org.riglab.api.network;

/**
 * The requirements of a network for its backbone.
 *
 * @param inputChannels channels of the first block's input: 3 for an RGB image, more if the unroll
 *     strategy appends predictions to the image
 */
public record BackboneShape(int inputChannels) {}
