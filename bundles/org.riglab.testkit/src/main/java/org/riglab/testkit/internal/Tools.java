package org.riglab.testkit.internal;

import java.util.ServiceLoader;
import org.riglab.api.RigException;
import org.riglab.api.author.Assembler;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Exporter;

/**
 * What checks need of Riglab.
 *
 * @param assembler makes networks
 * @param compiler traces and compiles them
 * @param exporter writes them for other runtimes
 */
public record Tools(Assembler assembler, Compiler compiler, Exporter exporter) {
  /** Looked up once: the compiler keeps what it has compiled. */
  private static final class OnClassPath {
    static final Tools TOOLS =
        new Tools(load(Assembler.class), load(Compiler.class), load(Exporter.class));

    private static <T> T load(Class<T> type) {
      return ServiceLoader.load(type, type.getClassLoader())
          .findFirst()
          .orElseThrow(
              () ->
                  new RigException(
                      "there is no "
                          + type.getName()
                          + " on the class path: the dependencies of org.riglab.testkit bring it"));
    }
  }

  /**
   * @return what is on the class path
   * @throws RigException if something is missing; says what
   */
  public static Tools onClassPath() {
    return OnClassPath.TOOLS;
  }
}
