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
 * Assembles networks from given parts, without registry, name or home, for tests. It is available
 * as a service and by {@link java.util.ServiceLoader} on a class path. Thread safe.
 */
@ProviderType
public interface Assembler {
  /**
   * Creates a root manager of arrays; the first call loads the native engine.
   *
   * @param device of the arrays
   * @return the manager, to be closed by the caller
   * @throws org.riglab.api.RigException if the engine's native libraries cannot be loaded; the
   *     message states the reason
   */
  NDManager arrays(Device device);

  /**
   * Checks option values against the declaration of a provider.
   *
   * @param part what is configured, for error messages, for example {@code gate mul-sigmoid}
   * @param provider the provider
   * @param values by option name
   * @return the typed options
   * @throws org.riglab.api.RigException if an option is unknown or has the wrong type; the message
   *     names the option and the allowed values
   */
  Options options(String part, Provider provider, Map<String, ?> values);

  /**
   * Assembles a network on the CPU, initialises it from the spec's seed, passes it to a function,
   * and frees it.
   *
   * @param <T> type of the result
   * @param spec the complete spec; names of parts are used in error messages only
   * @param backbone the feed-forward feature extractor
   * @param head the last block
   * @param gate creates the gates; not used if the unroll strategy plans none
   * @param unroll the unroll strategy
   * @param look receives the network, which must not be used afterwards
   * @return the result of the function
   * @throws org.riglab.api.RigException if the spec is invalid, or a part fails; the message names
   *     the part
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
   * @param prefix of the names, for example {@code gates.4.}
   * @param block the block
   * @return the parameters by name, in order
   * @throws org.riglab.api.RigException if two parameters have the same name
   */
  Map<String, Parameter> state(String prefix, Block block);
}
