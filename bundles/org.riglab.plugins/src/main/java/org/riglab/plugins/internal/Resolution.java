package org.riglab.plugins.internal;

import aQute.bnd.osgi.repository.ResourcesRepository;
import aQute.bnd.osgi.resource.ResourceUtils;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.felix.resolver.Logger;
import org.apache.felix.resolver.ResolverImpl;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.ResolveContext;

/**
 * Finds with the Felix resolver which bundles of a repository a plugin needs beside those that the
 * framework has. The framework's own come first, then the highest version.
 */
final class Resolution extends ResolveContext {
  private final Platform platform;
  private final ResourcesRepository repository;
  private final Resource plugin;

  private Resolution(Platform platform, ResourcesRepository repository, Resource plugin) {
    this.platform = platform;
    this.repository = repository;
    this.plugin = plugin;
  }

  /**
   * @param platform what is there
   * @param repository what may be added
   * @param plugin what is to run
   * @return the bundles of the repository to add, without the plugin
   * @throws ResolutionException if it cannot run here
   */
  static List<Resource> libraries(
      Platform platform, ResourcesRepository repository, Resource plugin)
      throws ResolutionException {
    Resolution context = new Resolution(platform, repository, plugin);
    // In this thread: a pool of threads costs more than it saves for a plugin and its libraries.
    return new ResolverImpl(new Logger(Logger.LOG_ERROR), Runnable::run)
        .resolve(context).keySet().stream()
            .filter(r -> r != plugin && !platform.resources().contains(r))
            .sorted(Comparator.comparing(IndexFile::name).thenComparing(IndexFile::version))
            .toList();
  }

  /**
   * @param platform what is there
   * @param repository what may be added
   * @param plugin what is to run
   * @return its mandatory requirements that neither of them meets
   */
  static List<Requirement> unmet(
      Platform platform, ResourcesRepository repository, Resource plugin) {
    Resolution context = new Resolution(platform, repository, plugin);
    return plugin.getRequirements(null).stream()
        .filter(Resolution::mandatory)
        .filter(context::isEffective)
        .filter(requirement -> context.findProviders(requirement).isEmpty())
        .toList();
  }

  static boolean mandatory(Requirement requirement) {
    String resolution = requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE);
    return resolution == null || resolution.equals(Namespace.RESOLUTION_MANDATORY);
  }

  @Override
  public Collection<Resource> getMandatoryResources() {
    return List.of(plugin);
  }

  @Override
  public List<Capability> findProviders(Requirement requirement) {
    List<Capability> found = new ArrayList<>();
    String namespace = requirement.getNamespace();
    for (Resource resource : platform.resources()) {
      Wiring wiring = platform.wirings().get(resource);
      for (Capability capability :
          wiring == null
              ? resource.getCapabilities(namespace)
              : wiring.getResourceCapabilities(namespace)) {
        if (ResourceUtils.matches(requirement, capability)) {
          found.add(capability);
        }
      }
    }
    for (Capability capability : plugin.getCapabilities(namespace)) {
      if (ResourceUtils.matches(requirement, capability)) {
        found.add(capability);
      }
    }
    repository.findProvider(requirement).stream()
        // A plugin of the repository exports nothing; its other versions are no help to it either.
        .filter(c -> !IndexFile.name(c.getResource()).equals(IndexFile.name(plugin)))
        .sorted(
            Comparator.comparing(
                (Capability c) -> IndexFile.version(c.getResource()), Comparator.reverseOrder()))
        .forEach(found::add);
    return found;
  }

  @Override
  public int insertHostedCapability(List<Capability> capabilities, HostedCapability hosted) {
    capabilities.add(hosted);
    return capabilities.size() - 1;
  }

  @Override
  public boolean isEffective(Requirement requirement) {
    String effective = requirement.getDirectives().get(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE);
    return effective == null || effective.equals(Namespace.EFFECTIVE_RESOLVE);
  }

  @Override
  public Map<Resource, Wiring> getWirings() {
    return platform.wirings();
  }
}
