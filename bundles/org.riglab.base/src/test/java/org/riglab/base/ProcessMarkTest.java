package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class ProcessMarkTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void tellsWhatIsWorkedOnUntilItIsClosed() {
    Path folder = temporary.getRoot().toPath().resolve("running");
    assertEquals(Map.of(), ProcessMark.found(folder));
    ProcessMark mark = ProcessMark.set(folder, "a-1", "runs/a-1");
    assertEquals(Set.of("runs/a-1"), ProcessMark.found(folder).keySet());
    ProcessMark.Found found = ProcessMark.found(folder).get("runs/a-1");
    assertTrue(found.alive());
    assertEquals("", found.host());
    assertEquals(ProcessHandle.current().pid(), found.process());
    mark.close();
    assertEquals(Map.of(), ProcessMark.found(folder));
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
    assertEquals(Set.of("elsewhere"), ProcessMark.found(folder).keySet());
    assertFalse(Files.exists(left));
    assertFalse(Files.exists(reused));
    assertTrue(Files.exists(elsewhere));
  }

  @Test
  public void aProcessOfAnotherMachineCountsUntilItIsSilent() throws Exception {
    Path folder = temporary.getRoot().toPath();
    Path file = change(folder, "a", "machine", "another");
    assertTrue(ProcessMark.found(folder).get("a").alive());
    assertNotEquals("", ProcessMark.found(folder).get("a").host());
    Instant before = Instant.now().minusSeconds(600).truncatedTo(ChronoUnit.SECONDS);
    Files.setLastModifiedTime(file, FileTime.from(before));
    assertFalse(ProcessMark.found(folder).get("a").alive());
    assertEquals(before, ProcessMark.found(folder).get("a").last());
    assertTrue("may be only suspended", Files.exists(file));
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
