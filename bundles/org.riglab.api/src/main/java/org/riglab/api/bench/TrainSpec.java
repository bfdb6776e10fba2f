package org.riglab.api.bench;

import java.util.List;

/**
 * The complete description of a training: the same spec with the same network, data, machine and
 * thread count results in bitwise identical losses. In JSON and in the shell the components of the
 * nested records are options by name, independently of their record.
 *
 * @param network name of the network
 * @param recipe name of the recipe that the defaults are from
 * @param data of the training
 * @param transforms of images and labels
 * @param objective the loss and its weights
 * @param optimiser settings of parameter updates
 * @param schedule of the learning rate
 * @param budget duration, evaluations and checkpoints
 * @param engine settings of computation
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
   * The data of a training.
   *
   * @param dataset the data set
   * @param data its directory; empty for generated data sets
   * @param trainSplit split to train on; empty for the first one of the data set
   * @param valSplit split to validate on; empty for the second one of the data set, none for no
   *     validation
   * @param valLimit number of images to validate on, from the first; 0 for all
   * @param resize size (H, W) to which images and labels are resized first; empty for their
   *     original size
   * @param channels order of the input channels
   * @param pixelRange 1 for pixels of 0 to 1, 255 for pixels of 0 to 255
   * @param mean of the pixels, in that range and order
   * @param std of the pixels, in that range and order
   * @param inputScales scales of the multi-scale input, whose logits are combined by the maximum: 1
   *     for the image only; DeepLabV2 uses 1, 0.75, 0.5
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
   * The transforms of images and labels of the training split.
   *
   * @param size size (H, W) of the images that the network is trained on
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
   * The objective of a training.
   *
   * @param loss the loss
   * @param classWeights none, median-frequency, log, or one number per class with commas
   * @param iterationWeights weight of each iteration's loss, first iteration first; empty for the
   *     default of the loss: the last one only, or 1 each for coarse-to-fine
   * @param truncate number of last iterations through which gradients flow; 0 for all
   * @param randomIterations distribution of the number of iterations of each step; fixed for that
   *     of the network
   * @param halting whether a head is trained that predicts whether another iteration helps
   * @param gradient unrolled: of the iterations; implicit, anderson or one-step: of their fixed
   *     point
   */
  public record Objective(
      @Setting(
              about =
                  "PART: the loss, for example cross-entropy or focal:gamma=1; 'rig list loss'"
                      + " lists them",
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
          int truncate,
      @Setting(
              about =
                  "RULE: draws the number of iterations of each step: uniform:A..B, or"
                      + " poisson:MEAN[:SIGMA[:SHARE]] (Poisson-lognormal, its mean rising from 1"
                      + " in the first SHARE of the steps); fixed for that of the network",
              before = "fixed")
          String randomIterations,
      @Setting(
              about =
                  "trains a head that predicts whether another iteration helps, for"
                      + " 'eval --until halting'",
              before = "false")
          boolean halting,
      @Setting(
              about =
                  "unrolled; or of the fixed point of the iterations: implicit[:N[:TOLERANCE]],"
                      + " anderson[:N[:TOLERANCE]] or one-step[:N], N iterations at most",
              before = "unrolled")
          String gradient) {}

  /**
   * Settings of parameter updates.
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
   * @param normBiasDecay factor on the weight decay of parameters with one axis: weights and biases
   *     of norms, and all other biases
   * @param clipNorm largest norm of all gradients together; 0 for none
   * @param freezeBatchNorm whether batch norm uses its running statistics and is not trained,
   *     regardless of the network's policy
   * @param ema decay of the moving average of the weights, which is then what is evaluated and
   *     saved; 0 for none
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
      @Setting(
              about = "factor on the weight decay of norms and of all biases; 0 for none on them",
              least = 0,
              before = "1")
          double normBiasDecay,
      @Setting(about = "largest norm of all gradients together; 0 for none", least = 0)
          double clipNorm,
      @Setting(
              about =
                  "batch norm uses its running statistics and is not trained, whatever the"
                      + " network's policy",
              before = "false")
          boolean freezeBatchNorm,
      @Setting(
              about =
                  "decay of the moving average of the weights, which is evaluated and saved, for"
                      + " example 0.999; 0 for none",
              least = 0,
              below = 1,
              before = "0")
          double ema) {}

  /**
   * The schedule of the learning rate: a linear warm-up, and behind it one of several functions of
   * the share s of the remaining steps that are done.
   *
   * @param schedule poly, cosine or constant
   * @param power of poly: lr * (1 - s)^power
   * @param lrEnd of cosine: the rate at the end, lr_end + (lr - lr_end) * (1 + cos(pi s)) / 2
   * @param warmup steps of the warm-up; 0 for none
   * @param warmupStart factor on the learning rate of the first step of the warm-up
   */
  public record Schedule(
      @Setting(
              about = "",
              choices = {"poly", "cosine", "constant"})
          String schedule,
      @Setting(about = "of poly: lr * (1 - step/steps)^power", least = 0) double power,
      @Setting(about = "of cosine: learning rate at the end", least = 0, before = "0") double lrEnd,
      @Setting(
              about = "steps in which the learning rate grows linearly to lr; 0 for none",
              least = 0,
              before = "0")
          long warmup,
      @Setting(
              about = "factor on the learning rate of the first step of the warm-up",
              above = 0,
              most = 1,
              before = "0.01")
          double warmupStart) {}

  /**
   * Duration, evaluations and checkpoints of a training.
   *
   * @param epochs passes over the training split; 0 if steps are given
   * @param steps optimizer steps; 0 if epochs are given
   * @param batch images per forward pass
   * @param accumulation forward passes per step
   * @param seed of all random numbers
   * @param checkpointEvery steps between checkpoints; 0 for after every evaluation
   * @param keepEvery steps between checkpoints that are kept; 0 to keep the last and the best only
   * @param evalEvery steps between evaluations; 0 for after every epoch
   * @param patience evaluations without a better score before it stops early; 0 for never
   * @param monitor the score: {@code METRIC[:class][:iteration]} of the validation, by default in
   *     the last iteration, with {@code -} in front if smaller values are better
   * @param keep the weights that the network gets at the end: best or last
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
      @Setting(about = "evaluations without a better score before it stops; 0 for never", least = 0)
          int patience,
      @Setting(
              about =
                  "METRIC[:class][:iteration] the score that decides which weights are the best:"
                      + " mIoU, pAcc, IoU:car, mIoU:1; with - in front smaller is better",
              before = "mIoU",
              pattern = "-?[^:\\s]+(:.+)?",
              right = "METRIC[:class][:iteration]")
          String monitor,
      @Setting(
              about = "weights at the end: those of the best evaluation, or the last ones",
              choices = {"best", "last"},
              before = "best")
          String keep) {}

  /**
   * Settings of computation.
   *
   * @param threads threads of the native library; 0 for its default
   * @param workers threads that prepare images
   * @param execution of passes: eager or compiled
   * @param precision of compiled passes; parameters and their update remain in float32
   * @param recompute whether compiled passes store only values that pass between runs of blocks and
   *     gates, and recompute each run during the backward pass, which needs less memory and more
   *     time
   * @param deterministic whether results are bitwise reproducible on GPUs too, at the cost of speed
   * @param device auto, cpu, gpu0, gpu1, ...
   * @param engine what executes the steps: libtorch in this process, or the name of an engine that
   *     executes them in other processes, such as torchrun
   * @param nodes number of machines of such an engine
   * @param perNode number of its processes on each machine; each trains on its share of every batch
   * @param python program of an engine that needs Python; auto for that of its configuration
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
          String device,
      @Setting(
              about =
                  "ENGINE: what executes the steps: libtorch in this process, or torchrun in"
                      + " several processes",
              before = "libtorch",
              pattern = "[a-z][a-z0-9-]*",
              right = "libtorch or torchrun")
          String engine,
      @Setting(about = "machines of engine torchrun", least = 1, most = 1024, before = "1")
          int nodes,
      @Setting(
              about =
                  "processes of engine torchrun on each machine, each with a share of the batch",
              least = 1,
              most = 64,
              before = "1")
          int perNode,
      @Setting(
              about = "PROGRAM: the Python of engine torchrun; auto for that of the configuration",
              before = "auto")
          String python) {}
}
