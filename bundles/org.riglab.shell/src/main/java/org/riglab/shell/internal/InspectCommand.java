package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Inspection.Flips;
import org.riglab.api.bench.Inspector;
import org.riglab.api.bench.Report;
import org.riglab.base.Json;

/** Shows gate maps and logits of the iterations of a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=inspect",
      Role.PROPERTY + "=operator"
    })
public final class InspectCommand extends Command {
  private static final double PERCENT = 100;

  private final Evaluator evaluator;
  private final Inspector inspector;
  private final Report report;

  /**
   * @param evaluator plans
   * @param inspector records activations
   * @param report draws
   */
  @Activate
  public InspectCommand(
      @Reference Evaluator evaluator, @Reference Inspector inspector, @Reference Report report) {
    super("inspect");
    this.evaluator = evaluator;
    this.inspector = inspector;
    this.report = report;
  }

  /**
   * @param session writes to it
   * @param images the images of the evaluation
   * @param iterations of the passes
   * @param device where to compute
   * @param examples number of images with pictures
   * @param output a file
   * @param folder for single pictures
   * @param json whether to print JSON
   * @param name of the network
   */
  @Descriptor(
      "analyses the iterations of a network on a split: pixels that become right or wrong, gain per"
          + " class and by size, distance to the border and to the diagnostic part, gate values,"
          + " change per iteration, worst images. Writes an HTML file. --json prints an object:"
          + " flips, iou (per iteration and class), groups, gates, residuals, images, dynamics")
  public void inspect(
      CommandSession session,
      ImageOptions images,
      @Descriptor("N: number of iterations; can exceed that of the training")
          @Parameter(
              names = {"-n", "--iterations"},
              absentValue = "")
          Optional<String> iterations,
      @Descriptor("DEVICE: auto, cpu, gpu0, gpu1, ...")
          @Parameter(
              names = {"-e", "--device"},
              absentValue = "")
          Optional<String> device,
      @Descriptor("N: number of worst images to show")
          @Parameter(
              names = {"-x", "--examples"},
              absentValue = "6")
          int examples,
      @Descriptor("FILE: output file of the report")
          @Parameter(
              names = {"-o", "--output"},
              absentValue = "inspection.html")
          Path output,
      @Descriptor("DIR: also writes diagrams (SVG) and pictures (PNG) to this directory")
          @Parameter(
              names = {"-p", "--pictures"},
              absentValue = "")
          Optional<Path> folder,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("name of the network") String name) {
    if (examples < 0) {
      throw Usage.wrong("--examples is " + examples + "; it must be 0 or more");
    }
    Output.checkFile("--output", output);
    folder.ifPresent(directory -> Output.checkDirectory("--pictures", directory));
    Map<String, Object> options =
        EvalOptions.of(images, Optional.empty(), Optional.empty(), device);
    iterations.ifPresent(v -> options.put("iterations", Specs.positive("--iterations", v)));
    Terminal terminal = Terminal.of(session);
    Inspection inspection;
    try (Progress progress = new Progress(json ? terminal.silent() : terminal, "")) {
      inspection = inspector.inspect(evaluator.plan(name, options), examples, progress);
    }
    if (json) {
      terminal.out().print(Json.text(json(inspection)));
    } else {
      print(terminal, inspection);
    }
    report.inspection(output, inspection, folder);
    if (!json) {
      terminal.out().println("report: " + output);
    }
  }

  private static Map<String, Object> json(Inspection inspection) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("network", inspection.spec().network());
    json.put("flips", inspection.flips());
    json.put("iou", inspection.iou());
    json.put("groups", inspection.groups());
    json.put("gates", inspection.gates());
    json.put("residuals", inspection.residuals());
    json.put("images", inspection.images());
    json.put("dynamics", inspection.dynamics());
    return json;
  }

  private static void print(Terminal terminal, Inspection inspection) {
    Table table =
        new Table("iteration", "to right %", "to wrong %", "between %", "change of the logits");
    List<Flips> flips = inspection.flips();
    for (int t = 1; t < flips.size(); t++) {
      table.row(
          String.valueOf(t + 1),
          number(PERCENT * flips.get(t).toRight()),
          number(PERCENT * flips.get(t).toWrong()),
          number(PERCENT * flips.get(t).between()),
          Text.format("%.2e", inspection.residuals().get(t)));
    }
    terminal.print(table);
    for (Inspection.Group group : inspection.groups()) {
      terminal.out().println();
      terminal.print(group(group));
    }
  }

  private static Table group(Inspection.Group group) {
    int iterations = group.bins().get(0).accuracy().size();
    List<String> header = new ArrayList<>(List.of(group.name(), "pixels"));
    for (int t = 1; t <= iterations; t++) {
      header.add("right % t" + t);
    }
    Table table = new Table(header);
    for (Inspection.Bin bin : group.bins()) {
      List<String> row = new ArrayList<>();
      row.add(
          Double.isInfinite(bin.to())
              ? Text.format("from %.0f", bin.from())
              : Text.format("%.0f to %.0f", bin.from(), bin.to()));
      row.add(Text.count(bin.pixels()));
      bin.accuracy().forEach(value -> row.add(Text.percent(value)));
      table.row(row);
    }
    return table;
  }

  private static String number(double value) {
    return Text.format("%.2f", value);
  }
}
