package org.riglab.api.bench;

import java.util.List;

/**
 * An evaluation.
 *
 * @param network name of the network
 * @param dataset the data set
 * @param data its directory; empty for data sets made on the fly
 * @param split split to evaluate on; empty for the data set's second
 * @param limit evaluate on the first so many images only; 0 for all
 * @param resize size (H, W) every image and label is brought to; empty to leave them
 * @param metrics names of metrics
 * @param threads threads of the native library; 0 to leave them
 * @param device auto, cpu, gpu0, gpu1, ...
 */
public record EvalSpec(
    String network,
    PartSpec dataset,
    String data,
    String split,
    int limit,
    List<Integer> resize,
    List<String> metrics,
    int threads,
    String device) {}
