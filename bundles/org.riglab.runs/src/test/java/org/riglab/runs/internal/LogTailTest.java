package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class LogTailTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void readsWhatFollowsAStep() throws Exception {
    Path file = temporary.newFile().toPath();
    assertEquals(List.of(), LogTail.read(file, 0));
    long last = 20_000; // several windows
    Files.writeString(
        file,
        LongStream.rangeClosed(1, last)
                .mapToObj(step -> "{\"step\":%d,\"loss\":0.5,\"lr\":0.0123456789}".formatted(step))
                .collect(Collectors.joining("\n", "", "\n"))
            + "{\"step\":20001,\"lo");
    for (long after : new long[] {0, 1, 17_000, last - 1, last, last + 5}) {
      List<Long> steps = LogTail.read(file, after).stream().map(LogTail::step).toList();
      assertEquals(LongStream.rangeClosed(after + 1, last).boxed().toList(), steps);
    }
    // An earlier line is not read: it may be broken.
    byte[] bytes = Files.readAllBytes(file);
    bytes[0] = 'x';
    Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    assertEquals(1, LogTail.read(file, last - 1).size());
  }
}
