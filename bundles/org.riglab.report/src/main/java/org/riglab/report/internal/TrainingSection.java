package org.riglab.report.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.riglab.api.bench.Report.Entry;
import org.riglab.api.bench.Report.Page;
import org.riglab.api.bench.Training;
import org.riglab.report.internal.Curves.Point;

/** The curves of all networks together, and a table of their trainings. */
final class TrainingSection {
  /** With more points than this, dots would hide the line. */
  private static final int MAX_DOTS = 40;

  private final Html html;
  private final Page page;

  private TrainingSection(Html html, Page page) {
    this.html = html;
    this.page = page;
  }

  /**
   * @param html to append to; nothing if there are no trainings
   * @param page what to tell
   */
  static void write(Html html, Page page) {
    if (page.entries().stream().anyMatch(e -> !e.trainings().isEmpty())) {
      new TrainingSection(html, page).write();
    }
  }

  private void write() {
    List<Entry> entries = page.entries();
    html.append("<section>\n<h2>Training</h2>\n");
    long end = entries.stream().mapToLong(e -> Curves.end(e.trainings())).max().orElseThrow();
    Axis steps = Axis.exact(0, end, 5);
    List<Long> joins = new ArrayList<>();
    List<Chart.Line> raw = new ArrayList<>();
    List<Chart.Line> smooth = new ArrayList<>();
    List<Chart.Line> miou = new ArrayList<>();
    int mostIterations = 1;
    for (int i = 0; i < entries.size(); i++) {
      List<Training> trainings = entries.get(i).trainings();
      List<Point> loss = Curves.loss(trainings);
      raw.add(new Chart.Line("raw " + Html.style(i), Curves.thin(loss), false));
      smooth.add(new Chart.Line(Html.style(i), Curves.thin(Curves.smooth(loss)), false));
      Curves.starts(trainings).stream().skip(1).forEach(joins::add);
      List<List<Point>> curves = Curves.mIoU(trainings);
      mostIterations = Math.max(mostIterations, curves.size());
      for (int t = 0; t < curves.size(); t++) {
        boolean last = t == curves.size() - 1;
        List<Point> percent =
            curves.get(t).stream().map(p -> new Point(p.x(), 100 * p.y())).toList();
        miou.add(
            new Chart.Line(
                Html.style(i) + (last ? "" : " " + dash(t)),
                percent,
                last && percent.size() <= MAX_DOTS));
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
      key(Html.style(i), page.entries().get(i).title());
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
    html.beginTable("Trainings");
    for (String text : List.of("Network", "Run", "Ended")) {
      html.columnHeader(text, Html.WORDS);
    }
    for (String number :
        List.of("steps", "last loss", "best mIoU", "at step", "images/s", "waiting for data")) {
      html.columnHeader(number, "");
    }
    html.beginBody();
    for (int i = 0; i < page.entries().size(); i++) {
      boolean first = true;
      for (Training t : page.entries().get(i).trainings()) {
        html.beginRow(first, Html.swatch(i), page.entries().get(i).title());
        html.words(t.run());
        html.words(SpecFields.words(t.end().name()));
        int steps = t.points().size();
        List<Point> smooth = Curves.smooth(Curves.loss(List.of(t)));
        html.number(steps == 0 ? Numbers.NONE : Numbers.fixed(smooth.get(steps - 1).x(), 0), false);
        html.number(
            steps == 0 ? Numbers.NONE : Numbers.significant(smooth.get(steps - 1).y()), false);
        html.number(Numbers.percent(t.bestMIoU()), false);
        html.number(
            Double.isNaN(t.bestMIoU()) ? Numbers.NONE : String.valueOf(t.bestStep()), false);
        html.number(Numbers.significant(t.imagesPerSecond()), false);
        String waiting = Numbers.percent(t.waiting());
        html.number(waiting.equals(Numbers.NONE) ? waiting : waiting + "\u00a0%", false);
        html.endRow();
        first = false;
      }
    }
    html.endTable();
    html.append("<p class=\"note\">Last loss: smoothed. mIoU in percent, on the validation")
        .append(" split.</p>\n");
  }
}
