package org.riglab.ssh.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class AuditTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2019-01-07T12:00:00.5Z"), ZoneOffset.UTC);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void oneLineForEachWhateverComes() throws Exception {
    Path file = folder.getRoot().toPath().resolve("audit.log");
    Audit audit = new Audit(file, 1 << 20, NOON);
    audit.write("command", "SHA256:k", "viewer", "127.0.0.1:5", "ok", "show \"rig\" \\ ~");
    audit.write(
        "command",
        "SHA256:k",
        "viewer",
        "127.0.0.1:5",
        "failed:2",
        "a\n2019-01-07T12:00:00Z\tcommand\tforged\r\u001b[2J\u0000\u007f\u202e\u00e4\ud83d\ude00");
    assertEquals(
        List.of(
            "2019-01-07T12:00:00.500Z\tcommand\tSHA256:k\tviewer\t127.0.0.1:5\tok\t"
                + "\"show \\\"rig\\\" \\\\ ~\"",
            "2019-01-07T12:00:00.500Z\tcommand\tSHA256:k\tviewer\t127.0.0.1:5\tfailed:2\t"
                + "\"a\\u000a2019-01-07T12:00:00Z\\u0009command\\u0009forged\\u000d\\u001b[2J"
                + "\\u0000\\u007f\\u202e\\u00e4\\ud83d\\ude00\""),
        Files.readAllLines(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  public void aLineThatIsNotWrittenIsAProblemUntilOneIs() throws Exception {
    Path file = folder.getRoot().toPath().resolve("none/audit.log");
    Audit audit = new Audit(file, 1 << 20, NOON);
    assertTrue(audit.problem().isEmpty());
    audit.write("command", "k", "viewer", "f", "ok", "lost");
    assertTrue(audit.problem().orElseThrow().contains("audit.log"));
    Files.createDirectories(file.getParent());
    audit.write("command", "k", "viewer", "f", "ok", "kept");
    assertTrue(audit.problem().isEmpty());
  }

  @Test
  public void longLinesAreCutAndFilesKeptDown() throws Exception {
    Path file = folder.getRoot().toPath().resolve("audit.log");
    Audit audit = new Audit(file, 5000, NOON);
    assertEquals("\"" + "x".repeat(2000) + "\"...", Audit.quoted("x".repeat(100_000)));
    for (int i = 0; i < 60; i++) {
      audit.write("command", "k", "viewer", "f", "ok", i + "y".repeat(10_000));
    }
    try (var files = Files.list(folder.getRoot().toPath())) {
      List<Path> all = files.toList();
      assertEquals(10, all.size());
      for (Path each : all) {
        assertTrue(each + " " + Files.size(each), Files.size(each) < 5000 + 2100);
      }
    }
    assertTrue(Files.readString(file).contains("\"59yyy"));
  }
}
