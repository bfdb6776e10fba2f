package org.riglab.console.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.threadio.ThreadIO;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.impl.DefaultParser;
import org.osgi.framework.BundleContext;
import org.riglab.api.access.Role;
import org.riglab.base.RemoteFiles;

/**
 * Lines of users other than admins: one command and its arguments. They are not passed to Gogo, and
 * thus cannot use other scopes, variables or objects.
 */
final class PlainLines implements Lines {
  private final BundleContext context;
  private final ThreadIO threads;
  private final Running running;
  private final Role role;
  private final Path files;

  /**
   * @param context of this bundle
   * @param threads sets the standard streams of a thread
   * @param running registers the thread
   * @param role of the user
   * @param files what relative paths are relative to
   */
  PlainLines(BundleContext context, ThreadIO threads, Running running, Role role, Path files) {
    this.context = context;
    this.threads = threads;
    this.running = running;
    this.role = role;
    this.files = files;
  }

  @Override
  public Commands commands(CommandSession session) {
    return new RoleCommands(context, role);
  }

  @Override
  public void prepare(CommandSession session, Commands commands) {
    try {
      session.currentDir(Files.createDirectories(files));
      // Read by the commands: every name of a file passes there.
      session.put("riglab.files", new RemoteFiles(files, List.of()));
      session.put("riglab.nofiles", role == Role.VIEWER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Object execute(CommandSession session, Commands commands, CharSequence line)
      throws Exception {
    List<String> words = Words.of(line);
    if (words.isEmpty()) {
      return null;
    }
    String name = words.get(0);
    List<String> rest = words.subList(1, words.size());
    switch (name) {
      case "help":
        if (rest.isEmpty()) {
          Overview.show(session, session.getConsole(), Overview.list(session, commands));
          return null;
        }
        name = rest.get(0);
        rest = Stream.concat(rest.stream().skip(1), Stream.of("--help")).toList();
        break;
      case "exit", "quit":
        return session.get(name) instanceof Function end ? end.execute(session, List.of()) : null;
      default:
    }
    Function command = new RoleCommands(context, role).find(name, rest);
    threads.setStreams(session.getKeyboard(), session.getConsole(), session.getConsole());
    try {
      return new RigCommand(name, command, running).execute(session, new ArrayList<>(rest));
    } finally {
      threads.close();
      // An interrupt was meant for the command; a session ends by the end of its input.
      Thread.interrupted();
    }
  }

  @Override
  public void edit(LineReaderBuilder builder, CommandSession session, Commands commands) {
    DefaultParser parser = new DefaultParser();
    parser.setEofOnUnclosedQuote(false);
    parser.setEofOnEscapedNewLine(false);
    // Viewers name no files.
    Optional<FileCandidates> names =
        role.includes(Role.OPERATOR)
            ? Optional.of(new FileCandidates(session::currentDir, true))
            : Optional.empty();
    builder.parser(parser).completer(new CommandCompleter(commands, names));
  }

  @Override
  public void restrict(LineReader reader) {
    // An editor that opens and writes any file.
    reader.getWidgets().remove(LineReader.EDIT_AND_EXECUTE_COMMAND);
  }
}
