package org.riglab.shell.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.CommandProxy;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.jline.builtins.ScreenTerminal;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.riglab.api.access.Principal;
import org.riglab.api.access.Role;
import org.riglab.console.Guest;
import org.riglab.console.Guide;
import org.riglab.console.internal.GuestShell;
import org.slf4j.LoggerFactory;

/** The whole shell at a virtual terminal, as a user over SSH has it. */
final class VirtualShell implements AutoCloseable {
  static {
    // Without a provider SLF4J prints warnings, once: not into what a command prints.
    LoggerFactory.getILoggerFactory();
  }

  private final ThreadIOImpl threads = new ThreadIOImpl();
  private final CommandProcessorImpl processor;
  private final List<Map<String, Object>> services = new ArrayList<>();
  private final ScreenTerminal screen;
  private final StringBuilder raw = new StringBuilder();
  private final PipedOutputStream keys = new PipedOutputStream();
  private final Terminal terminal;
  private final Thread thread;
  private final int columns;

  /** What the user wants, and what their terminal has. */
  volatile boolean colour = true;

  volatile boolean trueColour;

  /** Audited lines with their status. */
  final List<String> audit = new CopyOnWriteArrayList<>();

  /**
   * @param home of histories and files
   * @param role of the user
   * @param guide completes; null for none
   * @param type of the terminal
   * @param columns of the terminal
   * @param rows of the terminal
   * @param commands all viewers may call
   */
  VirtualShell(
      Path home, Role role, Guide guide, String type, int columns, int rows, Command... commands)
      throws IOException {
    this.columns = columns;
    this.screen = new ScreenTerminal(columns, rows);
    threads.start();
    processor = new CommandProcessorImpl(threads);
    for (Command command : commands) {
      services.add(
          Map.of(
              "osgi.command.scope",
              "rig",
              "osgi.command.function",
              command.name(),
              Role.PROPERTY,
              "viewer",
              "object",
              command));
      processor.addCommand("rig", new CommandProxy(command, command.name()), command.name());
    }
    BundleContext context = context(home, guide);
    terminal =
        new ExternalTerminal(
            null,
            "test",
            type,
            new PipedInputStream(keys),
            new Received(),
            StandardCharsets.UTF_8,
            Terminal.SignalHandler.SIG_IGN,
            false,
            null,
            new Size(columns, rows));
    GuestShell shell = new GuestShell(context, processor, threads);
    Guest guest =
        new Guest() {
          @Override
          public Principal principal() {
            return new Principal("key", role);
          }

          @Override
          public boolean colour() {
            return colour;
          }

          @Override
          public boolean trueColour() {
            return trueColour;
          }

          @Override
          public void ended(String line, int status, String message) {
            audit.add(line + ">" + status);
          }
        };
    thread = new Thread(() -> shell.converse(guest, terminal), "virtual shell");
    thread.setDaemon(true);
    thread.start();
    await(text -> text.contains("rig>"));
  }

  private BundleContext context(Path home, Guide guide) {
    return (BundleContext)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getProperty" -> home.toString();
                  case "getServiceReferences" ->
                      Guide.class.getName().equals(arguments[0])
                          ? guide == null
                              ? null
                              : new ServiceReference<?>[] {reference(Map.of("object", guide))}
                          : services.stream()
                              .map(VirtualShell::reference)
                              .toArray(ServiceReference[]::new);
                  case "getService" -> ((ServiceReference<?>) arguments[0]).getProperty("object");
                  case "ungetService" -> true;
                  default -> null;
                });
  }

  private static ServiceReference<?> reference(Map<String, Object> properties) {
    return (ServiceReference<?>)
        Proxy.newProxyInstance(
            VirtualShell.class.getClassLoader(),
            new Class<?>[] {ServiceReference.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getProperty" -> properties.get(arguments[0]);
                  case "compareTo" -> 0;
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> null;
                });
  }

  /** Bytes come one by one; a character may be of several. */
  private final class Received extends OutputStream {
    private final ByteArrayOutputStream character = new ByteArrayOutputStream();
    private int missing;

    @Override
    public void write(int b) {
      character.write(b);
      int bits = b & 0xff;
      missing = bits >= 0xf0 ? 3 : bits >= 0xe0 ? 2 : bits >= 0xc0 ? 1 : Math.max(0, missing - 1);
      if (missing == 0) {
        show(character.toString(StandardCharsets.UTF_8));
        character.reset();
      }
    }
  }

  private synchronized void show(String text) {
    raw.append(text);
    screen.write(text);
    notifyAll();
  }

  /** Presses keys. */
  void type(String text) throws IOException {
    keys.write(text.getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  /**
   * @return the lines of the screen, without blanks at their ends
   */
  synchronized List<String> lines() {
    // It pads a line, but not for the columns that wide characters take.
    return Arrays.stream(screen.toString().split("\n"))
        .map(line -> line.replace("\0", "").stripTrailing())
        .filter(line -> !line.matches("\\+-+\\+"))
        .toList();
  }

  /**
   * @return everything that was sent to the terminal
   */
  synchronized String sent() {
    return raw.toString();
  }

  /**
   * Waits for a screen.
   *
   * @return the screen, with line ends
   */
  synchronized String await(Predicate<String> what) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    String text = String.join("\n", lines());
    while (!what.test(text)) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("not on the screen; there is\n" + text);
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      text = String.join("\n", lines());
    }
    return text;
  }

  /** Presses keys, and waits for a text. */
  String type(String text, String shown) throws IOException {
    type(text);
    return await(screen -> screen.contains(shown));
  }

  /**
   * Enters a line, and waits until the command has ended and the prompt is shown.
   *
   * @return the screen, with line ends
   */
  String enter(String line) throws IOException {
    int before = audit.size();
    type(line + "\r");
    return await(screen -> audit.size() > before && screen.stripTrailing().endsWith("\nrig>"));
  }

  @Override
  public void close() {
    try {
      keys.close();
      thread.join(TimeUnit.SECONDS.toMillis(10));
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    processor.stop();
    threads.stop();
  }
}
