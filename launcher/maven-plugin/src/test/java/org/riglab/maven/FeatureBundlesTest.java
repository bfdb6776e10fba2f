package org.riglab.maven;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.maven.plugin.MojoExecutionException;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.service.feature.ID;

public final class FeatureBundlesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path write(String name, String text) throws Exception {
    return Files.writeString(folder.getRoot().toPath().resolve(name), text);
  }

  @Test
  public void readsEachBundleOnce() throws Exception {
    write(
        "one.json",
        """
        {"feature-resource-version": "1.0", "id": "g:one:1",
         // comments are allowed
         "bundles": [{"id": "org.x:a:1.2", "bundleStartLevel": 3}, {"id": "org.x:b:jar:linux:2"}]}
        """);
    write(
        "two.json",
        """
        {"feature-resource-version": "1.0", "id": "g:two:1", "bundles": [{"id": "org.x:a:1.2"}]}
        """);
    write("notes.txt", "not read");
    Map<String, ID> bundles = FeatureBundles.read(folder.getRoot().toPath());
    assertEquals("[org/x/a/1.2/a-1.2.jar, org/x/b/2/b-2-linux.jar]", "" + bundles.keySet());
    assertEquals("b", bundles.get("org/x/b/2/b-2-linux.jar").getArtifactId());
  }

  @Test
  public void namesTheFileThatIsWrong() throws Exception {
    Path folder = this.folder.getRoot().toPath();
    assertEquals(
        "there is no feature file in " + folder,
        assertThrows(MojoExecutionException.class, () -> FeatureBundles.read(folder)).getMessage());
    Path wrong = write("wrong.json", "{\"id\": \"g:wrong:1\", ");
    String message =
        assertThrows(MojoExecutionException.class, () -> FeatureBundles.read(folder)).getMessage();
    assertTrue(message, message.startsWith("feature file " + wrong + ": "));
  }
}
