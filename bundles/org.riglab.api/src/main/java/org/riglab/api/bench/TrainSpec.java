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
 * @param channels order in which the network wants the colours
 * @param pixelRange 1 where the network wants pixels of 0 to 1, 255 where of 0 to 255
 * @param mean of the pixels, in that range and order
 * @param std of the pixels, in that range and order
 * @param inputScales sizes at which the network sees every image, the largest logit counts: 1 for
 *     the image alone; DeepLabV2's are 1, 0.75, 0.5
 * @param epochs passes over the training split; 0 to go by steps
 * @param steps optimizer steps; 0 to go by epochs
 * @param batch images per forward pass
 * @param accumulation forward passes per step
 * @param seed of everything that is random
 * @param optimizer sgd or adamw
 * @param lr learning rate at the start
 * @param lrBackbone factor on the learning rate of backbone parameters
 * @param lrHead factor on the learning rate of classifier and gate parameters
 * @param lrBias further factor on the learning rate of classifier and gate biases
 * @param momentum of sgd
 * @param beta1 of adamw
 * @param beta2 of adamw
 * @param weightDecay of both
 * @param biasDecay factor on the weight decay of classifier and gate biases
 * @param schedule poly or constant
 * @param power of poly: lr * (1 - step/steps)^power
 * @param clipNorm largest norm of all gradients together; 0 for none
 * @param freezeBatchNorm whether batch norm uses its running statistics and is not trained, also
 *     where the network's own policy is another
 * @param classWeights none, median-frequency, log, or one number per class with commas
 * @param iterationWeights weight of each iteration's loss, first iteration first; empty for the
 *     last one alone, or, with coarse, for 1 each
 * @param coarse none, or the superclasses of the coarse-to-fine loss: camvid, cocostuff10k, voc2012
 *     or a file
 * @param truncate iterations that gradients of the last prediction flow through; 0 for all
 * @param checkpointEvery steps between checkpoints; 0 for after every evaluation
 * @param keepEvery a checkpoint every so many steps that stays; 0 to keep the last and the best
 *     only
 * @param evalEvery steps between evaluations; 0 for after every epoch
 * @param patience evaluations without a better mIoU before it stops early; 0 for never
 * @param threads threads of the native library; 0 to leave them
 * @param workers threads that prepare images
 * @param execution how passes are run
 * @param precision of compiled passes; parameters and their update stay in float32
 * @param recompute whether compiled passes keep only what goes from one run of a block or gate to
 *     another, and compute each run once more on their way back: less memory, more time
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
    Channels channels,
    int pixelRange,
    List<Double> mean,
    List<Double> std,
    List<Double> inputScales,
    int epochs,
    long steps,
    int batch,
    int accumulation,
    long seed,
    String optimizer,
    double lr,
    double lrBackbone,
    double lrHead,
    double lrBias,
    double momentum,
    double beta1,
    double beta2,
    double weightDecay,
    double biasDecay,
    String schedule,
    double power,
    double clipNorm,
    boolean freezeBatchNorm,
    String classWeights,
    List<Double> iterationWeights,
    String coarse,
    int truncate,
    long checkpointEvery,
    long keepEvery,
    long evalEvery,
    int patience,
    int threads,
    int workers,
    Execution execution,
    Precision precision,
    boolean recompute,
    String device) {
  /** The order of an image's channels. */
  public enum Channels {
    /** Red, green, blue: torchvision's weights. */
    RGB,
    /** Blue, green, red: weights from Caffe. */
    BGR
  }
}
