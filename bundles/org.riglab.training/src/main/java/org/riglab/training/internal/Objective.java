package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.riglab.api.RigException;
import org.riglab.api.bench.Compiler;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.engine.EngineFlags;

/**
 * What a training minimises: its loss, of logits at the size of the labels. With several input
 * scales, each scale's logits and the fused ones have a loss, and these are added; labels are
 * brought to the size of the logits (nearest), as DeepLabV2 does.
 */
final class Objective implements AutoCloseable {
  private final LeasedLoss loss;
  private final Optional<Compiler> compiler;
  private final Consumer<String> told;
  private final Map<List<Shape>, UnaryOperator<NDList>> programs = new HashMap<>();
  private boolean untraceable;

  /**
   * @param loss of a pass; closed with this
   * @param compiler compiles it; empty to run it step by step
   * @param told is told in a line why the loss is not compiled
   */
  Objective(LeasedLoss loss, Optional<Compiler> compiler, Consumer<String> told) {
    this.loss = loss;
    this.compiler = compiler;
    this.told = told;
  }

  LeasedLoss loss() {
    return loss;
  }

  /**
   * @param logits of a batch
   * @param targets of the step
   * @param batch index in the step
   * @return the share of the batch in the step's loss, a scalar
   */
  NDArray loss(MultiScaleInputs.Logits logits, Targets targets, int batch) {
    if (logits.scales().size() == 1) {
      return loss(logits.fused(), targets.full(batch), batch);
    }
    NDArray sum = ownSize(logits.fused(), targets, batch);
    for (NDList scale : logits.scales()) {
      sum = sum.add(ownSize(scale, targets, batch));
    }
    return sum;
  }

  private NDArray ownSize(NDList logits, Targets targets, int batch) {
    Shape size = logits.head().getShape();
    return loss(logits, targets.at(size.get(2), size.get(3)), batch);
  }

  private NDArray loss(NDList logits, Targets.Sized targets, int batch) {
    NDList arguments = new NDList(logits);
    arguments.add(targets.labels().get(batch));
    arguments.add(targets.divisor());
    return program(arguments).apply(arguments).head();
  }

  private UnaryOperator<NDList> program(NDList arguments) {
    if (compiler.isEmpty() || untraceable) {
      return loss::loss;
    }
    List<Shape> shapes = arguments.stream().map(NDArray::getShape).toList();
    UnaryOperator<NDList> program = programs.get(shapes);
    if (program == null) {
      program = compile(compiler.get(), arguments);
      programs.put(shapes, program);
    }
    return program;
  }

  private UnaryOperator<NDList> compile(Compiler with, NDList arguments) {
    try {
      return with.compile(loss::loss, arguments, EngineFlags.isDeterministic());
    } catch (RigException e) {
      untraceable = true;
      told.accept("loss not compiled, runs eagerly: " + e.getMessage());
      return loss::loss;
    }
  }

  /** See {@link LeasedLoss#stale}. */
  boolean stale() {
    return loss.stale();
  }

  /** See {@link LeasedLoss#renew}. What was compiled of the part before is forgotten. */
  void renew() {
    programs.clear();
    untraceable = false;
    loss.renew();
  }

  @Override
  public void close() {
    programs.clear();
    loss.close();
  }
}
