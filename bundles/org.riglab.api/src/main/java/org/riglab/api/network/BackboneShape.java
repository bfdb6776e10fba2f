package org.riglab.api.network;

/**
 * What a network asks of its backbone.
 *
 * @param inputChannels channels of the first block's input: 3 for an RGB image, more where the
 *     unroll strategy feeds predictions back beside the image
 */
public record BackboneShape(int inputChannels) {}
