package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private final Map<Key, UnaryOperator<NDList>> programs = new HashMap<>();
  private final Set<Function> untraceable = EnumSet.noneOf(Function.class);

  private enum Function {
    LOSS,
    WEIGHT
  }

  private record Key(Function function, List<Shape> shapes) {}

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
    return program(Function.LOSS, arguments).apply(arguments).head();
  }

  /**
   * @param label of a pass, (N, H, W), int64
   * @return what the pass weighs, a scalar, attached to the label's manager
   */
  NDArray weight(NDArray label) {
    NDList arguments = new NDList(label);
    return program(Function.WEIGHT, arguments).apply(arguments).head();
  }

  private UnaryOperator<NDList> program(Function function, NDList arguments) {
    if (compiler.isEmpty() || untraceable.contains(function)) {
      return eager(function, arguments.head().getDevice());
    }
    Key key = new Key(function, arguments.stream().map(NDArray::getShape).toList());
    UnaryOperator<NDList> program = programs.get(key);
    if (program == null) {
      program = compile(compiler.get(), function, arguments);
      programs.put(key, program);
    }
    return program;
  }

  private UnaryOperator<NDList> eager(Function function, Device device) {
    return function == Function.LOSS
        ? arguments -> loss.loss(arguments, device)
        : labels -> new NDList(loss.weight(labels.head()));
  }

  private UnaryOperator<NDList> compile(Compiler with, Function function, NDList arguments) {
    UnaryOperator<NDList> eager = eager(function, arguments.head().getDevice());
    try {
      return with.compile(eager, arguments, EngineFlags.isDeterministic());
    } catch (RigException e) {
      untraceable.add(function);
      told.accept(
          "%s not compiled, runs eagerly: %s"
              .formatted(
                  function == Function.LOSS ? "loss" : "weight of the loss", e.getMessage()));
      return eager;
    }
  }

  /** See {@link LeasedLoss#stale}. */
  boolean stale() {
    return loss.stale();
  }

  /** See {@link LeasedLoss#renew}. What was compiled of the part before is forgotten. */
  void renew() {
    programs.clear();
    untraceable.clear();
    loss.renew();
  }

  @Override
  public void close() {
    programs.clear();
    loss.close();
  }
}
