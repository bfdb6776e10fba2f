package org.riglab.api.bench;

/** The execution mode of a network's passes. */
public enum Execution {
  /** Operation by operation, from Java; always in float32. */
  EAGER,
  /** As one native program per pass; eagerly if a part cannot be traced. */
  COMPILED,
  /** As a model in ONNX Runtime, on the CPU and in float32; for inference. */
  ONNX
}
