package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.riglab.api.bench.Compiler.Continuation;
import org.riglab.api.bench.Compiler.Program;
import org.riglab.api.bench.Compiler.TrainingPass;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Rewrites;

/**
 * A pass of evaluation, in two methods: what depends on parameters alone is computed once, by the
 * first; the second finds it in the list {@code c}.
 */
final class ForwardProgram implements Program {
  private final Modules modules;
  private final ParameterList parameters = new ParameterList();
  private final List<Integer> made;
  private final String first;
  private final String second;
  private final Sizes sizes;
  private Steps steps;

  /**
   * @param sizes the pass, with types and layouts chosen
   * @param modules runs methods
   */
  ForwardProgram(Sizes sizes, Modules modules) {
    this.modules = modules;
    this.sizes = sizes;
    Graph graph = sizes.first();
    boolean[] fixed = Rewrites.fixed(graph);
    Script script = new Script(sizes, false, id -> fixed[id], parameters::code);
    List<Integer> results = graph.outputs();
    made =
        Stream.concat(
                script.free(id -> !fixed[id]).stream(),
                results.stream().filter(id -> fixed[id] && !script.given(id)))
            .distinct()
            .toList();
    first = String.join("\n", script.method(id -> fixed[id], List.of(), "", made));
    second = String.join("\n", script.method(id -> !fixed[id], made, "c", results));
  }

  @Override
  public String preparation() {
    return parameters + "\n" + first;
  }

  @Override
  public NDList prepare(Map<String, Parameter> state, NDManager manager) {
    PtNDArray[] values = parameters.values(state);
    NDList all = new NDList(values);
    if (!made.isEmpty()) {
      try (NDManager passing = manager.newSubManager()) {
        PtNDArray nothing = (PtNDArray) passing.create(0f);
        NDList results = modules.run(first, nothing, new Modules.Arrays("p", values));
        results.attach(manager);
        all.addAll(results);
      }
    }
    return all;
  }

  @Override
  public NDList run(NDArray image, NDList prepared) {
    PtNDArray[] all = ParameterList.arrays(prepared);
    int given = parameters.size();
    return modules.run(
        second,
        (PtNDArray) image,
        new Modules.Arrays("p", Arrays.copyOf(all, given)),
        new Modules.Arrays("c", Arrays.copyOfRange(all, given, all.length)));
  }

  @Override
  public NDList run(NDArray image, NDList prepared, Continuation continuation) {
    Steps made = steps();
    PtNDArray[] all = ParameterList.arrays(prepared);
    int given = parameters.size();
    Modules.Arrays values = new Modules.Arrays("p", Arrays.copyOf(all, given));
    Map<Integer, PtNDArray> known = new HashMap<>();
    for (int i = 0; i < this.made.size(); i++) {
      known.put(this.made.get(i), all[given + i]);
    }
    NDList logits = new NDList();
    for (int t = 1; t <= made.count(); t++) {
      Steps.Step step = made.step(t);
      PtNDArray[] read = step.reads().stream().map(known::get).toArray(PtNDArray[]::new);
      NDList results =
          modules.run(step.code(), (PtNDArray) image, values, new Modules.Arrays("c", read));
      for (int i = 0; i < step.results().size(); i++) {
        known.put(step.results().get(i), (PtNDArray) results.get(i));
      }
      logits.add(known.get(made.output(t)));
      if (t < made.count() && !continuation.more(t, logits.get(t - 1))) {
        break;
      }
    }
    return logits;
  }

  private synchronized Steps steps() {
    if (steps == null) {
      steps = new Steps(sizes, made, parameters::code);
    }
    return steps;
  }

  @Override
  public TrainingPass start(NDArray image, Map<String, Parameter> state) {
    throw new IllegalStateException("a pass of evaluation has no way back");
  }
}
