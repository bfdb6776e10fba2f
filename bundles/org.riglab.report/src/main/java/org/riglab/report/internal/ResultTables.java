package org.riglab.report.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Report.Entry;
import org.riglab.api.bench.Report.Page;
import org.riglab.api.metric.Scores;

/** The tables of final evaluations. */
final class ResultTables {
  private static final List<String> USUAL_VALUES = List.of("mIoU", "pAcc", "mAcc");

  private final Html html;
  private final Page page;

  private ResultTables(Html html, Page page) {
    this.html = html;
    this.page = page;
  }

  /**
   * @param html to append to; nothing if there are no evaluations
   * @param page what to tell
   */
  static void write(Html html, Page page) {
    List<Result> results = results(page);
    if (!results.isEmpty()) {
      ResultTables tables = new ResultTables(html, page);
      tables.results(results);
      tables.classes(results);
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

  private static List<Result> results(Page page) {
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
    html.beginTable("Results");
    html.columnHeader("Network", Html.TALL + Html.WORDS);
    html.columnHeader("Evaluation", Html.TALL + Html.WORDS);
    html.append("<th scope=\"colgroup\" colspan=\"" + iterations + "\">")
        .append(iterations == 1 ? "mIoU</th>" : "mIoU of iteration</th>");
    html.columnHeader("pAcc", Html.TALL);
    html.columnHeader("mAcc", Html.TALL);
    others.forEach(name -> html.columnHeader(name, Html.TALL));
    html.columnHeader("images/s", Html.TALL);
    html.columnHeader("images", Html.TALL);
    html.append("</tr>\n<tr>");
    for (int t = 1; t <= iterations; t++) {
      html.columnHeader(String.valueOf(t), "");
    }
    html.beginBody();
    double best = best(results, r -> r.value("mIoU"));
    for (int i = 0; i < results.size(); i++) {
      Result r = results.get(i);
      boolean first = i == 0 || results.get(i - 1).entry() != r.entry();
      html.beginRow(first, Html.swatch(r.entry()), r.network());
      html.words(r.title());
      int last = r.evaluation().iterations().size() - 1;
      for (int t = 0; t < iterations; t++) {
        html.number(Numbers.percent(r.mIoU(t)), t == last && r.mIoU(t) == best);
      }
      html.number(Numbers.percent(r.value("pAcc")), false);
      html.number(Numbers.percent(r.value("mAcc")), false);
      for (String name : others) {
        html.number(Numbers.significant(r.value(name)), false);
      }
      html.number(Numbers.significant(r.evaluation().imagesPerSecond()), false);
      html.number(String.valueOf(r.evaluation().images()), false);
      html.endRow();
    }
    html.endTable();
    html.append("<p class=\"note\">mIoU, pAcc and mAcc in percent; pAcc and mAcc of the last")
        .append(" iteration. The best final mIoU is bold.</p>\n</section>\n");
  }

  private void classes(List<Result> results) {
    Palette palette = new Palette(page.classes());
    html.append("<section>\n<h2>IoU per class</h2>\n");
    html.beginTable("IoU per class");
    html.columnHeader("Class", Html.TALL + Html.WORDS);
    for (int i = 0; i < results.size(); ) {
      int entry = results.get(i).entry();
      long span = results.stream().filter(r -> r.entry() == entry).count();
      html.append("<th scope=\"colgroup\" colspan=\"" + span + "\">")
          .append(Html.swatch(entry) + Html.escape(results.get(i).network()) + "</th>");
      i += (int) span;
    }
    html.append("</tr>\n<tr>");
    results.forEach(r -> html.columnHeader(r.title(), ""));
    html.beginBody();
    for (int label = 0; label < page.classes().size(); label++) {
      int c = label;
      double best = best(results, r -> r.iou(c));
      html.beginRow(false, Html.swatch(palette, label), palette.name(label));
      results.forEach(r -> html.number(Numbers.percent(r.iou(c)), r.iou(c) == best));
      html.endRow();
    }
    html.endTable();
    html.append("<p class=\"note\">Percent, last iteration. " + Numbers.NONE)
        .append(": the class does not occur. The best of each row is bold.</p>\n</section>\n");
  }

  /** The greatest value; NaN, which nothing equals, where there is nothing to compare. */
  private static double best(List<Result> results, ToDoubleFunction<Result> value) {
    return results.size() < 2
        ? Double.NaN
        : results.stream().mapToDouble(value).filter(Double::isFinite).max().orElse(Double.NaN);
  }
}
