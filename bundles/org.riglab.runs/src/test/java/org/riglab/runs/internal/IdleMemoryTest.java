package org.riglab.runs.internal;

import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import com.sun.jna.Memory;
import com.sun.jna.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

public class IdleMemoryTest {
  private static final int CHUNK = 64 << 10;
  private static final int CHUNKS = 2000;

  /** One chunk that is still in use above the others keeps the C library from returning them. */
  @Test
  public void nativeMemoryThatWasFreedGoesBackToTheSystem() {
    assumeTrue(
        "needs the GNU C library",
        Platform.isLinux() && Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2")));
    IdleMemory.release();
    List<Memory> chunks = new ArrayList<>();
    for (int i = 0; i < CHUNKS; i++) {
      Memory chunk = new Memory(CHUNK);
      chunk.setMemory(0, CHUNK, (byte) 1);
      chunks.add(chunk);
    }
    try (Memory last = new Memory(CHUNK)) {
      last.setMemory(0, CHUNK, (byte) 1);
      chunks.forEach(Memory::close);
      long held = Machine.resident().orElseThrow();

      IdleMemory.release();

      long returned = held - Machine.resident().orElseThrow();
      assertTrue(
          "only " + returned + " bytes were returned", returned > (long) CHUNK * CHUNKS * 3 / 4);
    }
  }
}
