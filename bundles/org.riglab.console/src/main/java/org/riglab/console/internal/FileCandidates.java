package org.riglab.console.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;

/** Completes names of files relative to a session's directory. */
final class FileCandidates {
  private static final int MOST = 10_000;

  private final Supplier<Path> directory;
  private final boolean confined;

  /**
   * @param directory of the session
   * @param confined whether files outside of the directory are not listed
   */
  FileCandidates(Supplier<Path> directory, boolean confined) {
    this.directory = directory;
    this.confined = confined;
  }

  /**
   * @param line the line
   * @param start where the name of the file starts in the word
   * @param candidates receives whole words
   */
  void complete(ParsedLine line, int start, List<Candidate> candidates) {
    String typed = line.word().substring(0, line.wordCursor());
    String file = typed.substring(Math.min(start, typed.length()));
    if (confined
        && (file.startsWith("/")
            || file.startsWith("~")
            || List.of(file.split("/")).contains(".."))) {
      return;
    }
    int slash = file.lastIndexOf('/') + 1;
    String before = typed.substring(0, typed.length() - file.length() + slash);
    String name = file.substring(slash);
    for (Path path : files(folder(file.substring(0, slash)))) {
      String found = path.getFileName().toString();
      boolean folder = Files.isDirectory(path);
      // As in other shells, hidden files only if the name starts so.
      if (found.startsWith(name) && (name.startsWith(".") || !found.startsWith("."))) {
        String word = found + (folder ? "/" : "");
        candidates.add(new Candidate(before + word, shown(word), null, null, null, null, !folder));
      }
    }
  }

  private Path folder(String written) {
    return written.equals("~") || written.startsWith("~/")
        ? Path.of(System.getProperty("user.home") + written.substring(1))
        : directory.get().resolve(written);
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().limit(MOST).toList();
    } catch (IOException | UncheckedIOException e) {
      // A folder that cannot be read has no candidates.
      return List.of();
    }
  }

  /** A file's name may contain anything. */
  private static String shown(String text) {
    return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }
}
