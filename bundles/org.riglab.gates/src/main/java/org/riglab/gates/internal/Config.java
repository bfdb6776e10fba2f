package org.riglab.gates.internal;

/** The options of the paper's gates. */
@interface Config {
  FeedbackGate.Pool pool() default FeedbackGate.Pool.AVG;

  FeedbackGate.GateInit init() default FeedbackGate.GateInit.PAPER;
}
