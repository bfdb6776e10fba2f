package org.riglab.ssh.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.Signal;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.jline.utils.InfoCmp;
import org.riglab.api.RigException;
import org.riglab.console.RemoteShell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One session channel: a conversation, or one line. */
final class ShellChannel implements Command {
  private static final Logger LOG = LoggerFactory.getLogger(ShellChannel.class);
  private static final String TERMINAL = "xterm-256color";

  /** See https://no-color.org. */
  private static final String NO_COLOR = "NO_COLOR";

  /** By convention; a client sends it with {@code SendEnv COLORTERM}. */
  private static final String COLORTERM = "COLORTERM";

  private static final Set<String> TRUE_COLOUR = Set.of("truecolor", "24bit");

  private static final int WIDEST = 1000;
  private static final int NO_TERMINAL = 2;

  private final RemoteShell shell;
  private final Visitor visitor;
  private final Optional<String> line;
  private InputStream in;
  private OutputStream out;
  private OutputStream err;
  private ExitCallback exit;
  private volatile Thread thread;

  /**
   * @param shell runs lines
   * @param visitor the user
   * @param line the one line; empty for a conversation
   */
  ShellChannel(RemoteShell shell, Visitor visitor, Optional<String> line) {
    this.shell = shell;
    this.visitor = visitor;
    this.line = line;
  }

  @Override
  public void setInputStream(InputStream in) {
    this.in =
        new FilterInputStream(in) {
          @Override
          public int read() throws IOException {
            int read = super.read();
            visitor.present();
            return read;
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            visitor.present();
            return read;
          }
        };
  }

  @Override
  public void setOutputStream(OutputStream out) {
    this.out = out;
  }

  @Override
  public void setErrorStream(OutputStream err) {
    this.err = err;
  }

  @Override
  public void setExitCallback(ExitCallback callback) {
    this.exit = callback;
  }

  @Override
  public void start(ChannelSession channel, Environment environment) {
    // An own thread, since threads of the server must not block on a client or a command.
    thread = new Thread(() -> run(environment), "ssh " + visitor.from());
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void destroy(ChannelSession channel) {
    visitor.leave();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  private void run(Environment environment) {
    int status = 1;
    try {
      status = serve(environment);
      out.flush();
      err.flush();
    } catch (RigException e) {
      LOG.info("session of {} ended: {}", visitor.from(), e.getMessage());
    } catch (IOException e) {
      // The client went.
      LOG.debug("session of {} broke", visitor.from(), e);
    } catch (RuntimeException | Error e) {
      LOG.error("session of {} failed", visitor.from(), e);
    } finally {
      exit.onExit(status);
    }
  }

  private int serve(Environment environment) throws IOException {
    Map<String, String> variables = environment.getEnv();
    if (!variables.getOrDefault(NO_COLOR, "").isEmpty()) {
      visitor.plain();
    }
    if (TRUE_COLOUR.contains(variables.getOrDefault(COLORTERM, ""))) {
      visitor.deep();
    }
    if (variables.containsKey(Environment.ENV_TERM)) {
      try (Terminal terminal = terminal(environment)) {
        if (line.isPresent()) {
          return shell.run(visitor, line.get(), terminal);
        }
        shell.converse(visitor, terminal);
        return 0;
      }
    }
    if (line.isPresent()) {
      environment.addSignalListener(
          (channel, signal) -> thread.interrupt(), Signal.INT, Signal.TERM, Signal.HUP);
      return shell.run(visitor, line.get(), in, out, err);
    }
    err.write(
        "rig: there is no terminal: give a command, or use ssh -t\n"
            .getBytes(StandardCharsets.UTF_8));
    return NO_TERMINAL;
  }

  private Terminal terminal(Environment environment) throws IOException {
    Map<String, String> variables = environment.getEnv();
    String type = variables.get(Environment.ENV_TERM);
    // For an unknown type, JLine would start the program infocmp.
    String known = InfoCmp.getDefaultInfoCmp(type) == null ? TERMINAL : type;
    Terminal terminal =
        new ExternalTerminal(
            null,
            "ssh",
            known,
            in,
            out,
            StandardCharsets.UTF_8,
            Terminal.SignalHandler.SIG_IGN,
            false,
            null,
            size(variables));
    environment.addSignalListener(
        (channel, signal) -> {
          terminal.setSize(size(variables));
          terminal.raise(Terminal.Signal.WINCH);
        },
        Signal.WINCH);
    environment.addSignalListener(
        (channel, signal) -> terminal.raise(Terminal.Signal.INT), Signal.INT);
    return terminal;
  }

  private static Size size(Map<String, String> variables) {
    return new Size(
        number(variables.get(Environment.ENV_COLUMNS), 80),
        number(variables.get(Environment.ENV_LINES), 24));
  }

  /** Clients without a window report 0. */
  private static int number(String text, int otherwise) {
    try {
      int number = text == null ? 0 : Integer.parseInt(text);
      return number <= 0 ? otherwise : Math.min(number, WIDEST);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
