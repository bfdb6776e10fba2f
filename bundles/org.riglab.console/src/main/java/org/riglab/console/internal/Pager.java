package org.riglab.console.internal;

import java.io.IOError;
import java.io.InterruptedIOException;
import java.util.List;
import org.jline.keymap.BindingReader;
import org.jline.keymap.KeyMap;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.InfoCmp.Capability;

/** Shows a long text page by page. What was shown last stays on the terminal. */
final class Pager {
  private static final String CLEAR_REST = "\u001b[K";
  private static final int ESCAPE_MILLIS = 100;

  private enum Key {
    PAGE_DOWN,
    PAGE_UP,
    DOWN,
    UP,
    TOP,
    BOTTOM,
    QUIT,
    NONE
  }

  private final Terminal terminal;
  private final List<String> lines;
  private int first;
  private int drawn;

  private Pager(Terminal terminal, List<String> lines) {
    this.terminal = terminal;
    this.lines = lines;
  }

  /**
   * Shows a text, and returns when the user has left it.
   *
   * @param terminal where
   * @param text lines no wider than the terminal
   */
  static void show(Terminal terminal, String text) {
    List<String> lines = text.lines().toList();
    if (lines.size() < terminal.getHeight()
        || terminal.getStringCapability(Capability.cursor_up) == null) {
      lines.forEach(terminal.writer()::println);
      terminal.flush();
    } else {
      new Pager(terminal, lines).run();
    }
  }

  private void run() {
    Attributes before = terminal.enterRawMode();
    BindingReader reader = new BindingReader(terminal.reader());
    KeyMap<Key> keys = keys();
    try {
      Key key = Key.NONE;
      while (key != Key.QUIT && key != null) {
        draw();
        key = reader.readBinding(keys);
        if (key != null) {
          move(key);
        }
      }
    } catch (IOError e) {
      if (!(e.getCause() instanceof InterruptedIOException)) {
        throw e;
      }
      // Ctrl-C ends the pager.
    } finally {
      terminal.writer().print("\r" + CLEAR_REST);
      terminal.setAttributes(before);
      terminal.flush();
    }
  }

  private void move(Key key) {
    int page = page();
    int last = Math.max(0, lines.size() - page);
    boolean end = first == last;
    first =
        switch (key) {
          case PAGE_DOWN -> first + page;
          case PAGE_UP -> first - page;
          case DOWN -> first + 1;
          case UP -> first - 1;
          case TOP -> 0;
          case BOTTOM -> last;
          case QUIT, NONE -> first;
        };
    first = Math.max(0, Math.min(last, first));
    if (end && key == Key.PAGE_DOWN) {
      first = last;
    }
  }

  private int page() {
    return Math.max(1, terminal.getHeight() - 1);
  }

  private void draw() {
    int last = Math.min(lines.size(), first + page());
    StringBuilder frame = new StringBuilder("\r");
    if (drawn > 0) {
      frame.append("\u001b[").append(drawn).append('A');
    }
    for (String line : lines.subList(first, last)) {
      frame.append(line).append(CLEAR_REST).append("\r\n");
    }
    frame.append("\u001b[J\u001b[7m");
    frame.append(
        last == lines.size()
            ? " end: b goes back, q leaves "
            : " lines %d to %d of %d: space goes on, b goes back, q leaves "
                .formatted(first + 1, last, lines.size()));
    frame.append("\u001b[0m");
    drawn = last - first;
    terminal.writer().print(frame);
    terminal.flush();
  }

  private KeyMap<Key> keys() {
    KeyMap<Key> keys = new KeyMap<>();
    keys.setUnicode(Key.NONE);
    keys.setNomatch(Key.NONE);
    keys.setAmbiguousTimeout(ESCAPE_MILLIS);
    keys.bind(Key.PAGE_DOWN, " ", "f", KeyMap.ctrl('F'));
    keys.bind(Key.PAGE_UP, "b", KeyMap.ctrl('B'));
    keys.bind(Key.DOWN, "j", "\r", "\n");
    keys.bind(Key.UP, "k");
    keys.bind(Key.TOP, "g");
    keys.bind(Key.BOTTOM, "G");
    keys.bind(Key.QUIT, "q", "Q", KeyMap.esc(), KeyMap.ctrl('C'), KeyMap.ctrl('D'));
    bind(keys, Key.PAGE_DOWN, Capability.key_npage);
    bind(keys, Key.PAGE_UP, Capability.key_ppage);
    bind(keys, Key.DOWN, Capability.key_down);
    bind(keys, Key.UP, Capability.key_up);
    bind(keys, Key.TOP, Capability.key_home);
    bind(keys, Key.BOTTOM, Capability.key_end);
    return keys;
  }

  private void bind(KeyMap<Key> keys, Key key, Capability capability) {
    String sequence = KeyMap.key(terminal, capability);
    if (sequence != null && !sequence.isEmpty()) {
      keys.bind(key, sequence);
      // In the other keypad mode.
      keys.bind(key, sequence.replace("\u001bO", "\u001b["));
    }
  }
}
