package org.riglab.nn.script;

import java.util.List;

/**
 * A method of a TorchScript module.
 *
 * @param name an identifier
 * @param parameters each as name and type, for example {@code x: Tensor}
 * @param result type of what it returns, for example {@code List[Tensor]}
 * @param lines of code, indented by two spaces per level below the method's own
 */
public record Method(String name, List<String> parameters, String result, List<String> lines) {
  /**
   * Copies the lists.
   *
   * @param name see {@link #name()}
   * @param parameters see {@link #parameters()}
   * @param result see {@link #result()}
   * @param lines see {@link #lines()}
   */
  public Method {
    parameters = List.copyOf(parameters);
    lines = List.copyOf(lines);
  }
}
