package org.riglab.report.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Report.Entry;
import org.riglab.api.bench.Report.Page;
import org.riglab.api.bench.Report.Row;
import org.riglab.api.bench.Training;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Scores;
import org.riglab.report.internal.Curves.Point;

/** Writes one report page. */
final class PageWriter {
  /** Network colours in the style sheet; a ninth network has the first one's. */
  private static final int COLOURS = 8;

  private static final String PICTURES = "pictures";

  private static final List<String> USUAL_VALUES = List.of("mIoU", "pAcc", "mAcc");

  private final Path directory;
  private final Page page;
  private final Palette palette;
  private final StringBuilder html = new StringBuilder();

  /**
   * @param directory of the page
   * @param page what is on it
   */
  PageWriter(Path directory, Page page) {
    this.directory = directory;
    this.page = page;
    this.palette = new Palette(page.classes());
  }

  /**
   * @return the page's file; written last, when all its pictures are there
   */
  Path write() {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append(Html.element("title", page.title()))
        .append("\n<style>\n" + styleSheet() + "</style>\n</head>\n<body>\n<main>\n")
        .append(Html.element("h1", page.title()))
        .append('\n');
    page.summary().forEach(paragraph -> html.append(Html.element("p", paragraph)).append('\n'));
    List<Result> results = results();
    if (!results.isEmpty()) {
      results(results);
      classes(results);
    }
    training();
    examples();
    provenance();
    html.append("</main>\n</body>\n</html>\n");
    Path file = directory.resolve("index.html");
    AtomicFile.write(file, temporary -> Files.writeString(temporary, html, StandardCharsets.UTF_8));
    return file;
  }

  private static String styleSheet() {
    try (InputStream in = PageWriter.class.getResourceAsStream("page.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One evaluation, with the network it is of. */
  private record Result(int entry, String network, String title, Evaluation evaluation) {
    double value(String name) {
      return evaluation.answer().values().getOrDefault(name, Double.NaN);
    }

    double mIoU(int iteration) {
      List<Scores> iterations = evaluation.iterations();
      return iteration < iterations.size()
          ? iterations.get(iteration).values().getOrDefault("mIoU", Double.NaN)
          : Double.NaN;
    }

    double iou(int label) {
      List<Double> perClass = evaluation.answer().perClass().getOrDefault("IoU", List.of());
      return label < perClass.size() ? perClass.get(label) : Double.NaN;
    }
  }

  private List<Result> results() {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < page.entries().size(); i++) {
      Entry entry = page.entries().get(i);
      for (Map.Entry<String, Evaluation> e : entry.evaluations().entrySet()) {
        results.add(new Result(i, entry.title(), e.getKey(), e.getValue()));
      }
    }
    return results;
  }

  private void results(List<Result> results) {
    int iterations =
        results.stream().mapToInt(r -> r.evaluation().iterations().size()).max().orElseThrow();
    Set<String> others = new LinkedHashSet<>();
    results.forEach(r -> others.addAll(r.evaluation().answer().values().keySet()));
    USUAL_VALUES.forEach(others::remove);
    html.append("<section>\n<h2>Results</h2>\n");
    beginTable("Results");
    html.append("<thead>\n<tr><th scope=\"col\" rowspan=\"2\" class=\"text\">Network</th>")
        .append("<th scope=\"col\" rowspan=\"2\" class=\"text\">Evaluation</th>")
        .append("<th scope=\"colgroup\" colspan=\"" + iterations + "\">")
        .append(iterations == 1 ? "mIoU" : "mIoU of iteration")
        .append("</th>");
    for (String name : List.of("pAcc", "mAcc")) {
      html.append("<th scope=\"col\" rowspan=\"2\">" + name + "</th>");
    }
    for (String name : others) {
      html.append("<th scope=\"col\" rowspan=\"2\">" + Html.escape(name) + "</th>");
    }
    html.append("<th scope=\"col\" rowspan=\"2\">images/s</th>")
        .append("<th scope=\"col\" rowspan=\"2\">images</th></tr>\n<tr>");
    for (int t = 1; t <= iterations; t++) {
      html.append("<th scope=\"col\">" + t + "</th>");
    }
    html.append("</tr>\n</thead>\n<tbody>\n");
    double best = best(results, r -> r.value("mIoU"));
    for (int i = 0; i < results.size(); i++) {
      Result r = results.get(i);
      boolean first = i == 0 || results.get(i - 1).entry() != r.entry();
      html.append(first ? "<tr class=\"first\">" : "<tr>")
          .append("<th scope=\"row\">" + swatch(r.entry()) + Html.escape(r.network()) + "</th>")
          .append("<td class=\"text\">" + Html.escape(r.title()) + "</td>");
      int last = r.evaluation().iterations().size() - 1;
      for (int t = 0; t < iterations; t++) {
        cell(Numbers.percent(r.mIoU(t)), t == last && r.mIoU(t) == best);
      }
      cell(Numbers.percent(r.value("pAcc")), false);
      cell(Numbers.percent(r.value("mAcc")), false);
      for (String name : others) {
        cell(Numbers.significant(r.value(name)), false);
      }
      cell(Numbers.significant(r.evaluation().imagesPerSecond()), false);
      cell(String.valueOf(r.evaluation().images()), false);
      html.append("</tr>\n");
    }
    endTable();
    html.append("<p class=\"note\">mIoU, pAcc and mAcc in percent; pAcc and mAcc of the last")
        .append(" iteration. The best final mIoU is bold.</p>\n</section>\n");
  }

  private void classes(List<Result> results) {
    html.append("<section>\n<h2>IoU per class</h2>\n");
    beginTable("IoU per class");
    html.append("<thead>\n<tr><th scope=\"col\" rowspan=\"2\" class=\"text\">Class</th>");
    for (int i = 0; i < results.size(); ) {
      int entry = results.get(i).entry();
      long span = results.stream().filter(r -> r.entry() == entry).count();
      html.append("<th scope=\"colgroup\" colspan=\"" + span + "\">")
          .append(swatch(entry) + Html.escape(results.get(i).network()) + "</th>");
      i += (int) span;
    }
    html.append("</tr>\n<tr>");
    results.forEach(r -> html.append("<th scope=\"col\">" + Html.escape(r.title()) + "</th>"));
    html.append("</tr>\n</thead>\n<tbody>\n");
    for (int label = 0; label < page.classes().size(); label++) {
      int c = label;
      double best = best(results, r -> r.iou(c));
      html.append("<tr><th scope=\"row\">" + swatchOfClass(label))
          .append(Html.escape(palette.name(label)) + "</th>");
      results.forEach(r -> cell(Numbers.percent(r.iou(c)), r.iou(c) == best));
      html.append("</tr>\n");
    }
    endTable();
    html.append("<p class=\"note\">Percent, last iteration. " + Numbers.NONE)
        .append(": the class does not occur. The best of each row is bold.</p>\n</section>\n");
  }

  /** The greatest value; NaN, which nothing equals, where there is nothing to compare. */
  private static double best(List<Result> results, ToDoubleFunction<Result> value) {
    return results.size() < 2
        ? Double.NaN
        : results.stream().mapToDouble(value).filter(Double::isFinite).max().orElse(Double.NaN);
  }

  private void beginTable(String title) {
    html.append("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"")
        .append(Html.escape(title) + "\">\n<table>\n");
  }

  private void endTable() {
    html.append("</tbody>\n</table>\n</div>\n");
  }

  private void cell(String text, boolean best) {
    html.append(best ? "<td class=\"best\">" : "<td>").append(Html.escape(text)).append("</td>");
  }

  private static String style(int entry) {
    return "s" + entry % COLOURS;
  }

  private static String swatch(int entry) {
    return "<span class=\"swatch "
        + style(entry)
        + "\" style=\"background:currentColor\" aria-hidden=\"true\"></span>";
  }

  private String swatchOfClass(int label) {
    return label == Dataset.VOID
        ? "<span class=\"swatch void\" aria-hidden=\"true\"></span>"
        : String.format(
            "<span class=\"swatch\" style=\"background:#%06x\" aria-hidden=\"true\"></span>",
            palette.rgb(label));
  }

  private void training() {
    List<Entry> entries = page.entries();
    if (entries.stream().allMatch(e -> e.trainings().isEmpty())) {
      return;
    }
    html.append("<section>\n<h2>Training</h2>\n");
    double end =
        entries.stream()
            .flatMap(e -> Curves.loss(e.trainings()).stream())
            .mapToDouble(Point::x)
            .max()
            .orElse(1);
    Axis steps = Axis.exact(0, end, 5);
    List<Long> joins = new ArrayList<>();
    List<Chart.Line> raw = new ArrayList<>();
    List<Chart.Line> smooth = new ArrayList<>();
    List<Chart.Line> miou = new ArrayList<>();
    int mostIterations = 1;
    for (int i = 0; i < entries.size(); i++) {
      List<Training> trainings = entries.get(i).trainings();
      List<Point> loss = Curves.loss(trainings);
      raw.add(new Chart.Line("raw " + style(i), Curves.thin(loss), false));
      smooth.add(new Chart.Line(style(i), Curves.thin(Curves.smooth(loss)), false));
      Curves.starts(trainings).stream().skip(1).forEach(joins::add);
      List<List<Point>> curves = Curves.mIoU(trainings);
      mostIterations = Math.max(mostIterations, curves.size());
      for (int t = 0; t < curves.size(); t++) {
        boolean last = t == curves.size() - 1;
        List<Point> percent =
            curves.get(t).stream().map(p -> new Point(p.x(), 100 * p.y())).toList();
        miou.add(
            new Chart.Line(
                style(i) + (last ? "" : " " + dash(t)), percent, last && percent.size() <= 40));
      }
    }
    key(mostIterations, !joins.isEmpty());
    html.append("<div class=\"charts\">\n");
    chart(
        "Training loss: smoothed, and of every step behind",
        new Chart("loss", "Loss of every network by step", "loss", steps, lossAxis(smooth, raw)),
        concat(raw, smooth),
        joins);
    if (!miou.isEmpty()) {
      Axis axis = Axis.round(extreme(miou, false), extreme(miou, true), 5);
      chart(
          "Validation mIoU while training",
          new Chart("miou", "mIoU of every network by step", "mIoU, percent", steps, axis),
          miou,
          joins);
    }
    html.append("</div>\n");
    trainings();
    html.append("</section>\n");
  }

  private static String dash(int iteration) {
    return "t" + (iteration % 4 + 1);
  }

  private static List<Chart.Line> concat(List<Chart.Line> below, List<Chart.Line> above) {
    List<Chart.Line> all = new ArrayList<>(below);
    all.addAll(above);
    return all;
  }

  /** Holds the smoothed curves and all but the wildest two percent of the losses. */
  private static Axis lossAxis(List<Chart.Line> smooth, List<Chart.Line> raw) {
    double[] losses =
        raw.stream()
            .flatMap(l -> l.points().stream())
            .mapToDouble(Point::y)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    if (losses.length == 0) {
      return Axis.round(0, 1, 5);
    }
    double most = losses[(int) (0.98 * (losses.length - 1))];
    return Axis.round(Math.min(0, losses[0]), Math.max(most, extreme(smooth, true)), 5);
  }

  private static double extreme(List<Chart.Line> lines, boolean greatest) {
    return lines.stream()
        .flatMap(l -> l.points().stream())
        .map(Point::y)
        .filter(Double::isFinite)
        .max(greatest ? Comparator.naturalOrder() : Comparator.reverseOrder())
        .orElse(0.0);
  }

  private void chart(String caption, Chart chart, List<Chart.Line> lines, List<Long> joins) {
    html.append("<figure>\n" + Html.element("figcaption", caption) + "\n")
        .append(chart.svg(lines, joins))
        .append("</figure>\n");
  }

  private void key(int iterations, boolean joins) {
    html.append("<ul class=\"key\">\n");
    for (int i = 0; i < page.entries().size(); i++) {
      key(style(i), page.entries().get(i).title());
    }
    if (iterations > 1) {
      for (int t = 0; t < iterations - 1; t++) {
        key(dash(t), "iteration " + (t + 1));
      }
      key("", "last iteration");
    }
    if (joins) {
      html.append("<li><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\">")
          .append("<path class=\"join\" d=\"M13 0V10\"/></svg>next training starts</li>\n");
    }
    html.append("</ul>\n");
  }

  private void key(String style, String name) {
    html.append("<li><svg class=\"" + style + "\" viewBox=\"0 0 26 10\" aria-hidden=\"true\">")
        .append("<path class=\"line " + style + "\" d=\"M1 5H25\"/></svg>")
        .append(Html.escape(name) + "</li>\n");
  }

  private void trainings() {
    beginTable("Trainings");
    html.append("<thead>\n<tr>");
    for (String text : List.of("Network", "Run", "Ended")) {
      html.append("<th scope=\"col\" class=\"text\">" + text + "</th>");
    }
    for (String number :
        List.of("steps", "last loss", "best mIoU", "at step", "images/s", "waiting for data")) {
      html.append("<th scope=\"col\">" + number + "</th>");
    }
    html.append("</tr>\n</thead>\n<tbody>\n");
    for (int i = 0; i < page.entries().size(); i++) {
      boolean first = true;
      for (Training t : page.entries().get(i).trainings()) {
        html.append(first ? "<tr class=\"first\">" : "<tr>")
            .append("<th scope=\"row\">" + swatch(i))
            .append(Html.escape(page.entries().get(i).title()) + "</th>")
            .append("<td class=\"text\">" + Html.escape(t.run()) + "</td>")
            .append("<td class=\"text\">" + Fields.words(t.end().name()) + "</td>");
        int steps = t.points().size();
        cell(steps == 0 ? Numbers.NONE : String.valueOf(t.points().get(steps - 1).step()), false);
        List<Point> smooth = Curves.smooth(Curves.loss(List.of(t)));
        cell(steps == 0 ? Numbers.NONE : Numbers.significant(smooth.get(steps - 1).y()), false);
        cell(Numbers.percent(t.bestMIoU()), false);
        cell(Double.isNaN(t.bestMIoU()) ? Numbers.NONE : String.valueOf(t.bestStep()), false);
        cell(Numbers.significant(t.imagesPerSecond()), false);
        String waiting = Numbers.percent(t.waiting());
        cell(waiting.equals(Numbers.NONE) ? waiting : waiting + "\u00a0%", false);
        html.append("</tr>\n");
        first = false;
      }
    }
    endTable();
    html.append("<p class=\"note\">Last loss: smoothed. mIoU in percent, on the validation")
        .append(" split.</p>\n");
  }

  private void examples() {
    List<Entry> entries = page.entries();
    if (entries.stream().allMatch(e -> e.rows().isEmpty())) {
      return;
    }
    html.append("<section>\n<h2>Examples</h2>\n");
    List<Row> all = entries.stream().flatMap(e -> e.rows().stream()).toList();
    List<String> parts = new ArrayList<>();
    boolean maps = all.stream().anyMatch(r -> !r.maps().isEmpty());
    for (int i = 0; i < entries.size(); i++) {
      if (!entries.get(i).rows().isEmpty()) {
        parts.add(Html.element("h3", entries.get(i).title()));
        for (int j = 0; j < entries.get(i).rows().size(); j++) {
          parts.add(
              row(entries.get(i).title(), (i + 1) + "-" + (j + 1), entries.get(i).rows().get(j)));
        }
      }
    }
    html.append("<ul class=\"key\" aria-label=\"Classes\">\n");
    for (int label : Palette.occurring(Strip.labelMaps(all))) {
      html.append("<li>" + swatchOfClass(label) + Html.escape(palette.name(label)) + "</li>\n");
    }
    if (maps) {
      html.append("<li><span class=\"swatch viridis\" aria-hidden=\"true\"></span>")
          .append("map, least to greatest, mean over channels</li>\n");
    }
    html.append("</ul>\n");
    parts.forEach(part -> html.append(part).append('\n'));
    html.append("</section>\n");
  }

  private String row(String network, String number, Row row) {
    StringBuilder pictures = new StringBuilder();
    StringBuilder maps = new StringBuilder();
    int i = 0;
    for (Strip.Cell cell : Strip.cells(row, palette)) {
      String path = PICTURES + "/" + number + "-" + ++i + ".png";
      PictureFiles.writePng(directory.resolve(path), cell.picture());
      boolean map = cell.kind() == Strip.Kind.MAP;
      (map ? maps : pictures)
          .append("<figure><img loading=\"lazy\" src=\"" + path + "\" width=\"")
          .append(cell.picture().getWidth() + "\" height=\"" + cell.picture().getHeight())
          .append("\" alt=\"" + Html.escape(alt(network, row, cell)) + "\"><figcaption><b>")
          .append(Html.escape(cell.title()) + "</b>" + (map ? Html.escape(cell.note()) : ""))
          .append("</figcaption></figure>\n");
    }
    String tiles = "\n<div class=\"tiles\">\n" + pictures + "</div>";
    return Html.element("h4", row.name())
        + tiles
        + (maps.isEmpty() ? "" : "\n<div class=\"tiles\">\n" + maps + "</div>");
  }

  private String alt(String network, Row row, Strip.Cell cell) {
    String what = cell.title() + " of " + row.name();
    return switch (cell.kind()) {
      case IMAGE -> what;
      case LABEL, PREDICTION -> what + ": " + String.join(", ", palette.namesBySize(cell.labels()));
      case MAP -> what + " in " + network + ", " + cell.note();
    };
  }

  private void provenance() {
    if (page.entries().isEmpty()) {
      return;
    }
    html.append("<section>\n<h2>Specs and provenance</h2>\n");
    for (Entry entry : page.entries()) {
      html.append("<details>\n" + Html.element("summary", entry.title()) + "\n");
      Set<Object> shown =
          entry.evaluations().values().stream()
              .map(e -> List.of(e.networkSpec(), e.parts()))
              .collect(Collectors.toCollection(LinkedHashSet::new));
      for (Object same : shown) {
        List<Map.Entry<String, Evaluation>> evaluations =
            entry.evaluations().entrySet().stream()
                .filter(e -> List.of(e.getValue().networkSpec(), e.getValue().parts()).equals(same))
                .toList();
        Evaluation evaluation = evaluations.get(0).getValue();
        String titles =
            evaluations.stream().map(Map.Entry::getKey).collect(Collectors.joining(", "));
        html.append(Html.element("h3", "Network: " + titles)).append('\n');
        fields(evaluation.networkSpec());
        parts(evaluation);
        evaluations.forEach(
            e -> {
              html.append(Html.element("h3", "Evaluation: " + e.getKey())).append('\n');
              html.append("<dl>\n");
              Fields.of(e.getValue().spec()).forEach(this::field);
              field("images", String.valueOf(e.getValue().images()));
              code("fingerprint", e.getValue().fingerprint());
              html.append("</dl>\n");
            });
      }
      for (Training training : entry.trainings()) {
        html.append(Html.element("h3", "Training: " + training.run())).append('\n');
        fields(training.spec());
      }
      html.append("</details>\n");
    }
    html.append("</section>\n");
  }

  private void fields(Record record) {
    html.append("<dl>\n");
    Fields.of(record).forEach(this::field);
    html.append("</dl>\n");
  }

  private void field(String name, String value) {
    html.append(Html.element("dt", name) + Html.element("dd", value) + "\n");
  }

  private void code(String name, String value) {
    html.append(Html.element("dt", name) + "<dd>" + Html.element("code", value) + "</dd>\n");
  }

  private void parts(Evaluation evaluation) {
    beginTable("Parts");
    html.append("<thead>\n<tr>");
    for (String title : List.of("Part", "Name", "Bundle", "Version", "SHA-256")) {
      html.append("<th scope=\"col\" class=\"text\">" + title + "</th>");
    }
    html.append("</tr>\n</thead>\n<tbody>\n");
    evaluation
        .parts()
        .forEach(
            part -> {
              html.append("<tr><th scope=\"row\">" + Html.escape(part.kind()) + "</th>");
              for (String text : List.of(part.name(), part.bundle(), part.version())) {
                html.append("<td class=\"text\">" + Html.escape(text) + "</td>");
              }
              html.append("<td class=\"text\">" + Html.element("code", part.sha256()))
                  .append("</td></tr>\n");
            });
    endTable();
  }
}
