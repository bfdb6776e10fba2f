package org.riglab.maven;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.io.xpp3.MavenXpp3Writer;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.osgi.service.feature.ID;

/**
 * Makes the repository of a distribution: the bundles that its feature files name, from this build
 * or from a remote repository, in the layout of a Maven repository.
 *
 * <p>Bundles of this build get a pom with which a plugin's project compiles and tests (see {@link
 * ClassPathPom}); every file gets its SHA-1, as Maven expects, and {@code sha256sums} lists the
 * SHA-256 of every jar. That list is written last, so a repository that has it is complete.
 */
@Mojo(
    name = "repository",
    defaultPhase = LifecyclePhase.PACKAGE,
    requiresDependencyResolution = ResolutionScope.RUNTIME,
    threadSafe = true)
public final class RepositoryMojo extends AbstractMojo {
  private static final String LIST = "sha256sums";

  /** The folder of the feature files, their properties filled in. */
  @Parameter(required = true)
  private File features;

  /** The folder to make; what was in it is deleted. */
  @Parameter(required = true)
  private File repository;

  /** Artifact ID of the bundle that is a Maven archetype as well. */
  @Parameter(required = true)
  private String archetype;

  /** Artifact IDs of the bundles whose sources authors see in their IDEs. */
  @Parameter private List<String> sources = List.of();

  @Parameter(defaultValue = "${session}", readonly = true, required = true)
  private MavenSession session;

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  private MavenProject project;

  private final RepositorySystem resolver;

  /**
   * Called by Maven.
   *
   * @param resolver finds artifacts in this build, then in repositories
   */
  @Inject
  public RepositoryMojo(RepositorySystem resolver) {
    this.resolver = resolver;
  }

  @Override
  public void execute() throws MojoExecutionException {
    Path folder = repository.toPath();
    try {
      delete(folder);
      Map<String, ID> bundles = FeatureBundles.read(features.toPath());
      for (Map.Entry<String, ID> bundle : bundles.entrySet()) {
        Path jar = folder.resolve(bundle.getKey());
        Files.createDirectories(jar.getParent());
        Files.copy(resolve(bundle.getValue()), jar);
      }
      writePoms(folder, bundles);
      writeCatalog(folder);
      writeDigests(folder);
    } catch (IOException e) {
      throw new MojoExecutionException("cannot make " + folder + ": " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private Path resolve(ID id) throws MojoExecutionException {
    DefaultArtifact artifact =
        new DefaultArtifact(
            id.getGroupId(),
            id.getArtifactId(),
            id.getClassifier().orElse(""),
            id.getType().orElse("jar"),
            id.getVersion());
    try {
      return resolver
          .resolveArtifact(
              session.getRepositorySession(),
              new ArtifactRequest(artifact, project.getRemoteProjectRepositories(), null))
          .getArtifact()
          .getFile()
          .toPath();
    } catch (ArtifactResolutionException e) {
      String where =
          id.getGroupId().equals(project.getGroupId())
              ? "this build has not made it; build all modules, with 'mvn package' in the root"
                  + " folder, and see that bundles/pom.xml has it"
              : e.getMessage();
      throw new MojoExecutionException("a feature names " + id + ", but " + where, e);
    }
  }

  private void writePoms(Path folder, Map<String, ID> bundles)
      throws IOException, MojoExecutionException {
    Set<String> carried =
        bundles.values().stream()
            .map(id -> id.getGroupId() + ":" + id.getArtifactId())
            .collect(Collectors.toCollection(TreeSet::new));
    for (Artifact library : project.getArtifacts()) {
      carried.add(library.getGroupId() + ":" + library.getArtifactId());
    }
    Map<String, MavenProject> modules =
        session.getAllProjects().stream()
            .filter(p -> p.getGroupId().equals(project.getGroupId()))
            .collect(Collectors.toMap(MavenProject::getArtifactId, p -> p));
    for (Map.Entry<String, ID> bundle : bundles.entrySet()) {
      ID id = bundle.getValue();
      if (id.getGroupId().equals(project.getGroupId())) {
        MavenProject module = modules.get(id.getArtifactId());
        if (module == null) {
          throw new MojoExecutionException(
              "a feature names " + id + ", of which this build has no pom; run it in the root");
        }
        Path pom = folder.resolve(bundle.getKey().replaceAll("\\.jar$", ".pom"));
        try (Writer out = Files.newBufferedWriter(pom)) {
          new MavenXpp3Writer().write(out, new ClassPathPom(carried).of(module));
        }
        if (sources.contains(id.getArtifactId())) {
          SourcesJar.write(
              module.getCompileSourceRoots().stream().map(Path::of).toList(),
              folder.resolve(bundle.getKey().replaceAll("\\.jar$", "-sources.jar")));
        }
      }
    }
  }

  private void writeCatalog(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("archetype-catalog.xml"),
        "<archetype-catalog><archetypes><archetype><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version><description>A plugin for Riglab</description></archetype></archetypes></archetype-catalog>"
            .formatted(project.getGroupId(), archetype, project.getVersion()));
  }

  private static void writeDigests(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    Map<String, String> sha256 = new TreeMap<>();
    for (Path file : files) {
      Files.writeString(file.resolveSibling(file.getFileName() + ".sha1"), sha1(file));
      if (file.toString().endsWith(".jar")) {
        sha256.put(folder.relativize(file).toString().replace('\\', '/'), sha256(file));
      }
    }
    Files.write(
        folder.resolve(LIST),
        sha256.entrySet().stream().map(e -> e.getValue() + "  " + e.getKey()).toList());
  }

  private static String sha1(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return DigestUtils.sha1Hex(in);
    }
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return DigestUtils.sha256Hex(in);
    }
  }
}
