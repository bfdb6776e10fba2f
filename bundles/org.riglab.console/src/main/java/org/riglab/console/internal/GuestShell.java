package org.riglab.console.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.threadio.ThreadIO;
import org.jline.terminal.Terminal;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.console.Guest;
import org.riglab.console.RemoteShell;

/** Opens sessions for guests, each with commands of its own to interrupt. */
@Component
public final class GuestShell implements RemoteShell {
  private final BundleContext context;
  private final CommandProcessor processor;
  private final ThreadIO threads;
  private final Path home;

  /**
   * @param context of this bundle
   * @param processor runs Gogo
   * @param threads sets the standard streams of a thread
   */
  @Activate
  public GuestShell(
      BundleContext context, @Reference CommandProcessor processor, @Reference ThreadIO threads) {
    this.context = context;
    this.processor = processor;
    this.threads = threads;
    this.home = Path.of(context.getProperty("riglab.home"));
  }

  private Lines lines(Guest guest, Running running) {
    Role role = guest.principal().role();
    return role.includes(Role.ADMIN)
        ? new GogoLines(context, processor, running)
        : new PlainLines(context, threads, running, role, home.resolve("files"));
  }

  @Override
  public int run(Guest guest, String line, InputStream in, OutputStream out, OutputStream err) {
    Running running = new Running();
    Lines lines = lines(guest, running);
    PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    guest.begins(line);
    int status = 0;
    String message = "";
    try (CommandSession session = processor.createSession(in, printed, errors)) {
      session.put("riglab.interactive", false);
      // Gogo assumes that every session is a terminal.
      session.put("GREP_COLORS", "mt=");
      Commands commands = lines.commands(session);
      try {
        lines.prepare(session, commands);
        Console.print(session, lines.execute(session, commands, line));
      } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
        Failure failure = Failure.of(e, commands);
        status = failure.status().code();
        message = failure.line();
        printed.flush();
        errors.println(message);
      } finally {
        running.interrupt(true);
        running.await();
        guest.ended(line, status, message);
      }
    }
    return status;
  }

  @Override
  public int run(Guest guest, String line, Terminal terminal) {
    Running running = new Running();
    return new TerminalSession(processor, lines(guest, running), running, guest)
        .run(terminal, line);
  }

  @Override
  public void converse(Guest guest, Terminal terminal) {
    Running running = new Running();
    String name = guest.principal().name().replaceAll("[^A-Za-z0-9]", "_");
    new TerminalSession(processor, lines(guest, running), running, guest)
        .run(terminal, home.resolve("histories").resolve(name));
  }
}
