package org.riglab.console.internal;

import java.io.PrintStream;

/** The first page of help. */
final class Overview {
  private Overview() {}

  /** Prints how the process is used, and a line for each command. */
  static void print(PrintStream out, Commands commands) {
    out.println(
        "usage: rig [--home DIR]               a shell: history, completion, Ctrl-D ends it");
    out.println("       rig [--home DIR] COMMAND ...   one command; rig COMMAND --help says more");
    out.println("       rig [--home DIR] exec SCRIPT   'COMMAND; COMMAND', a file, or - for stdin");
    out.println("       rig [--home DIR] server        runs until SIGTERM");
    out.println("       rig --version");
    out.println();
    list(out, commands);
  }

  /** Prints a line for each command. */
  static void list(PrintStream out, Commands commands) {
    int width = commands.names().stream().mapToInt(String::length).max().orElse(0);
    for (String name : commands.names()) {
      String about = commands.about(name);
      int room = Math.max(20, 96 - width);
      String line = about.length() <= room ? about : about.substring(0, room - 3) + "...";
      out.println(("  " + name + " ".repeat(width - name.length()) + "  " + line).stripTrailing());
    }
    out.flush();
  }
}
