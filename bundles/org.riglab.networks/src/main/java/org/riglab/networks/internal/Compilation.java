package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Precision;
import org.riglab.networks.PassLength;
import org.riglab.networks.engine.EngineFlags;
import org.riglab.networks.engine.Torch;

/**
 * Runs a network's passes as native programs, each made when a pass of its kind first comes;
 * eagerly where none can be made.
 */
final class Compilation {
  private static final int MOST = 64;

  private final Compiler compiler;
  private final Precision precision;
  private final boolean recompute;
  private final List<Compiler.TrainingPass> passes = new ArrayList<>();
  private final Map<String, NDList> prepared = new HashMap<>();
  private NDManager manager;
  private boolean partial;
  private final Consumer<String> told;
  private final Set<String> reasons = new LinkedHashSet<>();
  private final Map<PassKey, Optional<Compiler.Program>> programs =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PassKey, Optional<Compiler.Program>> eldest) {
          return size() > MOST;
        }
      };

  private record PassKey(Shape image, boolean training, int truncate, int iterations) {}

  Compilation(Compiler compiler, Precision precision, boolean recompute, Consumer<String> told) {
    this.compiler = compiler;
    this.precision = precision;
    this.recompute = recompute;
    this.told = told;
  }

  /** Says that the network is another one. */
  void forget() {
    programs.clear();
    changed();
  }

  /** Says that parameters have other values, or that there will be no other pass. */
  void changed() {
    prepared.clear();
    if (manager != null) {
      manager.close();
      manager = null;
    }
  }

  /** Drops passes that have no backward pass. */
  void discard() {
    passes.clear();
  }

  NDList forward(Assembly assembly, NDArray image, boolean training, int truncate) {
    return forward(assembly, image, training, truncate, 0);
  }

  /**
   * @param iterations 0 for those of the spec
   */
  NDList forward(Assembly assembly, NDArray image, boolean training, int truncate, int iterations) {
    partial |= iterations > 0;
    Optional<Compiler.Program> program =
        program(assembly, new PassKey(image.getShape(), training, truncate, iterations));
    if (training) {
      changed();
    }
    if (program.isEmpty()) {
      return assembly.forward(image, training, truncate, PassLength.of(iterations), null);
    } else if (!training || !JniUtils.isGradMode()) {
      return assembly.run(program.get(), image, prepared(assembly, program.get()));
    }
    Compiler.TrainingPass started = assembly.start(program.get(), image);
    passes.add(started);
    return started.logits();
  }

  /**
   * Evaluates as many iterations as asked for: one program per iteration if there is a question.
   */
  NDList forward(Assembly assembly, NDArray image, PassLength length) {
    Optional<Compiler.Program> program =
        program(assembly, new PassKey(image.getShape(), false, 0, length.iterations()));
    if (program.isEmpty()) {
      return assembly.forward(image, length, null);
    }
    Compiler.Program made = program.get();
    NDList prepared = prepared(assembly, made);
    return assembly.step(
        () ->
            length.continuation().isPresent()
                ? made.run(image, prepared, length.continuation().get())
                : made.run(image, prepared));
  }

  private Optional<Compiler.Program> program(Assembly assembly, PassKey pass) {
    Optional<Compiler.Program> program = programs.get(pass);
    if (program == null) {
      program = compile(assembly, pass);
      programs.put(pass, program);
    }
    return program;
  }

  private NDList prepared(Assembly assembly, Compiler.Program program) {
    if (manager == null) {
      // not below the manager of the parameters, which is swept after each step
      manager = Torch.newManager(assembly.manager().getDevice());
    }
    return prepared.computeIfAbsent(
        program.preparation(), key -> program.prepare(assembly.state(), manager));
  }

  /** Whether going back need not find gradients of zero. */
  boolean direct() {
    // a pass of fewer iterations leaves parameters out, whose gradients must not stay
    return !partial && !passes.isEmpty() && passes.stream().allMatch(Compiler.TrainingPass::direct);
  }

  /** Goes back through the passes since the last time, given their logits' gradients. */
  void backward(boolean replace) {
    List<Compiler.TrainingPass> started = List.copyOf(passes);
    passes.clear();
    for (int i = 0; i < started.size(); i++) {
      started.get(i).backward(replace && i == 0);
    }
  }

  private Optional<Compiler.Program> compile(Assembly assembly, PassKey pass) {
    if (recompute && pass.training) {
      try {
        return Optional.of(compile(assembly, pass, true));
      } catch (RigException e) {
        tell("keeps everything: ", e);
      }
    }
    try {
      return Optional.of(compile(assembly, pass, false));
    } catch (RigException e) {
      tell("not compiled, runs eagerly in float32: ", e);
      return Optional.empty();
    }
  }

  private Compiler.Program compile(Assembly assembly, PassKey pass, boolean again) {
    Compiler.Options options =
        new Compiler.Options(pass.training, precision, again, EngineFlags.isDeterministic());
    return assembly.show(
        pass.truncate, pass.iterations, network -> compiler.compile(network, pass.image, options));
  }

  private void tell(String what, RigException why) {
    if (reasons.add(why.getMessage())) {
      told.accept(what + why.getMessage());
    }
  }
}
