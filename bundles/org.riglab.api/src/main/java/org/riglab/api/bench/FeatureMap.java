package org.riglab.api.bench;

/**
 * The values of a feature, gate or logit map.
 *
 * @param channels C
 * @param height H
 * @param width W
 * @param values C*H*W numbers, channel by channel, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // values: never compared, never copied
public record FeatureMap(int channels, int height, int width, float[] values) {}
