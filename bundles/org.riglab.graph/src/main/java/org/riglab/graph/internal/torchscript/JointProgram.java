package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.bench.Compiler.Continuation;
import org.riglab.api.bench.Compiler.Program;
import org.riglab.api.bench.Compiler.TrainingPass;
import org.riglab.graph.internal.backward.Joint;
import org.riglab.graph.internal.torchscript.Modules.Arrays;

/** A pass of training with its own backward pass: one method each. */
final class JointProgram implements Program {
  private final Modules modules;
  private final ParameterList parameters = new ParameterList();
  private final JointScript replacing;
  private final JointScript adding;
  private final Set<String> learning;
  private final int predictions;

  /**
   * @param replacing the joint graph that replaces gradients
   * @param adding the one that adds to them; the same forward pass
   * @param modules runs methods
   */
  JointProgram(Joint replacing, Joint adding, Modules modules) {
    this.modules = modules;
    this.replacing = JointScript.of(replacing, parameters::code);
    this.adding = JointScript.of(adding, parameters::code);
    if (!this.replacing.forward().equals(this.adding.forward())) {
      throw new IllegalStateException("one forward pass must serve both backward passes");
    }
    this.learning = Set.copyOf(replacing.parameters());
    this.predictions = replacing.graph().outputs().size();
  }

  @Override
  public String preparation() {
    return parameters.toString();
  }

  @Override
  public NDList prepare(Map<String, Parameter> state, NDManager manager) {
    return new NDList(parameters.values(state)); // batch statistics change: nothing is prepared
  }

  @Override
  public NDList run(NDArray image, NDList prepared) {
    NDList all = forward(image, ParameterList.arrays(prepared));
    NDList logits = new NDList(all.subList(0, predictions));
    all.subList(predictions, all.size()).forEach(NDArray::close);
    return logits;
  }

  private NDList forward(NDArray image, PtNDArray... values) {
    return modules.run(replacing.forward(), (PtNDArray) image, new Arrays("p", values));
  }

  @Override
  public NDList run(NDArray image, NDList prepared, Continuation continuation) {
    throw new IllegalStateException("a pass of training runs as a whole");
  }

  @Override
  public TrainingPass start(NDArray image, Map<String, Parameter> state) {
    PtNDArray[] values = parameters.values(state);
    NDList all = forward(image, values);
    NDList logits = new NDList();
    for (NDArray made : all.subList(0, predictions)) {
      // a copy, as the engine finds no gradients of what was made without
      NDArray copy = made.duplicate();
      made.close();
      copy.setRequiresGradient(true);
      logits.add(copy);
    }
    PtNDArray[] saved = ParameterList.arrays(all.subList(predictions, all.size()));
    return new Started((PtNDArray) image, state, values, logits, saved);
  }

  /** A pass on its way. */
  private final class Started implements TrainingPass {
    private final PtNDArray image;
    private final Map<String, Parameter> state;
    private final PtNDArray[] values;
    private final NDList logits;
    private final PtNDArray[] saved;

    Started(
        PtNDArray image,
        Map<String, Parameter> state,
        PtNDArray[] values,
        NDList logits,
        PtNDArray... saved) {
      this.image = image;
      this.state = state;
      this.values = values;
      this.logits = logits;
      this.saved = saved;
    }

    @Override
    public NDList logits() {
      return logits;
    }

    @Override
    public boolean direct() {
      return true;
    }

    @Override
    public void backward(boolean replace) {
      state.forEach(
          (name, parameter) -> {
            PtNDArray value = (PtNDArray) parameter.getArray();
            if (learning.contains(name)) {
              ready(value);
            } else if (replace && parameter.requiresGradient()) {
              JniUtils.zeroGrad(value);
            }
          });
      List<NDArray> gradients = logits.stream().map(JointProgram::gradient).toList();
      modules
          .run(
              replace ? replacing.backward() : adding.backward(),
              image,
              new Arrays("p", values),
              new Arrays("s", saved),
              new Arrays("g", ParameterList.arrays(gradients)))
          .close();
      for (PtNDArray array : saved) {
        array.close();
      }
    }
  }

  /** A prediction that the loss leaves out has no gradient. */
  private static NDArray gradient(NDArray logits) {
    PtNDArray gradient = JniUtils.getGradient((PtNDArray) logits);
    if (gradient == null) {
      return logits.zerosLike();
    }
    gradient.attach(logits.getManager());
    return gradient;
  }

  /** The engine has no gradient for a parameter before its first pass. */
  private static void ready(PtNDArray parameter) {
    PtNDArray gradient = JniUtils.getGradient(parameter);
    if (gradient != null) {
      gradient.close();
      return;
    }
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try (PtNDArray sum = parameter.sum();
        PtNDArray nothing = (PtNDArray) sum.zerosLike()) {
      JniUtils.backward(sum, nothing, false, false);
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
