package org.riglab.engine.internal;

/**
 * The engine that is set up, as {@code config/engine.json} of a home or of the distribution says;
 * the launcher reads the same. Without one, the engine for the CPU.
 */
@interface EngineConfig {
  /** Of the configuration. */
  String PID = "org.riglab.engine";

  /**
   * @return cpu or cuda
   */
  String build() default "cpu";

  /**
   * @return version of PyTorch
   */
  String version() default "";

  /**
   * @return version of CUDA it was built with
   */
  String cuda() default "";

  /**
   * @return where it comes from, in words
   */
  String source() default "";

  /**
   * @return folder of libtorch.so; relative to the distribution
   */
  String libraries() default "";

  /**
   * @return architectures its GPU code was made for, for example 9.0
   */
  String[] architectures() default {};
}
