package org.riglab.mlflow.internal;

/** Configuration {@value #PID}; runs are sent as long as there is one. */
@interface Settings {
  /** The PID. */
  String PID = "org.riglab.mlflow";

  /**
   * @return of the tracking server, for example http://127.0.0.1:5000
   */
  String uri();

  /**
   * @return name of the experiment; made if there is none
   */
  String experiment() default "riglab";

  /**
   * @return sent as bearer token; empty for none
   */
  String token() default "";
}
