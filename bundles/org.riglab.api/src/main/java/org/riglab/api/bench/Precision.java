package org.riglab.api.bench;

/**
 * The type of convolutions and matrix products of a compiled network. Parameters, batch norm's
 * statistics, resizing and the loss remain in float32, as with PyTorch's autocast.
 */
public enum Precision {
  /** Chosen by device; a complete spec contains one of the others. */
  AUTO,
  /** float32. */
  FP32,
  /** bfloat16, for devices that support it. */
  BF16,
  /** float16; trainings use loss scaling, since small gradients would underflow. */
  FP16
}
