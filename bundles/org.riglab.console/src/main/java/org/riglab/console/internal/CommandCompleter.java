package org.riglab.console.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.riglab.console.Guide;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes names of commands and their arguments: as a {@link Guide} defines, else actions,
 * options and files.
 */
final class CommandCompleter implements Completer {
  private static final Logger LOG = LoggerFactory.getLogger(CommandCompleter.class);

  private final Commands commands;
  private final Optional<FileCandidates> files;

  /**
   * @param commands the names
   * @param files completes names of files; empty if none are completed
   */
  CommandCompleter(Commands commands, Optional<FileCandidates> files) {
    this.commands = commands;
    this.files = files;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    try {
      if (line.wordIndex() == 0) {
        names(candidates);
        candidates.add(candidate("help", "lists the commands"));
        candidates.add(candidate("exit", "ends the session"));
      } else {
        words(line, candidates);
      }
    } catch (RuntimeException e) {
      // The line can be typed without candidates.
      LOG.warn("cannot complete '{}'", line.line(), e);
    }
  }

  private void names(List<Candidate> candidates) {
    for (String name : commands.names()) {
      candidates.add(candidate(name, commands.about(name)));
    }
  }

  private void words(ParsedLine line, List<Candidate> candidates) {
    List<String> words = new ArrayList<>(line.words().subList(0, line.wordIndex()));
    words.add(line.word().substring(0, line.wordCursor()));
    if (words.get(0).equals("help")) {
      words.remove(0);
      if (words.size() == 1) {
        names(candidates);
        return;
      }
    }
    String command = words.remove(0);
    Optional<Guide.Completion> guided = commands.guided(command, words);
    if (guided.isEmpty()) {
      annotated(line, command, words, candidates);
      return;
    }
    int sort = 0;
    for (Guide.Candidate c : guided.get().candidates()) {
      if (words.size() > 1
          || c.word().startsWith("-")
          || commands.allowed(command, List.of(c.word()))) {
        candidates.add(
            new Candidate(
                c.word(),
                c.shown(),
                null,
                c.about().isEmpty() ? null : c.about(),
                null,
                null,
                c.complete(),
                sort++));
      }
    }
    int start = guided.get().files();
    if (start >= 0) {
      files.ifPresent(f -> f.complete(line, start, candidates));
    }
  }

  private void annotated(
      ParsedLine line, String command, List<String> words, List<Candidate> candidates) {
    String action = words.size() > 1 ? words.get(0) : "";
    boolean option = words.get(words.size() - 1).startsWith("-");
    for (Commands.Completion completion : commands.completions(command, action)) {
      if (completion.option() == option && (option || words.size() == 1)) {
        candidates.add(candidate(completion.word(), completion.about()));
      }
    }
    if (!option) {
      files.ifPresent(f -> f.complete(line, 0, candidates));
    }
  }

  private static Candidate candidate(String word, String about) {
    return new Candidate(word, word, null, about.isEmpty() ? null : about, null, null, true);
  }
}
