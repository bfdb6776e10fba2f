package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class ProcessMarkTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void tellsWhatIsWorkedOnUntilItIsClosed() {
    Path folder = temporary.getRoot().toPath().resolve("running");
    assertEquals(Map.of(), ProcessMark.alive(folder));
    ProcessMark mark = ProcessMark.set(folder, "a-1", "runs/a-1");
    assertEquals(Map.of("runs/a-1", ProcessHandle.current().pid()), ProcessMark.alive(folder));
    mark.close();
    assertEquals(Map.of(), ProcessMark.alive(folder));
  }

  @Test
  public void noticesWhatAProcessLeftBehind() throws Exception {
    Path folder = temporary.getRoot().toPath();
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Path left = change(folder, "left", "process", ended.pid());
    // the number of a process that lives, given to it after the marked one had ended
    Path reused = change(folder, "reused", "started", 1_000_000_000_000L);
    Path elsewhere = change(folder, "elsewhere", "machine", "another");
    Files.writeString(folder.resolve("broken.json"), "{");
    assertEquals(Map.of(), ProcessMark.alive(folder));
    assertFalse(Files.exists(left));
    assertFalse(Files.exists(reused));
    assertTrue(Files.exists(elsewhere));
  }

  private static Path change(Path folder, String name, String key, Object value)
      throws IOException {
    ProcessMark.set(folder, name, name);
    Path file = folder.resolve(name + ".json");
    Map<String, Object> mark = new HashMap<>(Json.read(file));
    mark.put(key, value);
    Json.write(file, mark);
    return file;
  }
}
