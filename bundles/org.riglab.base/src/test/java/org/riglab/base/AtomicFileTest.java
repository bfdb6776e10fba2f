package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class AtomicFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void makesDirectoriesAndReplaces() throws Exception {
    Path file = folder.getRoot().toPath().resolve("a/b/file.txt");
    AtomicFile.writeText(file, "one \u00e4");
    AtomicFile.write(file, out -> out.write('2'));
    assertEquals("2", Files.readString(file));
    assertEquals(List.of("file.txt"), List.of(file.getParent().toFile().list()));
  }

  @Test
  public void leavesTheOldContentAfterAFailure() throws Exception {
    Path file = folder.getRoot().toPath().resolve("file.txt");
    AtomicFile.writeText(file, "old");
    RigException failure =
        assertThrows(
            RigException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write("new".getBytes());
                      throw new IOException("the cable is out\nsecond line");
                    }));
    assertEquals("cannot write " + file + ": the cable is out", failure.getMessage());
    assertEquals(RigException.Kind.IO, failure.kind());
    RigException own = new RigException(RigException.Kind.BUSY, "mine");
    assertEquals(
        own,
        assertThrows(
            RigException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      throw own;
                    })));
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("file.txt"), List.of(folder.getRoot().list()));
  }

  @Test
  public void secretsAreForTheirOwner() throws Exception {
    Path open = folder.getRoot().toPath().resolve("open");
    Path secret = folder.getRoot().toPath().resolve("secret");
    AtomicFile.writeText(open, "a");
    AtomicFile.writeText(secret, "readable before");
    AtomicFile.writeSecret(secret, "b");
    assertEquals("b", Files.readString(secret));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
    Path plain = Files.createFile(folder.getRoot().toPath().resolve("plain"));
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(open));
  }

  @Test
  public void survivesAnInterrupt() throws Exception {
    Path file = folder.getRoot().toPath().resolve("file.txt");
    Thread.currentThread().interrupt();
    try {
      AtomicFile.writeText(file, "whole");
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals("whole", Files.readString(file));
  }

  @Test
  public void failuresHaveKinds() throws Exception {
    Path file = folder.getRoot().toPath().resolve("file");
    assertEquals(
        RigException.Kind.NOT_FOUND,
        FileFailures.reading(file, new NoSuchFileException("x")).kind());
    assertEquals(
        RigException.Kind.IO, FileFailures.reading(file, new IOException("broken")).kind());
    assertEquals(
        RigException.Kind.CONFLICT,
        FileFailures.writing(file, new java.nio.file.FileAlreadyExistsException("x")).kind());
    assertEquals(
        "permission denied", FileFailures.reason(new java.nio.file.AccessDeniedException("x")));
    Path full = Path.of("/proc/1/none");
    if (Files.isDirectory(full.getParent())) {
      // A file system without any free space.
      assertEquals(
          RigException.Kind.NO_SPACE, FileFailures.writing(full, new IOException("x")).kind());
    }
  }
}
