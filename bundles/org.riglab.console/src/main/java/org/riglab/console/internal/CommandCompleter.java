package org.riglab.console.internal;

import java.util.List;
import org.jline.builtins.Completers.FileNameCompleter;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.reader.impl.completer.NullCompleter;

/** Completes names of commands, their actions and options, and of files. */
final class CommandCompleter implements Completer {
  private final Commands commands;
  private final Completer files;

  /**
   * @param commands the names
   * @param files whether to complete names of files
   */
  CommandCompleter(Commands commands, boolean files) {
    this.commands = commands;
    this.files = files ? new FileNameCompleter() : NullCompleter.INSTANCE;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    if (line.wordIndex() == 0) {
      for (String name : commands.names()) {
        candidates.add(candidate(name, commands.about(name)));
      }
      candidates.add(candidate("help", "lists the commands"));
      candidates.add(candidate("exit", "ends the session"));
      return;
    }
    String command = line.words().get(0);
    String action = line.wordIndex() > 1 ? line.words().get(1) : "";
    boolean option = line.word().startsWith("-");
    for (Commands.Completion completion : commands.completions(command, action)) {
      if (completion.option() == option && (option || line.wordIndex() == 1)) {
        candidates.add(candidate(completion.word(), completion.about()));
      }
    }
    if (!option) {
      files.complete(reader, line, candidates);
    }
  }

  private static Candidate candidate(String word, String about) {
    return new Candidate(word, word, null, about.isEmpty() ? null : about, null, null, true);
  }
}
