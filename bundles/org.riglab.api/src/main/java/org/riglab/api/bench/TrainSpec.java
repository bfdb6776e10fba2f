package org.riglab.api.bench;

import java.util.List;

/**
 * A training, completely: the same spec on the same network, data, machine and thread count gives
 * the same losses to the last bit. In JSON and in the shell the components of the nested records
 * are the options, by name, whichever record they are in.
 *
 * @param network name of the network
 * @param recipe name of the recipe the defaults came from
 * @param data what it learns from
 * @param transforms what is done to images and labels
 * @param objective what it minimises
 * @param optimiser how parameters are updated
 * @param schedule how the learning rate changes
 * @param budget how long it takes, and what it keeps
 * @param engine how it computes
 */
public record TrainSpec(
    String network,
    @Setting(
            about =
                "RECIPE: where the other defaults come from; 'rig recipes' lists them, FILE.json is"
                    + " one too")
        String recipe,
    Data data,
    Transforms transforms,
    Objective objective,
    Optimiser optimiser,
    Schedule schedule,
    Budget budget,
    Engine engine) {

  /** The order of an image's channels. */
  public enum Channels {
    /** Red, green, blue: torchvision's weights. */
    RGB,
    /** Blue, green, red: weights from Caffe. */
    BGR
  }

  /**
   * What a training learns from.
   *
   * @param dataset the data set
   * @param data its directory; empty for data sets made on the fly
   * @param trainSplit split to train on; empty for the data set's first
   * @param valSplit split to validate on; empty for the data set's second, none for no validation
   * @param valLimit validate on the first so many images only; 0 for all
   * @param resize size (H, W) every image and label is brought to before anything else; empty to
   *     leave them
   * @param channels order in which the network wants the colours
   * @param pixelRange 1 where the network wants pixels of 0 to 1, 255 where of 0 to 255
   * @param mean of the pixels, in that range and order
   * @param std of the pixels, in that range and order
   * @param inputScales sizes at which the network sees every image, the largest logit counts: 1 for
   *     the image alone; DeepLabV2's are 1, 0.75, 0.5
   */
  public record Data(
      @Setting(about = "PART: the data set, for example camvid or shapes:difficulty=2")
          PartSpec dataset,
      @Setting(about = "DIR: its directory; none for data sets made on the fly") String data,
      @Setting(about = "SPLIT: split to train on; empty for the data set's first")
          String trainSplit,
      @Setting(
              about =
                  "SPLIT: split to validate on; empty for the data set's second, none for no"
                      + " evaluations")
          String valSplit,
      @Setting(about = "validate on the first so many images; 0 for all", least = 0) int valLimit,
      @Setting(
              about = "HxW: of every image before anything else; empty to leave them",
              least = 1,
              lengths = {0, 2},
              right = "HxW")
          List<Integer> resize,
      @Setting(
              about =
                  "ORDER: rgb, or bgr as weights from Caffe want it; what the network's weights"
                      + " want, else rgb",
              before = "rgb")
          Channels channels,
      @Setting(
              about = "pixels are 0 to 1, or 0 to 255 as weights from Caffe want it",
              pattern = "1|255",
              right = "1 or 255",
              before = "1")
          int pixelRange,
      @Setting(about = "A,B,C: mean of the pixels, in that order and range") List<Double> mean,
      @Setting(
              about = "A,B,C: standard deviation of the pixels, in that order and range",
              above = 0,
              lengths = 3,
              right = "three numbers, more than 0")
          List<Double> std,
      @Setting(
              about =
                  "S,S,...: sizes at which the network sees an image, the largest logit counts;"
                      + " DeepLabV2's are 1,0.75,0.5",
              before = "1")
          List<Double> inputScales) {}

  /**
   * What is done to images and labels of the training split.
   *
   * @param size size (H, W) of what the network is trained on
   * @param transforms the transforms, in order
   */
  public record Transforms(
      @Setting(about = "HxW: of the crops", least = 1, lengths = 2, right = "HxW")
          List<Integer> size,
      @Setting(
              about =
                  "PART,PART,...: what is done to images and labels, in order, for example"
                      + " scale:min=0.5:max=2,crop,flip",
              before = "scale,crop")
          List<PartSpec> transforms) {}

  /**
   * What a training minimises.
   *
   * @param loss the loss
   * @param classWeights none, median-frequency, log, or one number per class with commas
   * @param iterationWeights weight of each iteration's loss, first iteration first; empty for what
   *     the loss makes of it: the last one alone, or, from coarse to fine, 1 each
   * @param truncate iterations that gradients of the last prediction flow through; 0 for all
   */
  public record Objective(
      @Setting(
              about = "PART: the loss, for example cross-entropy or coarse-to-fine:table=voc2012",
              before = "cross-entropy")
          PartSpec loss,
      @Setting(
              about =
                  "WEIGHTS: none, median-frequency, log, or one number per class with commas; data"
                      + " weights shows them",
              pattern =
                  "none|median-frequency|log|\\s*\\d+(\\.\\d+)?(\\s*,\\s*\\d+(\\.\\d+)?)*\\s*",
              right = "none, median-frequency, log, or numbers of 0 or more with commas")
          String classWeights,
      @Setting(
              about =
                  "W,W,...: weight of each iteration's loss; empty for the last alone, or with"
                      + " coarse for 1 each",
              least = 0,
              right = "0 or more each, and not all 0")
          List<Double> iterationWeights,
      @Setting(
              about = "K: gradients flow through the last K iterations only; 0 for all of them",
              least = 0,
              before = "0")
          int truncate) {}

  /**
   * How parameters are updated.
   *
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
   * @param clipNorm largest norm of all gradients together; 0 for none
   * @param freezeBatchNorm whether batch norm uses its running statistics and is not trained, also
   *     where the network's own policy is another
   */
  public record Optimiser(
      @Setting(
              about = "",
              choices = {"sgd", "adamw"})
          String optimizer,
      @Setting(about = "learning rate at the start", least = 0) double lr,
      @Setting(about = "factor on the learning rate of the backbone", least = 0) double lrBackbone,
      @Setting(about = "factor on the learning rate of classifier and gates", least = 0)
          double lrHead,
      @Setting(about = "further factor on that of their biases", least = 0, before = "1")
          double lrBias,
      @Setting(about = "of sgd", least = 0, below = 1) double momentum,
      @Setting(about = "of adamw", least = 0, below = 1) double beta1,
      @Setting(about = "of adamw", least = 0, below = 1) double beta2,
      @Setting(about = "", least = 0) double weightDecay,
      @Setting(
              about = "factor on the weight decay of classifier and gate biases",
              least = 0,
              before = "1")
          double biasDecay,
      @Setting(about = "largest norm of all gradients together; 0 for none", least = 0)
          double clipNorm,
      @Setting(
              about =
                  "batch norm uses its running statistics and is not trained, whatever the"
                      + " network's policy",
              before = "false")
          boolean freezeBatchNorm) {}

  /**
   * How the learning rate changes.
   *
   * @param schedule poly or constant
   * @param power of poly: lr * (1 - step/steps)^power
   */
  public record Schedule(
      @Setting(
              about = "",
              choices = {"poly", "constant"})
          String schedule,
      @Setting(about = "of poly: lr * (1 - step/steps)^power", least = 0) double power) {}

  /**
   * How long a training takes, and what it keeps.
   *
   * @param epochs passes over the training split; 0 to go by steps
   * @param steps optimizer steps; 0 to go by epochs
   * @param batch images per forward pass
   * @param accumulation forward passes per step
   * @param seed of everything that is random
   * @param checkpointEvery steps between checkpoints; 0 for after every evaluation
   * @param keepEvery a checkpoint every so many steps that stays; 0 to keep the last and the best
   *     only
   * @param evalEvery steps between evaluations; 0 for after every epoch
   * @param patience evaluations without a better mIoU before it stops early; 0 for never
   */
  public record Budget(
      @Setting(about = "passes over the training split; 0 to go by steps", least = 0) int epochs,
      @Setting(about = "optimizer steps; 0 to go by epochs", least = 0) long steps,
      @Setting(about = "images per forward pass", least = 1) int batch,
      @Setting(about = "forward passes per step", least = 1) int accumulation,
      @Setting(about = "of everything that is random") long seed,
      @Setting(about = "steps between checkpoints; 0 for after every evaluation", least = 0)
          long checkpointEvery,
      @Setting(
              about =
                  "a checkpoint every so many steps that stays; 0 to keep the last and the best"
                      + " only",
              least = 0,
              before = "0")
          long keepEvery,
      @Setting(about = "steps between evaluations; 0 for after every epoch", least = 0)
          long evalEvery,
      @Setting(about = "evaluations without a better mIoU before it stops; 0 for never", least = 0)
          int patience) {}

  /**
   * How a training computes.
   *
   * @param threads threads of the native library; 0 to leave them
   * @param workers threads that prepare images
   * @param execution how passes are run: eager or compiled
   * @param precision of compiled passes; parameters and their update stay in float32
   * @param recompute whether compiled passes keep only what goes from one run of a block or gate to
   *     another, and compute each run once more on their way back: less memory, more time
   * @param deterministic whether the same spec gives the same bits on GPUs too, at the price of
   *     time
   * @param device auto, cpu, gpu0, gpu1, ...
   */
  public record Engine(
      @Setting(about = "of the native library; 0 to leave them", least = 0, most = 1024)
          int threads,
      @Setting(about = "threads that prepare images", least = 1, most = 256) int workers,
      @Setting(
              about = "compiled: one native program per pass; eager: step by step",
              choices = {"eager", "compiled"},
              before = "eager")
          Execution execution,
      @Setting(
              about =
                  "of compiled passes; auto: bf16 where the device has it; fp16: with loss scaling",
              before = "fp32")
          Precision precision,
      @Setting(
              about =
                  "compiled passes keep less and compute it again on their way back: less memory,"
                      + " more time",
              before = "false")
          boolean recompute,
      @Setting(about = "the same bits in every run, on GPUs too; slower there", before = "false")
          boolean deterministic,
      @Setting(
              about = "DEVICE: auto, cpu, gpu0, gpu1, ...",
              pattern = "auto|cpu|gpu\\d{1,3}",
              right = "auto, cpu, gpu0, ...")
          String device) {}
}
