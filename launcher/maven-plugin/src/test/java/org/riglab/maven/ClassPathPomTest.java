package org.riglab.maven;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.License;
import org.apache.maven.model.Model;
import org.apache.maven.model.Profile;
import org.apache.maven.model.io.xpp3.MavenXpp3Writer;
import org.apache.maven.project.MavenProject;
import org.junit.Test;

public final class ClassPathPomTest {
  private static MavenProject project(String artifact, Dependency... dependencies) {
    Model model = new Model();
    model.setGroupId("org.riglab");
    model.setArtifactId(artifact);
    model.setVersion("7.1");
    model.setName("A & B");
    model.setDescription("does < nothing");
    License license = new License();
    license.setName("Apache-2.0");
    model.addLicense(license);
    for (Dependency dependency : dependencies) {
      model.addDependency(dependency);
    }
    return new MavenProject(model);
  }

  private static Dependency dependency(
      String group, String artifact, String version, String scope) {
    Dependency dependency = new Dependency();
    dependency.setGroupId(group);
    dependency.setArtifactId(artifact);
    dependency.setVersion(version);
    dependency.setScope(scope);
    return dependency;
  }

  @Test
  public void declaresWhatAClassPathNeeds() throws Exception {
    String natives = "org.riglab.djl.native.linux-x86_64";
    Dependency osgi = dependency("org.osgi", "osgi.core", "8", "provided");
    // Maven puts inherited dependencies after those of the module.
    MavenProject bundle =
        project(
            "org.riglab.kit",
            dependency("com.gson", "gson", "2", "provided"),
            dependency("embedded", "inside", "1", "provided"),
            dependency("junit", "junit", "4", "compile"),
            dependency("org.riglab", natives, "7.1", "runtime"),
            dependency("org.riglab", "org.riglab.other", "7.1", "provided"),
            dependency("org.riglab", "no", "7.1", "test"),
            osgi);
    bundle.setParent(project("bundles", osgi, dependency("junit", "junit", "4", "test")));
    Model pom =
        new ClassPathPom(
                Set.of("com.gson:gson", "org.riglab:" + natives, "org.riglab:org.riglab.other"))
            .of(bundle);
    StringWriter written = new StringWriter();
    new MavenXpp3Writer().write(written, pom);
    String text = written.toString();
    assertTrue(text, text.contains("<name>A &amp; B</name>"));
    assertTrue(text, text.contains("<description>does &lt; nothing</description>"));
    assertTrue(text, text.contains("<name>Apache-2.0</name>"));
    assertNull(pom.getParent());
    assertEquals("org.riglab:org.riglab.kit:jar:7.1", pom.getId());
    assertEquals(
        List.of(
            "com.gson:gson:2 alone",
            "junit:junit:4",
            "org.riglab:org.riglab.other:7.1",
            "org.osgi:osgi.core:8"),
        pom.getDependencies().stream().map(ClassPathPomTest::shown).toList());
    assertEquals("no platform that is not carried", 1, pom.getProfiles().size());
    Profile linux = pom.getProfiles().get(0);
    assertEquals("linux", linux.getActivation().getOs().getName());
    assertEquals("amd64", linux.getActivation().getOs().getArch());
    assertEquals(
        List.of("org.riglab:" + natives + ":7.1"),
        linux.getDependencies().stream().map(ClassPathPomTest::shown).toList());
  }

  private static String shown(Dependency d) {
    assertNull("compile", d.getScope());
    boolean alone =
        d.getExclusions().stream().anyMatch(e -> (e.getGroupId() + e.getArtifactId()).equals("**"));
    return String.join(":", d.getGroupId(), d.getArtifactId(), d.getVersion())
        + (alone ? " alone" : "");
  }
}
