package org.riglab.core.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Precision;

/**
 * Runs a network's passes as native programs, each made when a pass of its kind first comes;
 * eagerly where none can be made.
 */
final class Compilation {
  private static final int MOST = 64;

  private final Compiler compiler;
  private final Precision precision;
  private final Consumer<String> told;
  private final Set<String> reasons = new LinkedHashSet<>();
  private final Map<Pass, Optional<Compiler.Program>> programs =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Pass, Optional<Compiler.Program>> eldest) {
          return size() > MOST;
        }
      };

  private record Pass(Shape image, boolean training, int truncate) {}

  Compilation(Compiler compiler, Precision precision, Consumer<String> told) {
    this.compiler = compiler;
    this.precision = precision;
    this.told = told;
  }

  /** Says that the network is another one. */
  void forget() {
    programs.clear();
  }

  NDList forward(Assembly assembly, NDArray image, boolean training, int truncate) {
    Pass pass = new Pass(image.getShape(), training, truncate);
    Optional<Compiler.Program> program = programs.get(pass);
    if (program == null) {
      program = compile(assembly, pass);
      programs.put(pass, program);
    }
    return program.isPresent()
        ? assembly.run(program.get(), image)
        : assembly.forward(image, training, truncate, null);
  }

  private Optional<Compiler.Program> compile(Assembly assembly, Pass pass) {
    try {
      return Optional.of(
          assembly.show(
              pass.truncate,
              network -> compiler.compile(network, pass.image, pass.training, precision)));
    } catch (RigException e) {
      if (reasons.add(e.getMessage())) {
        told.accept("not compiled, runs eagerly in float32: " + e.getMessage());
      }
      return Optional.empty();
    }
  }
}
