package org.riglab.networks.internal;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Blueprints;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkHost;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.OnnxRunner;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.Names;
import org.riglab.base.RequestText;
import org.riglab.networks.Home;
import org.riglab.networks.NetworkIdentity;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.parts.PartEvents;
import org.riglab.parts.RecordOptions;

/**
 * The networks of the home. The file of a network is authoritative; its copy in memory is freed
 * when one of its parts retires, and made again from the newest parts at the next use.
 */
@Component
public final class NetworkStore
    implements Networks, Blueprints, Sessions, PartEvents.Listener, LiveSession.Engines {

  private final Assemblies assemblies;
  private final Path home;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();

  /** Compiles the passes of sessions. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Compiler compiler;

  /** Writes a session's network for ONNX Runtime. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Exporter exporter;

  /** ONNX Runtime. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile OnnxRunner onnxRunner;

  /** In a server, its workers: they make and change networks in its stead. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile NetworkHost host;

  /** For declarative services. */
  @Activate
  public NetworkStore(
      BundleContext context, @Reference Registry registry, @Reference PartEvents events) {
    this(Home.of(context), registry, events);
  }

  NetworkStore(Path home, Registry registry, PartEvents events) {
    this.home = home;
    this.assemblies = new Assemblies(registry, events);
    events.add(this);
  }

  @Deactivate
  void close() {
    assemblies.events().remove(this);
    slots.values().forEach(slot -> slot.replace(null));
  }

  @Override
  public Compiler compiler() {
    return compiler;
  }

  @Override
  public Exporter exporter() {
    return exporter;
  }

  @Override
  public OnnxRunner onnxRunner() {
    return onnxRunner;
  }

  @Override
  public Path home() {
    return home;
  }

  @Override
  public NetworkSpec spec(Map<String, ?> json, String where) {
    return assemblies.resolved(Specs.asked(json, where, assemblies::strategy));
  }

  @Override
  public void check(NetworkSpec spec) {
    Specs.check(spec, assemblies::strategy);
    assemblies.wired(spec).close();
  }

  @Override
  public String json(NetworkSpec spec) {
    return Json.text(RecordOptions.values(spec));
  }

  @Override
  @SuppressWarnings("try") // the use is held, not used
  public Network assemble(String name, NetworkSpec spec, boolean replace) {
    RequestText.network(name);
    Specs.check(spec, assemblies::strategy);
    Slot slot = slot(name);
    NetworkHost other = host;
    if (other != null) {
      slot.freeIdle(part -> true);
      other.assemble(name, spec, replace);
      return get(name);
    }
    try (Slot.Use use = slot.write("assemble")) {
      if (Files.exists(slot.file()) && !replace) {
        throw new RigException(
            Kind.CONFLICT,
            "network '%s' already exists; use swap to change its parts, or --replace to create it again"
                .formatted(name));
      }
      Assembly assembly = assemblies.initialised(name, spec, Device.cpu());
      try {
        DetachedWeights.discard(slot.file());
        ModelFile.of(assembly.spec(), TrainedOn.nothing(spec.classes()), assembly.parts(), Map.of())
            .write(slot.file(), assembly);
        NetworkIdentity.renew(slot.file().getParent());
        slot.replace(assembly);
        assembly = null;
      } finally {
        if (assembly != null) {
          assembly.close();
        }
      }
    }
    return new StoredNetwork(slot, assemblies);
  }

  @Override
  public List<String> names() {
    Path models = home.resolve("models");
    if (!Files.isDirectory(models)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(models)) {
      return files
          .filter(file -> Files.exists(file.resolve(ModelFile.NAME)))
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileFailures.reading(models, e);
    }
  }

  @Override
  public Network get(String name) {
    return new StoredNetwork(existing(name), assemblies);
  }

  @Override
  @SuppressWarnings("try") // the use is held, not used
  public WeightTransfer swap(String name, NetworkSpec spec) {
    Slot slot = existing(name);
    NetworkHost other = host;
    if (other != null) {
      slot.freeIdle(part -> true);
      return other.swap(name, spec);
    }
    try (Slot.Use use = slot.write("swap")) {
      ModelFile model = ModelFile.read(slot.file());
      if (!spec.unroll().equals(model.spec().unroll())
          || !spec.feedback().equals(model.spec().feedback())) {
        Specs.check(spec, assemblies::strategy);
      }
      Assembly changed = assemblies.initialised(name, spec, slot.device());
      try {
        WeightTransfer transfer =
            PartSwap.apply(changed, assemblies.resolved(model.spec()), slot.file());
        TrainedOn trainedOn =
            spec.classes() == model.spec().classes()
                ? model.trainedOn()
                : TrainedOn.nothing(spec.classes());
        ModelFile.of(changed.spec(), trainedOn, changed.parts(), Map.of())
            .write(slot.file(), changed);
        slot.replace(changed);
        changed = null;
        return transfer;
      } finally {
        if (changed != null) {
          changed.close();
        }
      }
    }
  }

  @Override
  @SuppressWarnings("try") // the use is held, not used
  public void discard(String name) {
    Slot slot = existing(name);
    try (Slot.Use use = slot.write("discard")) {
      slot.replace(null);
      delete(slot.file().getParent());
    }
    slots.remove(name, slot);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new RigException(
          Kind.IO, "cannot delete " + directory + ": " + FileFailures.reason(e), e);
    }
  }

  @Override
  public void release(String name) {
    existing(name).freeIdle(part -> true);
  }

  @Override
  public <T> T show(String network, Function<Blueprint, T> look) {
    try (Assembly assembly = assemblies.stored(existing(network), Device.cpu())) {
      return assembly.show(look);
    }
  }

  @Override
  public Path file(String network) {
    return existing(network).file();
  }

  @Override
  public TrainedOn trainedOn(String network) {
    return ModelFile.read(file(network)).trainedOn();
  }

  @Override
  public Session open(String network, String user) {
    return open(network, user, existing(network).device());
  }

  @Override
  public Session open(String network, String user, Device device) {
    Slot slot = existing(network);
    return session(slot, slot.use(user), device);
  }

  @Override
  public Session edit(String network, String user) {
    return edit(network, user, existing(network).device());
  }

  @Override
  public Session edit(String network, String user, Device device) {
    Slot slot = existing(network);
    return session(slot, slot.write(user), device);
  }

  private LiveSession session(Slot slot, Slot.Use use, Device device) {
    boolean opened = false;
    try {
      LiveSession session = new LiveSession(slot, use, assemblies, this, device);
      opened = true;
      return session;
    } finally {
      if (!opened) {
        use.close();
      }
    }
  }

  @Override
  public Session open(NetworkSpec spec, Device device) {
    return unnamed(assemblies.initialised("without a name", spec, device));
  }

  /** A session on a network that no name leads to, and that is gone when the session is closed. */
  private Session unnamed(Assembly assembly) {
    Slot slot = new Slot("without a name", home);
    slot.replace(assembly);
    return session(slot, () -> slot.replace(null), assembly.manager().getDevice());
  }

  @Override
  public Variant variant(String network, NetworkSpec spec, Device device) {
    Path file = file(network);
    TrainedOn trainedOn = ModelFile.read(file).trainedOn();
    Assembly assembly = assemblies.initialised("variant of " + network, spec, device);
    boolean filled = false;
    try {
      WeightTransfer transfer = PartSwap.preview(assembly, file);
      filled = true;
      return new Variant(unnamed(assembly), transfer, trainedOn);
    } finally {
      if (!filled) {
        assembly.close();
      }
    }
  }

  @Override
  public void retiring(long bundleId) {
    freeIdle(part -> part.bundleId() == bundleId);
  }

  @Override
  public void gone(PartInfo gone) {
    freeIdle(
        part ->
            part.bundleId() == gone.bundleId()
                && part.kind().equals(gone.kind())
                && part.name().equals(gone.name()));
  }

  private void freeIdle(Predicate<PartInfo> which) {
    for (Slot slot : slots.values()) {
      slot.freeIdle(which);
    }
  }

  private Slot slot(String name) {
    return slots.computeIfAbsent(
        name, key -> new Slot(key, home.resolve("models").resolve(key).resolve(ModelFile.NAME)));
  }

  private Slot existing(String name) {
    if (RequestText.isNetwork(name)) {
      Slot slot = slot(name);
      if (Files.exists(slot.file())) {
        return slot;
      }
    }
    List<String> names = names();
    throw new RigException(
        Kind.NOT_FOUND,
        "there is no network '%s'; %s"
            .formatted(
                Names.shown(name),
                names.isEmpty() ? "assemble makes one" : "there is " + String.join(", ", names)));
  }
}
