package org.riglab.images;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * EXIF orientation of PNG (eXIf), TIFF and WebP, against Pillow's {@code exif_transpose}. {@code
 * orientation.py} beside the fixtures makes both.
 */
public class OrientationTest {
  @Rule public TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void turnsAsPillowDoes() throws IOException {
    List<String> lines = new String(resource("expected.txt"), US_ASCII).lines().toList();
    assertEquals("three formats, eight orientations", 24, lines.size());
    byte[] stored = HexFormat.of().parseHex(lines.get(0).split(" ")[3]);
    for (String line : lines) {
      String[] part = line.split(" ");
      Path file = temporary.getRoot().toPath().resolve(part[0]);
      Files.write(file, resource(part[0]));
      int orientation = part[0].charAt(0) - '0';
      assertEquals(part[0], orientation, ImageFiles.header(file).orientation());
      Pixels plain = ImageFiles.rgb(file);
      assertArrayEquals(part[0] + " as stored", stored, plain.values());
      Pixels upright = ImageFiles.rgb(file, true);
      assertEquals(part[0], Integer.parseInt(part[1]), upright.height());
      assertEquals(part[0], Integer.parseInt(part[2]), upright.width());
      assertArrayEquals(part[0], HexFormat.of().parseHex(part[3]), upright.values());
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = OrientationTest.class.getResourceAsStream("orientation/" + name)) {
      return in.readAllBytes();
    }
  }
}
