package org.riglab.testkit.internal;

import ai.djl.Device;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.author.Assembler;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.Kinds;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Plugins.Plugin;

/** Runs the contracts of a visiting plugin's parts. */
@Component
public final class PluginCheckService implements PluginChecks {
  private final BundleContext context;
  private final Plugins plugins;
  private final Tools tools;

  /**
   * @param context of this bundle
   * @param plugins lets jars visit
   * @param assembler makes networks
   * @param compiler traces and compiles them
   * @param exporter writes them for other runtimes
   */
  @Activate
  public PluginCheckService(
      BundleContext context,
      @Reference Plugins plugins,
      @Reference Assembler assembler,
      @Reference Compiler compiler,
      @Reference Exporter exporter) {
    this.context = context;
    this.plugins = plugins;
    this.tools = new Tools(assembler, compiler, exporter);
  }

  @Override
  public Report check(Path jar, Optional<Path> data, Duration limit, Consumer<Check> ended) {
    if (limit.isNegative() || limit.isZero()) {
      throw new RigException("the limit of a check must be more than 0 s");
    }
    return Watched.staying(() -> checked(jar, data, limit, ended));
  }

  private Report checked(Path jar, Optional<Path> data, Duration limit, Consumer<Check> ended) {
    List<Check> checks = new ArrayList<>();
    Consumer<Check> kept =
        check -> {
          checks.add(check);
          ended.accept(check);
        };
    ReferenceQueue<ClassLoader> gone = new ReferenceQueue<>();
    List<WeakReference<ClassLoader>> loader = new ArrayList<>();
    AtomicBoolean back = new AtomicBoolean();
    Plugin plugin =
        plugins.visit(
            jar,
            (visitor, id) -> {
              Bundle bundle = context.getBundle(id);
              loader.add(
                  new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader(), gone));
              taken(bundle)
                  .ifPresent(
                      sentence ->
                          kept.accept(
                              new Check(
                                  "plugin " + visitor.name(),
                                  "namesAreFree",
                                  Verdict.NOTE,
                                  sentence,
                                  0)));
              back.set(parts(bundle, data, limit, kept));
              return visitor;
            });
    if (back.get()) { // else it is known what keeps its classes
      kept.accept(
          Contracts.run(
              "plugin " + plugin.name(), Survival.AFTER_USE, new Survival(loader.get(0), gone)));
    }
    return new Report(plugin.name(), plugin.version(), plugin.sha256(), checks);
  }

  /** What {@code install} would refuse: parts of names that other bundles have. */
  private Optional<String> taken(Bundle visitor) {
    List<String> taken = new ArrayList<>();
    for (ServiceReference<?> own : services(visitor)) {
      String name = String.valueOf(own.getProperty(Provider.NAME));
      for (Bundle other : context.getBundles()) {
        if (!visitor.getSymbolicName().equals(other.getSymbolicName())
            && services(other).stream()
                .anyMatch(
                    s -> name.equals(s.getProperty(Provider.NAME)) && kind(s).equals(kind(own)))) {
          taken.add(
              "%s %s of %s %s"
                  .formatted(kind(own), name, other.getSymbolicName(), other.getVersion()));
        }
      }
    }
    return taken.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "'plugin install' refuses names that are taken, here %s; choose another name, or install with --replace"
                .formatted(String.join(", ", taken)));
  }

  private static List<ServiceReference<?>> services(Bundle bundle) {
    ServiceReference<?>[] services = bundle.getRegisteredServices();
    return Arrays.<ServiceReference<?>>stream(
            services == null ? new ServiceReference<?>[0] : services)
        .filter(service -> service.getProperty(Provider.NAME) instanceof String)
        .toList();
  }

  private boolean parts(Bundle bundle, Optional<Path> data, Duration limit, Consumer<Check> ended) {
    // Before any part's code: DJL looks for its engine once, by the class loader the thread has
    // then.
    tools.assembler().arrays(Device.cpu()).close();
    return services(bundle).stream()
        .sorted(
            Comparator.comparing((ServiceReference<?> service) -> kind(service))
                .thenComparing(service -> (String) service.getProperty(Provider.NAME)))
        .map(service -> part(service, data, limit, ended))
        .reduce(true, Boolean::logicalAnd);
  }

  private static String kind(ServiceReference<?> service) {
    List<String> types = List.of((String[]) service.getProperty(Constants.OBJECTCLASS));
    return types.stream().flatMap(type -> Kinds.of(type).stream()).findFirst().orElse("");
  }

  private <T> boolean part(
      ServiceReference<T> service, Optional<Path> data, Duration limit, Consumer<Check> ended) {
    ServiceObjects<T> objects = context.getServiceObjects(service);
    T provider = objects.getService();
    try {
      if (provider instanceof Provider part) {
        String name = (String) service.getProperty(Provider.NAME);
        return Contracts.run(part, name, Map.of(), data, tools, limit, ended);
      }
      return true;
    } finally {
      objects.ungetService(provider);
    }
  }
}
