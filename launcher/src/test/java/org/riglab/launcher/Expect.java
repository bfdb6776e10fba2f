package org.riglab.launcher;

import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Waits for what a program says. */
final class Expect {
  private Expect() {}

  /**
   * @param out what a program writes
   * @param texts that must come, one after the other
   * @return all that was read, up to the end of the last
   * @throws IOException if it cannot be read
   */
  static String readTo(InputStream out, String... texts) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    int from = 0;
    for (String text : texts) {
      int at = read.toString(StandardCharsets.UTF_8).indexOf(text, from);
      while (at < 0) {
        int next = out.read();
        assertTrue("ended after " + read.toString(StandardCharsets.UTF_8), next >= 0);
        read.write(next);
        at = read.toString(StandardCharsets.UTF_8).indexOf(text, from);
      }
      from = at + text.length();
    }
    return read.toString(StandardCharsets.UTF_8);
  }
}
