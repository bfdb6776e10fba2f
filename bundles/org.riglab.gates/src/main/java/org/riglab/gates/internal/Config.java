package org.riglab.gates.internal;

/** The options of the paper's gates. */
@interface Config {
  GateLayer.Pool pool() default GateLayer.Pool.AVG;

  GateLayer.Start init() default GateLayer.Start.PAPER;
}
