package org.riglab.backbones.internal;

/** Which convolution of a bottleneck has the stride. */
enum StrideIn {
  /** The 3x3 in the middle, as torchvision and Riglab's other ResNets have it. */
  CONV2,
  /** The first 1x1, as the original ResNet in Caffe, and with it DeepLabV2, has it. */
  CONV1
}
