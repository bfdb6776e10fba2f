package org.riglab.slurm.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;

/** Executes SLURM's commands. */
final class SlurmCommands {
  private static final long SECONDS = 60;

  private final Path folder;

  /**
   * @param folder of the commands; empty to look for them on the path
   */
  SlurmCommands(String folder) {
    this.folder = folder.isEmpty() ? null : Path.of(folder);
  }

  /**
   * How a command ended.
   *
   * @param status 0 for success
   * @param out its standard output
   * @param error its standard error, one line
   */
  record Result(int status, String out, String error) {}

  /**
   * @param input of the command
   * @param words the command's name and its arguments
   * @throws RigException UNAVAILABLE if it cannot be executed or does not end in time
   */
  Result run(String input, List<String> words) {
    List<String> command = new ArrayList<>(words);
    if (folder != null) {
      command.set(0, folder.resolve(words.get(0)).toString());
    }
    try {
      Path out = Files.createTempFile("slurm", ".out");
      Path error = Files.createTempFile("slurm", ".err");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(error.toFile())
                .start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw unavailable(words, "it has not ended within %d s".formatted(SECONDS), null);
        }
        return new Result(
            process.exitValue(),
            Files.readString(out),
            Files.readString(error).strip().replaceAll("\\s*\\R\\s*", "; "));
      } finally {
        Files.delete(out);
        Files.delete(error);
      }
    } catch (IOException e) {
      throw unavailable(words, e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(words, "interrupted", e);
    }
  }

  private static RigException unavailable(List<String> words, String why, Exception cause) {
    return new RigException(
        RigException.Kind.UNAVAILABLE,
        "slurm: cannot execute %s: %s; install SLURM's client commands on the server, or set 'commands' of org.riglab.slurm to their folder"
            .formatted(words.get(0), why),
        cause);
  }
}
