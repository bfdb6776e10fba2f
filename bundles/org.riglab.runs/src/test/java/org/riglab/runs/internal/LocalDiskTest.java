package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class LocalDiskTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void networkFileSystemsAreRefused() {
    for (String type : List.of("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "lustre")) {
      RigException e =
          assertThrows(
              RigException.class, () -> LocalDisk.require(Path.of("/srv/lab"), path -> type));
      assertEquals(RigException.Kind.UNAVAILABLE, e.kind());
      assertTrue(e.getMessage(), e.getMessage().startsWith("/srv/lab is on " + type + ": "));
    }
  }

  @Test
  public void localFileSystemsAreAccepted() {
    for (String type : List.of("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk")) {
      LocalDisk.require(Path.of("/srv/lab"), path -> type);
    }
    LocalDisk.require(folder.getRoot().toPath());
  }

  @Test
  public void unknownFileSystemIsAnError() {
    RigException e =
        assertThrows(
            RigException.class,
            () ->
                LocalDisk.require(
                    Path.of("/srv/lab"),
                    path -> {
                      throw new IOException("no mount");
                    }));
    assertEquals(RigException.Kind.IO, e.kind());
  }
}
