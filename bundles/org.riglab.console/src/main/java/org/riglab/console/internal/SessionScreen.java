package org.riglab.console.internal;

import java.util.function.Supplier;
import org.jline.terminal.Terminal;
import org.jline.utils.InfoCmp.Capability;
import org.riglab.api.RigException;
import org.riglab.api.access.Principal;
import org.riglab.api.access.Role;
import org.riglab.console.ExitStatus;
import org.riglab.console.Guest;
import org.riglab.console.Screen;

/** The terminal of a guest. */
final class SessionScreen implements Screen {
  private static final int COLOURS = 8;
  private static final int INDEXED = 256;

  private final Supplier<Terminal> terminal;
  private final Guest guest;

  /**
   * @param terminal of the session
   * @param guest its user
   */
  SessionScreen(Supplier<Terminal> terminal, Guest guest) {
    this.terminal = terminal;
    this.guest = guest;
  }

  /**
   * @param value of the environment variable {@code NO_COLOR}; null if it is not set
   * @return whether colours are wanted; see https://no-color.org
   */
  static boolean wanted(String value) {
    return value == null || value.isEmpty();
  }

  @Override
  public Terminal terminal() {
    return terminal.get();
  }

  @Override
  public boolean colour() {
    return guest.colour() && coloured(terminal());
  }

  /**
   * @param value of the environment variable {@code COLORTERM}; null if it is not set
   * @return whether it states 24-bit colours
   */
  static boolean deep(String value) {
    return "truecolor".equals(value) || "24bit".equals(value);
  }

  @Override
  public boolean trueColour() {
    Integer colours = terminal().getNumericCapability(Capability.max_colors);
    return colour()
        && (guest.trueColour()
            || colours != null && colours > INDEXED
            || terminal().getType().contains("direct"));
  }

  /**
   * @return whether the terminal has colours
   */
  static boolean coloured(Terminal terminal) {
    Integer colours = terminal.getNumericCapability(Capability.max_colors);
    return colours != null && colours >= COLOURS;
  }

  @Override
  public void page(String text) {
    Pager.show(terminal(), text);
  }

  @Override
  public void act(Role role, String line, Runnable action) {
    int status = 0;
    String message = "";
    guest.begins(line);
    try {
      Principal principal = guest.principal();
      if (!principal.role().includes(role)) {
        throw new RigException(
            RigException.Kind.DENIED,
            "'%s' requires the role %s; yours is %s"
                .formatted(line, role.word(), principal.role().word()));
      }
      action.run();
    } catch (RigException e) {
      status = ExitStatus.of(e.kind()).code();
      message = e.getMessage();
      throw e;
    } finally {
      guest.ended(line, status, message);
    }
  }
}
