package org.riglab.api.bench;

/**
 * The type in which a compiled network multiplies. Parameters, batch norm's statistics, resizing
 * and the loss stay in float32, as with PyTorch's autocast.
 */
public enum Precision {
  /** As the device likes it; a complete spec says one of the others. */
  AUTO,
  /** float32. */
  FP32,
  /** bfloat16, for devices that have it. */
  BF16,
  /** float16; for evaluation only, as small gradients would vanish. */
  FP16
}
