package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.jar.Attributes;
import javax.xml.stream.XMLStreamException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Plugins;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;

/** Searches the catalogues, and adds to them. */
@Component(configurationPid = PluginConfig.PID)
public final class CatalogueService implements Catalogue {
  private static final String INDEX = "index.xml";

  private final Plugins plugins;
  private final Function<String, Optional<String>> missing;
  private volatile Catalogues catalogues;

  /**
   * @param context knows what bundles export
   * @param plugins that are installed
   * @param config where catalogues are
   */
  @Activate
  public CatalogueService(BundleContext context, @Reference Plugins plugins, PluginConfig config) {
    this(filter -> new Requirements(context).missingPackage(filter), plugins, config);
  }

  /**
   * @param missing see {@link Catalogues}
   */
  CatalogueService(
      Function<String, Optional<String>> missing, Plugins plugins, PluginConfig config) {
    this.missing = missing;
    this.plugins = plugins;
    configure(config);
  }

  @Modified
  void configure(PluginConfig config) {
    catalogues = of(config, missing);
  }

  static Catalogues of(PluginConfig config, Function<String, Optional<String>> missing) {
    return new Catalogues(List.of(config.catalogues()), config.max_size() << 20, missing);
  }

  @Override
  public List<Offer> search(String word) {
    String part = word.toLowerCase(Locale.ROOT);
    Map<String, Offer> best = new LinkedHashMap<>();
    for (Offer offer : catalogues.all()) {
      String text = offer.name() + " " + offer.about() + " " + String.join(" ", offer.parts());
      if (text.toLowerCase(Locale.ROOT).contains(part)) {
        best.merge(
            offer.name(), offer, (a, b) -> a.missing().isEmpty() || !b.missing().isEmpty() ? a : b);
      }
    }
    return List.copyOf(best.values());
  }

  @Override
  public List<Offer> versions(String plugin) {
    return catalogues.versions(plugin);
  }

  @Override
  public List<Offer> outdated() {
    List<Offer> newer = new ArrayList<>();
    List<Offer> all = catalogues.all();
    for (Plugins.Plugin plugin : plugins.list()) {
      if (!plugin.version().isEmpty()) {
        Version here = Version.parseVersion(plugin.version());
        all.stream()
            .filter(o -> o.name().equals(plugin.name()) && o.missing().isEmpty())
            .filter(o -> Version.parseVersion(o.version()).compareTo(here) > 0)
            .findFirst()
            .ifPresent(newer::add);
      }
    }
    return newer;
  }

  @Override
  public Offer publish(Path file, Path folder) {
    try {
      Files.createDirectories(folder);
      String sha256 = Sha256.of(file);
      PluginJar jar = PluginJar.read(file, sha256, file.toString());
      String target = jar.name() + "-" + jar.version() + ".jar";
      IndexFile.Resource entry = resource(jar, target);
      List<IndexFile.Resource> resources = new ArrayList<>(present(folder));
      Optional<IndexFile.Resource> same =
          resources.stream()
              .filter(r -> r.name().equals(jar.name()) && r.version().equals(jar.version()))
              .findFirst();
      if (same.isPresent() && !same.get().sha256().equals(sha256)) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            "%s already contains %s with other content; change the version of the new one"
                .formatted(folder, jar.title()));
      }
      same.ifPresent(resources::remove);
      resources.add(entry);
      resources.sort(
          Comparator.comparing(IndexFile.Resource::name)
              .thenComparing(IndexFile.Resource::version, Comparator.reverseOrder()));
      Path part = Files.createTempFile(folder, ".", ".part");
      Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, folder.resolve(target), StandardCopyOption.ATOMIC_MOVE);
      AtomicFile.writeText(
          folder.resolve(INDEX), IndexFile.write(resources, System.currentTimeMillis()));
      return catalogues.offer(entry, folder.toUri());
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    } catch (XMLStreamException e) {
      throw new RigException(
          folder.resolve(INDEX) + " is not an index: " + PluginJar.oneLine(e.getMessage()), e);
    }
  }

  private static List<IndexFile.Resource> present(Path folder)
      throws IOException, XMLStreamException {
    Path index = folder.resolve(INDEX);
    if (!Files.exists(index)) {
      return List.of();
    }
    try (var in = Files.newInputStream(index)) {
      return IndexFile.read(in);
    }
  }

  private static IndexFile.Resource resource(PluginJar jar, String url) throws IOException {
    Attributes headers = jar.contents().manifest().getMainAttributes();
    String about = headers.getValue("Bundle-Description");
    String license = headers.getValue("Bundle-License");
    return new IndexFile.Resource(
        jar.name(),
        jar.version(),
        about == null ? "" : PluginJar.oneLine(about),
        license == null ? "" : PluginJar.oneLine(license),
        List.copyOf(DeclaredParts.of(jar)),
        url,
        jar.sha256(),
        Files.size(jar.file()),
        jar.contents().entries().stream().anyMatch(e -> e.matches("META-INF/[^/]+[.](RSA|DSA|EC)")),
        PackageImports.filters(headers.getValue("Import-Package")));
  }
}
