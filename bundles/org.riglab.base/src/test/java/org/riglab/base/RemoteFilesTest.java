package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class RemoteFilesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path home;
  private Path data;
  private RemoteFiles files;

  @Before
  public void make() throws Exception {
    home = folder.newFolder("home").toPath();
    data = folder.newFolder("data").toPath();
    Files.createDirectories(home.resolve("files/mine"));
    Files.writeString(home.resolve("secret"), "x");
    Files.writeString(data.resolve("image"), "x");
    // Only an administrator can make links, directly in the directory.
    Files.createSymbolicLink(home.resolve("files/camvid"), data);
    Files.createSymbolicLink(home.resolve("files/mine/out"), home);
    files = RemoteFiles.of(home);
  }

  @Test
  public void namesAreRelativeToTheDirectory() {
    assertEquals(home.resolve("files/x.json"), files.named("x.json"));
    assertEquals(home.resolve("files/new/x.json"), files.named("new/x.json"));
    assertEquals(home.resolve("files/x"), files.named(home + "/files/x"));
    assertEquals(home.resolve("files/camvid/image"), files.named("camvid/image"));
    assertEquals(home.resolve("files/camvid/new"), files.named("camvid/new"));
  }

  @Test
  public void nothingLeadsOut() {
    for (String name :
        List.of(
            "../secret",
            "mine/../../secret",
            "/etc/passwd",
            home + "/secret",
            "mine/out/secret",
            "mine/out/new",
            "a\0b")) {
      RigException e = assertThrows(name, RigException.class, () -> files.named(name));
      assertEquals(RigException.Kind.DENIED, e.kind());
    }
  }

  @Test
  public void furtherDirectoriesAreConfigured() {
    RemoteFiles more = new RemoteFiles(home.resolve("files"), List.of(data, Path.of("/nowhere")));
    assertTrue(more.contain(data.resolve("image")));
    assertFalse(more.contain(data.resolve("none")));
    assertFalse(more.contain(home.resolve("secret")));
    assertFalse(more.contain(home.resolve("files/mine/out/secret")));
    assertFalse(more.contain(Path.of("image")));
    assertFalse(new RemoteFiles(home.resolve("none"), List.of()).contain(home.resolve("none")));
  }
}
