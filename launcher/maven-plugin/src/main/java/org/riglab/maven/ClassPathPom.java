package org.riglab.maven;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.maven.model.Activation;
import org.apache.maven.model.ActivationOS;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Exclusion;
import org.apache.maven.model.Model;
import org.apache.maven.model.Profile;
import org.apache.maven.project.MavenProject;

/**
 * The pom beside a bundle in a distribution's repository.
 *
 * <p>In this build, bundles see each other as {@code provided}. On the class path of a plugin's
 * project they need each other, so this pom has no parent, declares those dependencies in scope
 * {@code compile} and leaves out what the bundle embeds. Which libtorch a class path needs depends
 * on the machine it is on: a profile per platform adds it.
 */
final class ClassPathPom {
  private static final String NATIVES = "org.riglab.djl.native.";

  private record Platform(String name, String osName, String osFamily, String osArch) {}

  private static final List<Platform> PLATFORMS =
      List.of(
          new Platform("linux-x86_64", "linux", null, "amd64"),
          new Platform("osx-aarch64", null, "mac", "aarch64"));

  private final Set<String> carried;

  /**
   * @param carried {@code group:artifact} of everything that the distribution has
   */
  ClassPathPom(Set<String> carried) {
    this.carried = carried;
  }

  /**
   * Makes a pom.
   *
   * @param bundle a module of this build
   */
  Model of(MavenProject bundle) {
    Model pom = new Model();
    pom.setModelVersion("4.0.0");
    pom.setGroupId(bundle.getGroupId());
    pom.setArtifactId(bundle.getArtifactId());
    pom.setVersion(bundle.getVersion());
    pom.setName(bundle.getName());
    pom.setDescription(bundle.getDescription());
    pom.setLicenses(bundle.getLicenses());
    List<String> inherited =
        bundle.getParent() == null
            ? List.of()
            : bundle.getParent().getDependencies().stream().map(ClassPathPom::key).toList();
    boolean runsNatives = false;
    Map<String, Dependency> needed = new LinkedHashMap<>();
    for (Dependency dependency : bundle.getDependencies()) {
      boolean test = "test".equals(dependency.getScope());
      if (dependency.getArtifactId().startsWith(NATIVES)) {
        runsNatives |= !test;
      } else if (!test && needed(dependency, inherited)) {
        needed.put(key(dependency), dependency);
      }
    }
    needed.values().forEach(d -> pom.addDependency(compile(bundle, d)));
    if (runsNatives) {
      PLATFORMS.stream()
          .filter(p -> carried.contains(bundle.getGroupId() + ":" + NATIVES + p.name()))
          .forEach(p -> pom.addProfile(natives(bundle, p)));
    }
    return pom;
  }

  /** What is 'provided' and not in the distribution is in the bundle itself. */
  private boolean needed(Dependency dependency, List<String> inherited) {
    return !"provided".equals(dependency.getScope())
        || carried.contains(key(dependency))
        || inherited.contains(key(dependency));
  }

  /** What the distribution carries runs in it without its own dependencies. */
  private Dependency compile(MavenProject bundle, Dependency of) {
    Dependency dependency = new Dependency();
    dependency.setGroupId(of.getGroupId());
    dependency.setArtifactId(of.getArtifactId());
    dependency.setVersion(of.getVersion());
    if (!of.getGroupId().equals(bundle.getGroupId()) && carried.contains(key(of))) {
      Exclusion all = new Exclusion();
      all.setGroupId("*");
      all.setArtifactId("*");
      dependency.addExclusion(all);
    }
    return dependency;
  }

  private static Profile natives(MavenProject bundle, Platform platform) {
    ActivationOS os = new ActivationOS();
    os.setName(platform.osName());
    os.setFamily(platform.osFamily());
    os.setArch(platform.osArch());
    Profile profile = new Profile();
    profile.setId(platform.name());
    profile.setActivation(new Activation());
    profile.getActivation().setOs(os);
    Dependency natives = new Dependency();
    natives.setGroupId(bundle.getGroupId());
    natives.setArtifactId(NATIVES + platform.name());
    natives.setVersion(bundle.getVersion());
    profile.addDependency(natives);
    return profile;
  }

  private static String key(Dependency dependency) {
    return dependency.getGroupId() + ":" + dependency.getArtifactId();
  }
}
