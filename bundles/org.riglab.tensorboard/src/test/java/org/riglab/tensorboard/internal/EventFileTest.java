package org.riglab.tensorboard.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class EventFileTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2019-01-07T12:00:00.5Z"), ZoneOffset.UTC);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** The reference was written by TensorBoard itself: src/test/python/reference.py. */
  @Test
  public void bytesAreTensorBoards() throws Exception {
    byte[] png = HexFormat.of().parseHex("89504e470d0a1a0a" + "00".repeat(32));
    for (int i = 0; i < 32; i++) {
      png[8 + i] = (byte) i;
    }
    Path path = EventFile.name(folder.getRoot().toPath(), NOON);
    try (EventFile file = new EventFile(path, NOON)) {
      file.restart(3);
      file.scalar("loss", 3, 0.1);
      file.scalar("mIoU/t2", 4, 0);
      file.scalar("IoU/Stra\u00dfe", 1L << 40, -1e30);
      file.image("confusion/val", 7, 300, 2, png);
    }
    try (InputStream reference = getClass().getResourceAsStream("reference.tfevents")) {
      assertArrayEquals(reference.readAllBytes(), Files.readAllBytes(path));
    }
  }

  @Test
  public void filesFollowEachOtherByName() throws Exception {
    Path root = folder.getRoot().toPath();
    Path first = EventFile.name(root, NOON);
    assertEquals("events.out.tfevents.1546862400.riglab.000", first.getFileName().toString());
    Files.createFile(first);
    assertEquals(
        "events.out.tfevents.1546862400.riglab.001",
        EventFile.name(root, NOON).getFileName().toString());
  }
}
