package org.riglab.ssh.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public final class HostKeyTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void isMadeOnceAndForItsOwnerOnly() throws Exception {
    Path file = folder.getRoot().toPath().resolve("host_key");
    KeyPair made = HostKey.of(file);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals("ssh-ed25519", KeyUtils.getKeyType(made));
    KeyPair again = HostKey.of(file);
    assertTrue(KeyUtils.compareKeys(made.getPublic(), again.getPublic()));
    try (var files = Files.list(folder.getRoot().toPath())) {
      assertEquals(1, files.count());
    }
  }

  @Test
  public void isNotUsedIfOthersReadItOrItIsBroken() throws Exception {
    Path file = folder.getRoot().toPath().resolve("host_key");
    HostKey.of(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    RigException open = assertThrows(RigException.class, () -> HostKey.of(file));
    assertTrue(open.getMessage(), open.getMessage().contains("chmod 600"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "no key");
    assertThrows(RigException.class, () -> HostKey.of(file));
    assertEquals("no key", Files.readString(file));
  }
}
