package org.riglab.core.internal.network;

import java.util.List;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.ClassTable;

/**
 * What a network's weights were trained on: what a prediction needs to know besides the weights.
 *
 * @param dataset the data set
 * @param data its directory; empty for data sets made on the fly
 * @param resize size (H, W) that images were brought to; empty if they were left
 * @param mean of red, green, blue; pixels are 0 to 1
 * @param std of red, green, blue
 * @param classes names and colours
 */
public record TrainedOn(
    PartSpec dataset,
    String data,
    List<Integer> resize,
    List<Double> mean,
    List<Double> std,
    ClassTable classes) {}
