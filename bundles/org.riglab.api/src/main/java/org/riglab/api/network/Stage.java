package org.riglab.api.network;

import ai.djl.nn.Block;

/**
 * One block of a network: of its backbone, or its head. The block maps {@code NDList(feature,
 * carried...)} to {@code NDList(feature, carried...)}: skip connections across blocks are carried
 * in the tail, gates change the feature only. Features are (N, C, H, W).
 *
 * <p>A parameter's name in the state dict is {@link #prefix} followed by the names of the children
 * that lead to it, joined by dots, as in PyTorch. DJL's two-digit child index is dropped from a
 * child's name unless two siblings would then share one.
 *
 * @param name for listings, for example {@code layer3}
 * @param prefix of the names of parameters, for example {@code backbone.layer3.}
 * @param block the block, not initialised
 * @param inputChannels C of its input feature
 * @param outputChannels C of its output feature
 * @param stride height of the image divided by height of the output feature, for example 16
 */
public record Stage(
    String name, String prefix, Block block, int inputChannels, int outputChannels, int stride) {}
