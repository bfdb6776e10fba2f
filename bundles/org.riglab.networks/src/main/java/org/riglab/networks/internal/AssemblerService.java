package org.riglab.networks.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.author.Assembler;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.Unroll;
import org.riglab.networks.StateDict;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.AnnotationOptions;
import org.riglab.parts.PartEvents;

/** Assembles parts that are at hand; also made by a service loader. */
@Component
public final class AssemblerService implements Assembler {
  @Override
  public NDManager arrays(Device device) {
    return Torch.newManager(device);
  }

  @Override
  public Options options(String part, Provider provider, Map<String, ?> values) {
    return AnnotationOptions.check(part, provider.options(), values);
  }

  @Override
  public <T> T assemble(
      NetworkSpec spec,
      Backbone backbone,
      Head head,
      Gate gate,
      Unroll unroll,
      Function<Blueprint, T> look) {
    Given given = new Given(List.of(backbone, head, gate, unroll));
    try (Assembly assembly = new Assembly(spec, given, given, "author", Device.cpu())) {
      return assembly.show(look);
    }
  }

  @Override
  public Map<String, Parameter> state(String prefix, Block block) {
    Map<String, Parameter> state = new LinkedHashMap<>();
    StateDict.collect(state, prefix, block);
    return state;
  }

  /** Parts that stay. */
  private record Given(List<Provider> providers) implements Parts, PartEvents {
    @Override
    public <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user) {
      P provider = providers.stream().filter(kind::isInstance).map(kind::cast).findFirst().get();
      return new Held<>(kind, name, provider);
    }

    @Override
    public Options options(String part, Provider provider, Map<String, ?> values) {
      return AnnotationOptions.check(part, provider.options(), values);
    }

    @Override
    public void add(Listener listener) {
      // nothing ever comes or goes
    }

    @Override
    public void remove(Listener listener) {
      // as above
    }

    @Override
    public Step enter(Collection<? extends Lease<?>> leases) {
      return () -> {};
    }
  }

  /** A lease on a part that stays. */
  private record Held<P extends Provider>(Class<P> kind, String name, P service)
      implements Lease<P> {
    @Override
    public PartInfo part() {
      String word = kind.getSimpleName().toLowerCase(java.util.Locale.ROOT);
      return new PartInfo(word, name, "", List.of(), "", "", "", -1);
    }

    @Override
    public boolean retiring() {
      return false;
    }

    @Override
    public boolean revoked() {
      return false;
    }

    @Override
    public void close() {
      // nothing is held
    }
  }
}
