package org.riglab.templates.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.author.Templates;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;

/** Projects that build against the distribution that is running. */
@Component
public final class TemplateService implements Templates {
  private final Registry registry;
  private final String repository;

  /**
   * @param registry knows which names are taken
   * @param context knows the distribution
   */
  @Activate
  public TemplateService(@Reference Registry registry, BundleContext context) {
    this(registry, Path.of(context.getProperty("riglab.distribution"), "repository"));
  }

  TemplateService(Registry registry, Path repository) {
    this.registry = registry;
    this.repository = repository.toAbsolutePath().normalize().toUri().toString();
  }

  @Override
  public List<String> kinds() {
    return ProjectSources.KINDS;
  }

  @Override
  public List<String> languages() {
    return ProjectSources.LANGUAGES;
  }

  @Override
  public Project write(Request request, Path directory) {
    try {
      ProjectSources sources =
          new ProjectSources(
              request.kind(),
              request.name(),
              request.language(),
              request.group().orElse(ProjectSources.DEFAULT_GROUP),
              request.packageName().orElse(""),
              repository,
              request.libraries());
      refuseTaken(sources);
      var files = sources.files();
      ProjectFolder.write(directory, files);
      return new Project(
          directory,
          List.copyOf(new TreeSet<>(files.keySet())),
          sources.part(),
          Path.of("target", sources.name() + "-1.0.0-SNAPSHOT.jar"));
    } catch (IllegalArgumentException e) {
      throw new RigException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RigException("cannot write " + directory + ": " + e, e);
    }
  }

  private void refuseTaken(ProjectSources sources) {
    for (PartInfo part : registry.parts(sources.kind())) {
      if (part.name().equals(sources.name())) {
        throw new RigException(
            "there is a %s '%s' already, of %s %s; choose another name"
                .formatted(part.kind(), part.name(), part.bundle(), part.version()));
      }
    }
  }
}
