package org.riglab.console.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import org.apache.felix.service.command.CommandSession;
import org.riglab.console.Guide;
import org.riglab.console.Screen;

/** The first page of help. */
final class Overview {
  private static final int COLUMNS = 100;
  private static final int LEAST = 20;

  private Overview() {}

  /**
   * @return how the process is used, and a line for each command
   */
  static String usage(CommandSession session, Commands commands) {
    return """
    usage: rig [--home DIR]               starts a shell; Ctrl-D ends it
           rig [--home DIR] COMMAND ...   runs one command; rig COMMAND --help describes it
           rig [--home DIR] exec SCRIPT   runs 'COMMAND; COMMAND', a file, or - for stdin
           rig [--home DIR] server        executes the queue until SIGTERM
           rig --version

    """
        + list(session, commands);
  }

  /**
   * @return a line for each command, by section
   */
  static String list(CommandSession session, Commands commands) {
    StringBuilder text = new StringBuilder();
    Set<String> names = new TreeSet<>(commands.names());
    int width = names.stream().mapToInt(String::length).max().orElse(0);
    int columns =
        session.get("riglab.columns") instanceof IntSupplier s && s.getAsInt() > 0
            ? s.getAsInt() - 1
            : COLUMNS;
    int room = Math.max(LEAST, columns - 4 - width);
    for (Guide.Section section : commands.sections()) {
      List<String> known = new ArrayList<>(section.commands());
      known.retainAll(names);
      known.forEach(names::remove);
      append(text, section.title(), known, commands, width, room);
    }
    append(text, text.isEmpty() ? "" : "Other", names, commands, width, room);
    return text.toString();
  }

  private static void append(
      StringBuilder text,
      String title,
      Iterable<String> names,
      Commands commands,
      int width,
      int room) {
    String before = (text.isEmpty() ? "" : "\n") + (title.isEmpty() ? "" : title + "\n");
    for (String name : names) {
      String about = commands.about(name);
      String line = about.length() <= room ? about : about.substring(0, room - 3) + "...";
      text.append(before).append("  ");
      text.append((name + " ".repeat(width - name.length()) + "  " + line).stripTrailing());
      text.append('\n');
      before = "";
    }
  }

  /** Shows a text in the session's pager; prints it where there is no terminal. */
  static void show(CommandSession session, PrintStream out, String text) {
    if (session.get(Screen.VARIABLE) instanceof Screen screen) {
      screen.page(text);
    } else {
      out.print(text);
      out.flush();
    }
  }
}
