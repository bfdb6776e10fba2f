package org.riglab.backbones.internal;

/** The last block of a backbone: from its features to logits. */
enum Classifier {
  /** One 1x1 convolution with bias (FCN-32s where the features' stride is 32). */
  FCN(32),
  /** FCN-16s: scores of the stride 16 features are added to the enlarged coarse ones. */
  FCN16S(16),
  /** FCN-8s: as FCN-16s, then the scores of the stride 8 features. */
  FCN8S(8),
  /** DeepLabV2's four dilated convolutions. */
  ASPP(32);

  private static final int COARSEST = 32;

  private final int finest;

  Classifier(int finest) {
    this.finest = finest;
  }

  /** Whether features of strides finer than the last block's input are scored too. */
  boolean fuses() {
    return finest < COARSEST;
  }

  /** Whether it scores features of that stride besides the last block's input. */
  boolean fuses(int stride) {
    return stride >= finest && stride < COARSEST;
  }
}
