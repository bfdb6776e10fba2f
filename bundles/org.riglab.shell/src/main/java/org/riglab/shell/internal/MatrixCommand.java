package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.Report;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Evaluates networks with other numbers of iterations than they were trained with. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=matrix",
      Role.PROPERTY + "=operator"
    })
public final class MatrixCommand extends Command {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:\\.\\.(\\d{1,4}))?");
  private static final String MIOU = "mIoU";

  private final Evaluator evaluator;
  private final Report report;

  /**
   * @param evaluator evaluates
   * @param report draws
   */
  @Activate
  public MatrixCommand(@Reference Evaluator evaluator, @Reference Report report) {
    super("matrix");
    this.evaluator = evaluator;
    this.report = report;
  }

  /**
   * A row: mIoU by number of iterations.
   *
   * @param network its name
   * @param trained its own number of iterations
   * @param batchNorm its policy
   * @param mIoU 0 to 1, by number of iterations in the evaluation
   */
  private record Row(String network, int trained, String batchNorm, Map<Integer, Double> mIoU) {}

  /**
   * @param session writes to it
   * @param iterations a range
   * @param images the images of the evaluation
   * @param device where to compute
   * @param output a file
   * @param json whether to print JSON
   * @param name of the networks
   */
  @Descriptor(
      "evaluates networks with other numbers of iterations than in training and prints the mIoU in"
          + " per cent, one row per network and one column per number of iterations. --json prints"
          + " an array of objects: network, trained, batchNorm, mIoU (by number of iterations, 0 to"
          + " 1)")
  public void matrix(
      CommandSession session,
      @Descriptor("A..B: numbers of iterations")
          @Parameter(
              names = {"-n", "--iterations"},
              absentValue = "1..8")
          String iterations,
      ImageOptions images,
      @Descriptor("DEVICE: auto, cpu, gpu0, gpu1, ...")
          @Parameter(
              names = {"-e", "--device"},
              absentValue = "")
          Optional<String> device,
      @Descriptor("FILE: writes the matrix as .svg")
          @Parameter(
              names = {"-o", "--output"},
              absentValue = "")
          Optional<Path> output,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("names of the networks") List<String> name) {
    List<Integer> columns = range(iterations);
    output.ifPresent(
        file -> {
          if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
            throw Usage.wrong("--output " + file + ": the name must end in .svg");
          }
          Output.checkFile("--output", file);
        });
    Map<String, Object> options =
        EvalOptions.of(images, Optional.empty(), Optional.empty(), device);
    Terminal terminal = Terminal.of(session);
    List<Row> rows = new ArrayList<>();
    for (String network : name) {
      rows.add(row(network, columns, options, json ? terminal.silent() : terminal));
    }
    output.ifPresent(file -> Output.write(file, report.svg(figure(rows, columns))));
    if (json) {
      terminal.out().print(Json.text(rows));
    } else {
      terminal.print(table(rows, columns));
      output.ifPresent(file -> terminal.out().println("matrix: " + file));
    }
  }

  private static List<Integer> range(String text) {
    Matcher matcher = RANGE.matcher(text.strip());
    if (matcher.matches()) {
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (first >= 1 && last >= first) {
        return IntStream.rangeClosed(first, last).boxed().toList();
      }
    }
    throw Usage.wrong("--iterations is " + text + "; it must be A..B, for example 1..8");
  }

  /** One evaluation if there is a prediction per iteration, else one for each number. */
  private Row row(
      String network, List<Integer> columns, Map<String, Object> options, Terminal terminal) {
    int most = columns.get(columns.size() - 1);
    Evaluation longest = evaluate(network, most, options, terminal);
    Map<Integer, Double> scores = new LinkedHashMap<>();
    for (int count : columns) {
      Scores answer =
          longest.iterations().size() == most
              ? longest.iterations().get(count - 1)
              : evaluate(network, count, options, terminal).answer();
      scores.put(count, answer.values().getOrDefault(MIOU, Double.NaN));
    }
    return new Row(
        network,
        longest.networkSpec().iterations(),
        Names.writtenChoice(longest.networkSpec().batchNorm()),
        scores);
  }

  private Evaluation evaluate(
      String network, int iterations, Map<String, Object> options, Terminal terminal) {
    Map<String, Object> all = new LinkedHashMap<>(options);
    all.put("iterations", iterations);
    try (Progress progress = new Progress(terminal, "")) {
      return evaluator.evaluate(evaluator.plan(network, all), progress);
    }
  }

  private static String title(Row row) {
    return row.network() + ", u = " + row.trained() + ", " + row.batchNorm();
  }

  private static Figure.Matrix figure(List<Row> rows, List<Integer> columns) {
    return new Figure.Matrix(
        "mIoU % by iterations in training and evaluation",
        "iterations in the evaluation",
        "network",
        columns.stream().map(String::valueOf).toList(),
        rows.stream().map(MatrixCommand::title).toList(),
        rows.stream()
            .map(row -> columns.stream().map(c -> 100 * row.mIoU().get(c)).toList())
            .toList(),
        1);
  }

  private static Table table(List<Row> rows, List<Integer> columns) {
    List<String> header = new ArrayList<>(List.of("network", "u", "batch norm"));
    columns.forEach(count -> header.add(String.valueOf(count)));
    Table table = new Table(header);
    for (Row row : rows) {
      List<String> cells =
          new ArrayList<>(List.of(row.network(), String.valueOf(row.trained()), row.batchNorm()));
      columns.forEach(count -> cells.add(Text.percent(row.mIoU().get(count))));
      table.row(cells);
    }
    return table;
  }
}
