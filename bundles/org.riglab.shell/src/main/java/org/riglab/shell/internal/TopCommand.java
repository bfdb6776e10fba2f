package org.riglab.shell.internal;

import java.io.IOError;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.jline.keymap.BindingReader;
import org.jline.keymap.KeyMap;
import org.jline.terminal.Attributes;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.console.Screen;

/** Shows the lab live, and controls its runs by keys. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=top",
      Role.PROPERTY + "=viewer"
    })
public final class TopCommand extends Command {
  private static final long REFRESH_MILLIS = 1000;
  private static final int ESCAPE_MILLIS = 100;
  private static final int ROWS = 24;

  private enum Key {
    UP,
    DOWN,
    PAUSE,
    RESUME,
    CANCEL,
    RAISE,
    LOWER,
    YES,
    QUIT,
    OTHER,
    NONE
  }

  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public TopCommand(@Reference Lab lab) {
    super("top");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   */
  @Descriptor(
      "shows workers, running and queued runs live, with progress and loss curves. Keys select,"
          + " pause, resume and cancel runs and change priorities, which requires the role"
          + " operator. Without a terminal it prints the current state")
  public void top(CommandSession session) {
    Terminal terminal = Terminal.of(session);
    Top top = new Top(lab, terminal.colour());
    if (terminal.full().isEmpty()) {
      top.print(terminal);
    } else {
      new Live(terminal.full().get(), top).run();
    }
  }

  /** The loop at the terminal. */
  private final class Live {
    private final Screen screen;
    private final org.jline.terminal.Terminal terminal;
    private final Top top;
    private final KeyMap<Key> keys;
    private Optional<Run> asked = Optional.empty();

    Live(Screen screen, Top top) {
      this.screen = screen;
      this.terminal = screen.terminal();
      this.top = top;
      this.keys = keys(terminal);
    }

    void run() {
      Attributes before = terminal.enterRawMode();
      Attributes raw = terminal.getAttributes();
      // Ctrl-C is a key here: it leaves as q does.
      raw.setLocalFlag(Attributes.LocalFlag.ISIG, false);
      terminal.setAttributes(raw);
      terminal.puts(Capability.enter_ca_mode);
      terminal.puts(Capability.cursor_invisible);
      BindingReader reader = new BindingReader(terminal.reader());
      try {
        Key key = Key.NONE;
        while (key != Key.QUIT) {
          draw();
          key = key(reader);
          if (key == Key.NONE) {
            top.refresh();
          } else {
            press(key);
          }
        }
      } catch (IOError | IOException e) {
        Throwable cause = e instanceof IOError ? e.getCause() : e;
        if (!(cause instanceof InterruptedIOException)) {
          throw new RigException(
              RigException.Kind.IO, "the terminal cannot be read: " + cause.getMessage(), e);
        }
        // The session ends.
        Thread.currentThread().interrupt();
      } finally {
        terminal.puts(Capability.cursor_visible);
        terminal.puts(Capability.exit_ca_mode);
        terminal.setAttributes(before);
        terminal.flush();
      }
    }

    /** NONE after a second without one. */
    private Key key(BindingReader reader) throws IOException {
      int next = terminal.reader().peek(REFRESH_MILLIS);
      if (next == NonBlockingReader.READ_EXPIRED) {
        return Key.NONE;
      }
      Key key = next == NonBlockingReader.EOF ? null : reader.readBinding(keys);
      return key == null ? Key.QUIT : key;
    }

    private void draw() {
      StringBuilder frame = new StringBuilder("\u001b[H");
      int rows = terminal.getHeight() > 0 ? terminal.getHeight() : ROWS;
      int columns = terminal.getWidth() > 0 ? terminal.getWidth() : Text.COLUMNS;
      var lines = top.lines(columns, rows);
      for (int i = 0; i < lines.size(); i++) {
        frame.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append("\u001b[K");
      }
      frame.append("\u001b[J");
      terminal.writer().print(frame);
      terminal.flush();
    }

    private void press(Key key) {
      if (asked.isPresent()) {
        Run run = asked.get();
        asked = Optional.empty();
        top.say("");
        if (key == Key.YES) {
          act("cancel", run, id -> lab.cancel(id));
        }
        return;
      }
      top.say("");
      Optional<Run> run = top.selected();
      switch (key) {
        case UP -> top.move(-1);
        case DOWN -> top.move(1);
        case PAUSE -> run.ifPresent(r -> act("pause", r, id -> lab.pause(id)));
        case RESUME -> run.ifPresent(r -> act("resume", r, id -> lab.resume(id)));
        case RAISE -> run.ifPresent(r -> prioritise(r, r.priority() + 1));
        case LOWER -> run.ifPresent(r -> prioritise(r, r.priority() - 1));
        case CANCEL -> {
          asked = run;
          run.ifPresent(r -> top.say("cancel run " + r.id() + " (" + r.name() + ")? y/n"));
        }
        case YES, QUIT, OTHER, NONE -> {}
      }
    }

    private void prioritise(Run run, int priority) {
      act("priority", run, " " + priority, id -> lab.prioritise(id, priority));
    }

    private void act(String command, Run run, Consumer<Long> action) {
      act(command, run, "", action);
    }

    private void act(String command, Run run, String more, Consumer<Long> action) {
      String line = command + " " + run.id() + more;
      try {
        screen.act(Role.OPERATOR, line, () -> action.accept(run.id()));
        top.say(line);
      } catch (RigException e) {
        top.say(e.getMessage());
      }
      top.refresh();
    }
  }

  private static KeyMap<Key> keys(org.jline.terminal.Terminal terminal) {
    KeyMap<Key> keys = new KeyMap<>();
    keys.setUnicode(Key.OTHER);
    keys.setNomatch(Key.OTHER);
    keys.setAmbiguousTimeout(ESCAPE_MILLIS);
    keys.bind(Key.UP, "k");
    keys.bind(Key.DOWN, "j");
    keys.bind(Key.PAUSE, "p");
    keys.bind(Key.RESUME, "r");
    keys.bind(Key.CANCEL, "c");
    keys.bind(Key.RAISE, "+");
    keys.bind(Key.LOWER, "-");
    keys.bind(Key.YES, "y");
    keys.bind(Key.QUIT, "q", KeyMap.esc(), KeyMap.ctrl('C'), KeyMap.ctrl('D'));
    bind(keys, Key.UP, KeyMap.key(terminal, Capability.key_up));
    bind(keys, Key.DOWN, KeyMap.key(terminal, Capability.key_down));
    return keys;
  }

  private static void bind(KeyMap<Key> keys, Key key, String sequence) {
    if (sequence != null && !sequence.isEmpty()) {
      keys.bind(key, sequence);
      // In the other keypad mode.
      keys.bind(key, sequence.replace("\u001bO", "\u001b["));
    }
  }
}
