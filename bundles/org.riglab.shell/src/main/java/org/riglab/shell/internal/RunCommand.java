package org.riglab.shell.internal;

import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;

/** Shows a run. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=run",
      Role.PROPERTY + "=viewer"
    })
public final class RunCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public RunCommand(@Reference Lab lab) {
    super("run");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param metric whose curve to print
   * @param points of the curve
   * @param events how many
   * @param spec whether to print the spec
   * @param json whether to print JSON
   * @param id of the run
   */
  @Descriptor(
      "shows a run: its state, metrics with curves, and last events. --json prints an object: id,"
          + " name, kind, state, network, networkSpec, spec, seed, priority, after, device, sweep,"
          + " replayOf, data, parts, progress, metrics, error, warnings, times, folder; with"
          + " --metric a curve: run, metric, total, points (step, mean, low, high)")
  public void run(
      CommandSession session,
      @Descriptor("NAME: prints the curve of this metric")
          @Parameter(
              names = {"-m", "--metric"},
              absentValue = "")
          Optional<String> metric,
      @Descriptor("N: maximum number of points of the curve; each is the mean of adjacent points")
          @Parameter(
              names = {"-p", "--points"},
              absentValue = "40")
          int points,
      @Descriptor("N: number of events")
          @Parameter(
              names = {"-e", "--events"},
              absentValue = "8")
          int events,
      @Descriptor("also prints all options of the run")
          @Parameter(
              names = {"-s", "--spec"},
              presentValue = "true",
              absentValue = "false")
          boolean spec,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("id of the run") long id) {
    Terminal terminal = Terminal.of(session);
    Run run = lab.run(id);
    if (metric.isPresent()) {
      curve(terminal, id, metric.get(), points, json);
    } else if (json) {
      terminal.out().print(Json.text(run));
    } else {
      terminal.out().print(RunTables.described(terminal, run));
      if (spec) {
        terminal.out().print(Json.text(run.spec()));
      }
      Table table = new Table("metric", "last", "curve");
      for (String name : lab.metrics(id)) {
        if (!name.startsWith("IoU.") && !name.startsWith("accuracy.")) {
          Curve curve = lab.curve(id, name, 40);
          table.row(
              name,
              RunTables.number(run.metrics().getOrDefault(name, Double.NaN)),
              RunTables.spark(curve));
        }
      }
      terminal.print(table);
      lab.eventsOf(id, Math.max(1, events))
          .forEach(event -> terminal.out().println(RunTables.line(event)));
    }
  }

  private void curve(Terminal terminal, long id, String metric, int points, boolean json) {
    List<String> known = lab.metrics(id);
    if (!known.contains(metric)) {
      throw Usage.wrong(
          Text.format(
              "run %d has no metric '%s'; %s",
              id,
              metric,
              known.isEmpty() ? "it has no metrics yet" : "it has " + String.join(", ", known)));
    }
    Curve curve = lab.curve(id, metric, points);
    if (json) {
      terminal.out().print(Json.text(curve));
      return;
    }
    Table table = new Table("step", metric, "low", "high");
    for (Curve.Bucket bucket : curve.points()) {
      table.row(
          String.valueOf(bucket.step()),
          RunTables.number(bucket.mean()),
          RunTables.number(bucket.low()),
          RunTables.number(bucket.high()));
    }
    terminal.print(table);
  }
}
