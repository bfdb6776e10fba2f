package org.riglab.maven;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class SourcesJarTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void holdsEverySource() throws Exception {
    Path root = folder.newFolder("src").toPath();
    Files.writeString(Files.createDirectories(root.resolve("a/b")).resolve("C.java"), "class C {}");
    Files.writeString(root.resolve("a/package-info.java"), "package a;");
    Path jar = folder.getRoot().toPath().resolve("one.jar");
    SourcesJar.write(List.of(root, root.resolve("nowhere")), jar);
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      assertEquals(
          List.of("a/b/C.java", "a/package-info.java"),
          zip.stream().map(ZipEntry::getName).toList());
      assertEquals(
          "class C {}",
          new String(
              zip.getInputStream(zip.getEntry("a/b/C.java")).readAllBytes(),
              StandardCharsets.UTF_8));
    }
    Path again = folder.getRoot().toPath().resolve("two.jar");
    SourcesJar.write(List.of(root), again);
    assertArrayEquals(Files.readAllBytes(jar), Files.readAllBytes(again));
  }
}
