package org.riglab.api.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * A part by name, with the options that differ from its defaults.
 *
 * @param name the part's name
 * @param options values by option name: numbers, booleans, strings or lists of these
 */
public record PartSpec(String name, Map<String, Object> options) {
  /**
   * Copies and sorts the options.
   *
   * @param name see {@link #name()}
   * @param options see {@link #options()}
   */
  public PartSpec {
    options = java.util.Collections.unmodifiableMap(new TreeMap<>(options));
  }

  /**
   * @param name the part's name
   * @return the part with its defaults
   */
  public static PartSpec of(String name) {
    return new PartSpec(name, Map.of());
  }
}
