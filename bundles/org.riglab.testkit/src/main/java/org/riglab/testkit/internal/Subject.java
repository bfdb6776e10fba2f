package org.riglab.testkit.internal;

import java.util.Map;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.bench.PartSpec;

/**
 * A part that is checked.
 *
 * @param <P> its kind
 * @param kind for example {@code gate}
 * @param name how sentences call it
 * @param provider the part
 * @param values of its options
 * @param tools of Riglab
 */
public record Subject<P extends Provider>(
    String kind, String name, P provider, Map<String, Object> values, Tools tools) {
  /** Reads the options anew, as a network does. */
  Options options() {
    return tools.assembler().options(title(), provider, values);
  }

  /** How reports call it. */
  String title() {
    return kind + " " + name;
  }

  PartSpec spec() {
    return new PartSpec(name, values);
  }
}
