package org.riglab.api.author;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.Map;
import java.util.function.Function;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.Unroll;

/**
 * Makes networks of parts that are at hand, without registry, name or home: for tests. Beside being
 * a service it is found by {@link java.util.ServiceLoader} on a class path. Thread safe.
 */
@ProviderType
public interface Assembler {
  /**
   * Makes a root of arrays; loads the native engine at the first call.
   *
   * @param device where the arrays shall be
   * @return to be closed
   * @throws org.riglab.api.RigException if the engine's native libraries do not load; says why
   */
  NDManager arrays(Device device);

  /**
   * Checks option values against what a provider declares.
   *
   * @param part what is configured, for error messages, for example {@code gate mul-sigmoid}
   * @param provider the provider
   * @param values by option name
   * @return the typed options
   * @throws org.riglab.api.RigException if an option is unknown or has the wrong type; names the
   *     option and what is allowed
   */
  Options options(String part, Provider provider, Map<String, ?> values);

  /**
   * Assembles a network on the CPU, initialises it from the spec's seed, shows it, and frees it.
   *
   * @param <T> of the answer
   * @param spec names and options of the parts, and everything else; names are for error messages
   * @param backbone the feed-forward feature extractor
   * @param head the last block
   * @param gate makes the gates; not asked where the unroll strategy plans none
   * @param unroll the unroll strategy
   * @param look is given the network, which is of no use afterwards
   * @return the answer
   * @throws org.riglab.api.RigException if the spec is not sound, or a part fails; names the part
   */
  <T> T assemble(
      NetworkSpec spec,
      Backbone backbone,
      Head head,
      Gate gate,
      Unroll unroll,
      Function<Blueprint, T> look);

  /**
   * Names the parameters of a block as a network's state dict does.
   *
   * @param prefix what the names start with, for example {@code gates.4.}
   * @param block the block
   * @return the parameters by name, in order
   * @throws org.riglab.api.RigException if two parameters have one name
   */
  Map<String, Parameter> state(String prefix, Block block);
}
