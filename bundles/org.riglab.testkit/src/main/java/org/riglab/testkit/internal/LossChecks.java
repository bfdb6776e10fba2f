package org.riglab.testkit.internal;

import java.util.List;
import org.riglab.api.training.Loss;

/** The contract of losses. */
public final class LossChecks {
  /** One finite number, whatever the labels. */
  public static final Check<Subject<Loss>> NUMBER =
      new Check<>("isOneFiniteNumber", LossGradients::number);

  /** Gradients are what finite differences find. */
  public static final Check<Subject<Loss>> SLOPE =
      new Check<>("gradientIsTheSlope", LossGradients::slope);

  /** Pixels without a label are left out. */
  public static final Check<Subject<Loss>> VOID =
      new Check<>("voidDoesNotCount", LossWeights::voids);

  /** Weights of classes are used. */
  public static final Check<Subject<Loss>> CLASS_WEIGHTS =
      new Check<>("classWeightsCount", LossWeights::classWeights);

  /** Weights of iterations are used. */
  public static final Check<Subject<Loss>> ITERATION_WEIGHTS =
      new Check<>("iterationWeightsCount", LossWeights::iterationWeights);

  /** Accumulated passes are averaged. */
  public static final Check<Subject<Loss>> PASSES =
      new Check<>("passesOfAStepAreAveraged", LossWeights::passes);

  /** The result depends on the arguments alone. */
  public static final Check<Subject<Loss>> STATE =
      new Check<>("keepsNothingBetweenCalls", LossEffects::state);

  /** Arguments belong to the caller. */
  public static final Check<Subject<Loss>> INPUTS =
      new Check<>("leavesItsInputsAlone", LossEffects::inputs);

  /** It can be compiled. */
  public static final Check<Subject<Loss>> TRACE =
      new Check<>("tracesToAGraph", LossCompilation::trace);

  /** Compiled it computes what it does eagerly. */
  public static final Check<Subject<Loss>> COMPILED =
      new Check<>("compiledEqualsEager", LossCompilation::compiled);

  /** Nothing stays behind. */
  public static final Check<Subject<Loss>> MEMORY =
      new Check<>("freesWhatItMakes", LossEffects::memory);

  /** All checks. */
  public static final List<Check<Subject<Loss>>> ALL =
      List.of(
          NUMBER,
          SLOPE,
          VOID,
          CLASS_WEIGHTS,
          ITERATION_WEIGHTS,
          PASSES,
          STATE,
          INPUTS,
          TRACE,
          COMPILED,
          MEMORY);

  private LossChecks() {}
}
