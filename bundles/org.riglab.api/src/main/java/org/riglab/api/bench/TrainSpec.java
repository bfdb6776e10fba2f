package org.riglab.api.bench;

import java.util.List;

/**
 * A training, completely: the same spec on the same network, data, machine and thread count gives
 * the same losses to the last bit.
 *
 * @param network name of the network
 * @param recipe name of the recipe the defaults came from
 * @param dataset the data set
 * @param data its directory; empty for data sets made on the fly
 * @param trainSplit split to train on; empty for the data set's first
 * @param valSplit split to validate on; empty for the data set's second
 * @param valLimit validate on the first so many images only; 0 for all
 * @param resize size (H, W) every image and label is brought to before anything else; empty to
 *     leave them
 * @param size size (H, W) of the crops
 * @param scale smallest and largest random scale
 * @param flip whether to flip at random, left to right
 * @param mean of red, green, blue; pixels are 0 to 1
 * @param std of red, green, blue
 * @param epochs passes over the training split; 0 to go by steps
 * @param steps optimizer steps; 0 to go by epochs
 * @param batch images per forward pass
 * @param accumulation forward passes per step
 * @param seed of everything that is random
 * @param optimizer sgd or adamw
 * @param lr learning rate at the start
 * @param lrBackbone factor on the learning rate of backbone parameters
 * @param lrHead factor on the learning rate of classifier and gate parameters
 * @param momentum of sgd
 * @param beta1 of adamw
 * @param beta2 of adamw
 * @param weightDecay of both
 * @param schedule poly or constant
 * @param power of poly: lr * (1 - step/steps)^power
 * @param clipNorm largest norm of all gradients together; 0 for none
 * @param classWeights none, median-frequency, or one number per class with commas
 * @param iterationWeights weight of each iteration's loss, first iteration first; empty for the
 *     last one alone
 * @param checkpointEvery steps between checkpoints; 0 for after every evaluation
 * @param evalEvery steps between evaluations; 0 for after every epoch
 * @param patience evaluations without a better mIoU before it stops early; 0 for never
 * @param threads threads of the native library; 0 to leave them
 * @param workers threads that prepare images
 * @param device auto, cpu, gpu0, gpu1, ...
 */
public record TrainSpec(
    String network,
    String recipe,
    PartSpec dataset,
    String data,
    String trainSplit,
    String valSplit,
    int valLimit,
    List<Integer> resize,
    List<Integer> size,
    List<Double> scale,
    boolean flip,
    List<Double> mean,
    List<Double> std,
    int epochs,
    long steps,
    int batch,
    int accumulation,
    long seed,
    String optimizer,
    double lr,
    double lrBackbone,
    double lrHead,
    double momentum,
    double beta1,
    double beta2,
    double weightDecay,
    String schedule,
    double power,
    double clipNorm,
    String classWeights,
    List<Double> iterationWeights,
    long checkpointEvery,
    long evalEvery,
    int patience,
    int threads,
    int workers,
    String device) {}
