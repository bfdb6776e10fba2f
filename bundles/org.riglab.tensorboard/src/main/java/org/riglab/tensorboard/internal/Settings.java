package org.riglab.tensorboard.internal;

/** Configuration {@value #PID}; event files are written as long as there is one. */
@interface Settings {
  /** The PID. */
  String PID = "org.riglab.tensorboard";

  /**
   * @return where to, one folder per run; relative to the home
   */
  String directory() default "tensorboard";
}
