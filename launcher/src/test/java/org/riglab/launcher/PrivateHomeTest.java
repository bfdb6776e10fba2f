package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class PrivateHomeTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static void mode(Path file, String mode) throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  public void aNewHomeIsPrivate() throws Exception {
    Path home = folder.getRoot().toPath().resolve("a/home");
    PrivateHome.prepare(home);
    for (String name : new String[] {"", "access", "cache", "config", "log", "plugins/inbox"}) {
      assertEquals(name, "rwx------", mode(home.resolve(name)));
    }
  }

  @Test
  public void whatHoldsSecretsIsClosedAgain() throws Exception {
    Path home = folder.newFolder("home").toPath();
    mode(home, "rwxr-xr-x");
    mode(Files.createDirectories(home.resolve("cache")), "rwxr-xr-x");
    mode(Files.createDirectories(home.resolve("config")), "rwxr-xr-x");
    PrivateHome.prepare(home);
    assertEquals("rwx------", mode(home.resolve("cache")));
    assertEquals("rwx------", mode(home.resolve("config")));
    assertEquals("a home that others may read stays", "rwxr-xr-x", mode(home));
  }

  @Test
  public void whatOthersCanWriteIsRefused() throws Exception {
    for (String name :
        new String[] {
          "", "access", "config", "plugins/inbox", "config/web.json", "access/tokens"
        }) {
      for (String mode : new String[] {"rwxrwx---", "rwx----w-"}) {
        Path home = folder.newFolder().toPath();
        Files.createDirectories(home.resolve("access"));
        Files.createDirectories(home.resolve("config"));
        Files.createDirectories(home.resolve("plugins/inbox"));
        Files.writeString(home.resolve("config/web.json"), "{}");
        Files.writeString(home.resolve("access/tokens"), "");
        mode(home.resolve(name), mode);
        String message =
            assertThrows(name, StartException.class, () -> PrivateHome.prepare(home)).getMessage();
        assertTrue(
            message, message.startsWith(home.resolve(name) + " can be written by other accounts"));
      }
    }
  }
}
