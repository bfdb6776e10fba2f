package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;
import org.riglab.base.Names;
import org.riglab.base.Visible;

/** Shows the differences of two runs. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=diff",
      Role.PROPERTY + "=viewer"
    })
public final class DiffCommand extends Command {
  private static final Pattern DIGEST = Pattern.compile("\\b[0-9a-f]{64}\\b");

  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public DiffCommand(@Reference Lab lab) {
    super("diff");
    this.lab = lab;
  }

  /**
   * A difference.
   *
   * @param kind run, spec, part, data or metric
   * @param name of what differs
   * @param first value of the first run; empty for none
   * @param second value of the second run; empty for none
   */
  private record Difference(String kind, String name, String first, String second) {}

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param all whether to include the scores of classes
   * @param first id of a run
   * @param second id of another
   */
  @Descriptor(
      "prints what differs between two runs: options, parts, data and last values of metrics."
          + " compare also compares the metrics step by step. --json prints an array of objects:"
          + " kind (run, spec, part, data, metric), name, first, second")
  public void diff(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("also prints the scores of each class")
          @Parameter(
              names = {"-a", "--all"},
              presentValue = "true",
              absentValue = "false")
          boolean all,
      @Descriptor("id of a run") long first,
      @Descriptor("id of another run") long second) {
    Comparison comparison = lab.compare(first, second);
    List<Difference> differences = differences(comparison, all);
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(tree(differences)));
      return;
    }
    for (Run run : List.of(comparison.first(), comparison.second())) {
      if (run.times().started().isEmpty()) {
        terminal
            .out()
            .println(
                terminal.wrap(
                    Text.format(
                        "run %d has not started; what it has not determined yet is not compared",
                        run.id()),
                    0));
      }
    }
    if (differences.isEmpty()) {
      terminal.out().println(Text.format("runs %d and %d do not differ", first, second));
      return;
    }
    Table table = new Table("", "", "run " + first, "run " + second);
    for (Difference difference : differences) {
      table.row(
          difference.kind(),
          difference.name(),
          shown(difference.first()),
          shown(difference.second()));
    }
    terminal.print(table);
  }

  /** Digests are as long as elsewhere in the shell; JSON has them whole. */
  private static String shown(String value) {
    return DIGEST.matcher(dash(value)).replaceAll(digest -> Text.digest(digest.group()));
  }

  private static List<Difference> differences(Comparison comparison, boolean all) {
    Run first = comparison.first();
    Run second = comparison.second();
    List<Difference> differences = new ArrayList<>();
    add(differences, "run", Map.of("name", first.name()), Map.of("name", second.name()));
    add(differences, "run", Map.of("state", state(first)), Map.of("state", state(second)));
    add(differences, "run", Map.of("kind", kind(first)), Map.of("kind", kind(second)));
    new TreeMap<>(comparison.spec())
        .forEach((name, pair) -> add(differences, "spec", name, pair, first, second));
    new TreeMap<>(comparison.parts())
        .forEach((name, pair) -> add(differences, "part", name, pair, first, second));
    if (started(first) && started(second)) {
      add(differences, "data", first.data(), second.data());
    }
    for (Comparison.Metric metric : comparison.metrics()) {
      boolean ofClass = metric.name().startsWith("IoU.") || metric.name().startsWith("accuracy.");
      String one = number(metric.first());
      String other = number(metric.second());
      if (!one.equals(other) && (all || !ofClass)) {
        differences.add(new Difference("metric", metric.name(), one, other));
      }
    }
    return differences;
  }

  private static void add(
      List<Difference> differences,
      String kind,
      String name,
      Comparison.Pair pair,
      Run first,
      Run second) {
    boolean unknown =
        pair.first().isEmpty() && !started(first) || pair.second().isEmpty() && !started(second);
    if (!unknown) {
      differences.add(new Difference(kind, name, pair.first(), pair.second()));
    }
  }

  private static void add(
      List<Difference> differences, String kind, Map<String, ?> first, Map<String, ?> second) {
    TreeSet<String> names = new TreeSet<>(first.keySet());
    names.addAll(second.keySet());
    for (String name : names) {
      String one = text(first.get(name));
      String other = text(second.get(name));
      if (!one.equals(other)) {
        differences.add(new Difference(kind, name, one, other));
      }
    }
  }

  private static boolean started(Run run) {
    return run.times().started().isPresent();
  }

  private static String state(Run run) {
    return Names.writtenChoice(run.state());
  }

  private static String kind(Run run) {
    return Names.writtenChoice(run.kind());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : RunTables.number(value);
  }

  private static String text(Object value) {
    return value == null ? "" : Visible.line(String.valueOf(value));
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static JsonArray tree(List<Difference> differences) {
    JsonArray array = new JsonArray();
    for (Difference difference : differences) {
      JsonObject object = new JsonObject();
      object.addProperty("kind", difference.kind());
      object.addProperty("name", difference.name());
      object.addProperty("first", difference.first());
      object.addProperty("second", difference.second());
      array.add(object);
    }
    return array;
  }
}
