package org.riglab.shell.internal;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;
import org.riglab.base.Visible;

/** Shows a run while it is executed. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=watch",
      Role.PROPERTY + "=viewer"
    })
public final class WatchCommand extends Command {
  private static final long REDRAW_MILLIS = 200;
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long CURVE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public WatchCommand(@Reference Lab lab) {
    super("watch");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param metric whose curve to draw
   * @param id of the run
   */
  @Descriptor(
      "shows the progress of a run until it ends or Ctrl-C is pressed: metrics, a curve, and the"
          + " last events. Without a terminal it prints a line from time to time")
  public void watch(
      CommandSession session,
      @Descriptor("NAME: metric to draw; default: loss")
          @Parameter(
              names = {"-m", "--metric"},
              absentValue = "")
          Optional<String> metric,
      @Descriptor("id of the run") long id) {
    Terminal terminal = Terminal.of(session);
    Watch watch = new Watch(lab, id, metric);
    Lab.Registration registration = lab.listen(watch);
    try {
      if (terminal.interactive()) {
        draw(terminal, watch, session);
      } else {
        print(terminal, watch);
      }
    } catch (InterruptedException e) {
      // That is how one stops watching.
      terminal.out().flush();
    } finally {
      registration.close();
    }
  }

  private static void draw(Terminal terminal, Watch watch, CommandSession session)
      throws InterruptedException {
    int drawn = 0;
    long asked = System.nanoTime();
    long read = asked;
    while (true) {
      boolean ended = watch.ended();
      List<String> lines =
          watch.lines(
              Terminal.size(session, "riglab.columns", 80),
              Terminal.size(session, "riglab.rows", 24));
      StringBuilder frame = new StringBuilder();
      if (drawn > 0) {
        frame.append("\u001b[").append(drawn).append("F");
      }
      // Each line is cleared behind its text only: what stays does not flicker.
      lines.forEach(line -> frame.append(Visible.line(line)).append("\u001b[K\n"));
      frame.append("\u001b[J");
      terminal.screen().print(frame);
      if (ended || terminal.out().checkError()) {
        return;
      }
      drawn = lines.size();
      Thread.sleep(REDRAW_MILLIS);
      watch.await(TimeUnit.NANOSECONDS.toMillis(ASK_NANOS));
      long now = System.nanoTime();
      if (now - asked >= ASK_NANOS) {
        asked = now;
        boolean curve = now - read >= CURVE_NANOS;
        read = curve ? now : read;
        watch.refresh(curve);
      }
    }
  }

  private static void print(Terminal terminal, Watch watch) throws InterruptedException {
    terminal.out().println(watch.line());
    long printed = System.nanoTime();
    while (!watch.ended()) {
      Thread.sleep(TimeUnit.NANOSECONDS.toMillis(ASK_NANOS));
      watch.refresh(false);
      List<String> news = watch.news();
      news.forEach(terminal.out()::println);
      if (!news.isEmpty() || System.nanoTime() - printed > PLAIN_NANOS) {
        printed = System.nanoTime();
        terminal.out().println(watch.line());
      }
      if (terminal.out().checkError()) {
        return;
      }
    }
    terminal.out().println(watch.line());
  }
}
