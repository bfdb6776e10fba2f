package org.riglab.api.bench;

import java.util.List;

/**
 * An option, for listings and error messages.
 *
 * @param name as written in a spec, for example output_stride
 * @param type int, number, boolean, text, choice, part, or list of one of these
 * @param defaultValue as written in a spec
 * @param allowed the permitted values; empty if every value of the type is
 * @param about one line of help; may be empty
 */
public record OptionInfo(
    String name, String type, String defaultValue, List<String> allowed, String about) {
  /**
   * An option without help.
   *
   * @param name see {@link #name()}
   * @param type see {@link #type()}
   * @param defaultValue see {@link #defaultValue()}
   * @param allowed see {@link #allowed()}
   */
  public OptionInfo(String name, String type, String defaultValue, List<String> allowed) {
    this(name, type, defaultValue, allowed, "");
  }
}
