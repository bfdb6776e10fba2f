package org.riglab.images;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Formats, modes and depths, against the numbers that Pillow reads. {@code matrix.py} beside the
 * fixtures makes both.
 */
public class PillowMatrixTest {
  /**
   * The largest difference of a number, where it may differ at all: lossy decoders scale up chroma
   * in ways of their own.
   */
  private static final Map<String, Integer> MOST = Map.of("lossy.webp", 4);

  @Rule public TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void readsWhatPillowReads() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String> lines = new String(resource("expected.txt"), US_ASCII).lines().toList();
    for (String line : lines) {
      String[] part = line.split(" ");
      Path file = temporary.getRoot().toPath().resolve(part[0]);
      Files.write(file, resource(part[0]));
      byte[] expected = HexFormat.of().parseHex(part[3]);
      try {
        Pixels read = ImageFiles.rgb(file);
        int most = difference(expected, read.values());
        if (read.height() != Integer.parseInt(part[1])
            || read.width() != Integer.parseInt(part[2])
            || most > MOST.getOrDefault(part[0], 0)) {
          wrong.add(part[0] + ": differs by " + most);
        }
      } catch (RuntimeException e) {
        wrong.add(e.toString());
      }
    }
    assertTrue(lines.size() + " images", lines.size() > 60);
    assertEquals(List.of(), wrong);
  }

  private static int difference(byte[] expected, byte[] read) {
    int most = expected.length == read.length ? 0 : 999;
    for (int i = 0; i < Math.min(expected.length, read.length); i++) {
      most = Math.max(most, Math.abs((expected[i] & 0xff) - (read[i] & 0xff)));
    }
    return most;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = PillowMatrixTest.class.getResourceAsStream("matrix/" + name)) {
      return in.readAllBytes();
    }
  }
}
