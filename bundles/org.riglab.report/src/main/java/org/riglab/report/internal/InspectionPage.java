package org.riglab.report.internal;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Inspection.ImageResult;
import org.riglab.api.bench.Report.Row;
import org.riglab.api.data.Dataset;
import org.riglab.base.AtomicFile;

/** One HTML file with everything in it. */
final class InspectionPage {
  private static final int RIGHT = 0x2E9E4F;
  private static final int WRONG = 0xC8302B;
  private static final int BETWEEN = 0xE0A020;
  private static final int STILL = 0xDDDDDD;
  private static final int ALREADY_WRONG = 0x999999;

  /** Sorts a table by the column whose header is clicked. */
  private static final String SORT =
      """
      document.querySelectorAll('th').forEach(th => th.addEventListener('click', () => {
        const body = th.closest('table').tBodies[0], i = th.cellIndex;
        const down = th.dataset.down = th.dataset.down === '1' ? '0' : '1';
        const value = row => parseFloat(row.cells[i].textContent);
        [...body.rows].sort((a, b) => (isNaN(value(a))
            ? a.cells[i].textContent.localeCompare(b.cells[i].textContent)
            : value(a) - value(b)) * (down === '1' ? -1 : 1)).forEach(row => body.append(row));
      }));
      """;

  private final Inspection inspection;
  private final Palette palette;
  private final Map<String, BufferedImage> pictures = new LinkedHashMap<>();

  InspectionPage(Inspection inspection) {
    this.inspection = inspection;
    this.palette = new Palette(inspection.classes());
    for (Inspection.Example example : inspection.examples()) {
      Row row = example.row();
      pictures.put(row.name(), Strip.draw(List.of(row), palette));
      for (int t = 1; t < row.predictions().size(); t++) {
        pictures.put(row.name() + "-flips-t" + (t + 1), flips(row, t));
      }
    }
  }

  /** Where pixels change to right (green), to wrong (red), between wrong classes (yellow). */
  static BufferedImage flips(Row row, int t) {
    int height = row.image().height();
    int width = row.image().width();
    byte[] label = row.label().orElseThrow();
    byte[] before = row.predictions().get(t - 1);
    byte[] now = row.predictions().get(t);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < label.length; i++) {
      picture.setRGB(i % width, i / width, colour(label[i], before[i], now[i]));
    }
    return picture;
  }

  private static int colour(byte label, byte before, byte now) {
    if ((label & 0xff) == Dataset.VOID) {
      return 0xFFFFFF;
    } else if (before == now) {
      return now == label ? STILL : ALREADY_WRONG;
    } else if (now == label) {
      return RIGHT;
    }
    return before == label ? WRONG : BETWEEN;
  }

  void write(Path file, Optional<Path> folder) {
    Map<String, String> figures = InspectionFigures.svg(inspection);
    String title = "Inspection of " + inspection.spec().network();
    Html html = new Html();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append(Html.element("title", title))
        .append(
            "\n<style>body{font-family:sans-serif;margin:1.5em auto;max-width:75em;padding:0 1em}"
                + "figure{display:inline-block;margin:.5em}img{max-width:100%}"
                + "img.flips{width:16em;image-rendering:pixelated}"
                + "table{border-collapse:collapse}th{cursor:pointer}"
                + "th,td{padding:.2em .7em;border-bottom:1px solid #ccc;text-align:right}"
                + "th:first-child,td:first-child{text-align:left}</style>\n</head>\n<body>\n")
        .append(Html.element("h1", title) + "\n");
    html.append(Html.element("p", summary()) + "\n");
    figures.values().forEach(svg -> html.append("<figure>" + svg + "</figure>\n"));
    gates(html);
    html.append("<h2>The worst images</h2>\n");
    html.append(
        "<p>Below each strip: pixels that turn right (green), wrong (red), from one wrong class to"
            + " another (yellow), stay right (light) or wrong (dark) in an iteration. Maps of"
            + " classes are class activation maps: the probability of the class at the stride of"
            + " the logits.</p>\n");
    pictures.forEach((name, picture) -> html.append(image(name, picture)));
    images(html);
    html.append("<script>\n" + SORT + "</script>\n</body>\n</html>\n");
    AtomicFile.writeText(file, html.toString());
    folder.ifPresent(directory -> files(directory, figures));
  }

  private void files(Path directory, Map<String, String> figures) {
    figures.forEach((name, svg) -> AtomicFile.writeText(directory.resolve(name + ".svg"), svg));
    pictures.forEach(
        (name, picture) -> PictureFiles.writePng(directory.resolve(name + ".png"), picture));
  }

  private String summary() {
    int iterations = inspection.iou().size();
    return inspection.images().size()
        + " images, "
        + iterations
        + (iterations == 1 ? " prediction" : " predictions")
        + " each. Mean IoU of an image in the last one: worst "
        + Numbers.percent(last(inspection.images().get(0)))
        + " %, best "
        + Numbers.percent(last(inspection.images().get(inspection.images().size() - 1)))
        + " %.";
  }

  private static double last(ImageResult image) {
    return image.meanIou().get(image.meanIou().size() - 1);
  }

  private void gates(Html html) {
    if (inspection.gates().isEmpty()) {
      return;
    }
    html.append("<h2>Gates</h2>\n<table>\n<thead><tr>");
    for (String name :
        List.of("gate", "mean", "deviation", "low", "high", "dead channels %", "saturated %")) {
      html.append(Html.element("th", name));
    }
    html.append("</tr></thead>\n<tbody>\n");
    inspection
        .gates()
        .forEach(
            (name, gate) -> {
              html.append("<tr>" + Html.element("td", name));
              html.number(Numbers.significant(gate.mean()), false);
              html.number(Numbers.significant(gate.deviation()), false);
              html.number(Numbers.significant(gate.low()), false);
              html.number(Numbers.significant(gate.high()), false);
              html.number(Numbers.percent(gate.dead()), false);
              html.number(Numbers.percent(gate.saturated()), false);
              html.append("</tr>\n");
            });
    html.append("</tbody>\n</table>\n");
  }

  private void images(Html html) {
    html.append("<h2>All images</h2>\n<table>\n<thead><tr>" + Html.element("th", "image"));
    int iterations = inspection.iou().size();
    for (int t = 1; t <= iterations; t++) {
      html.append(Html.element("th", "mIoU % t" + t));
    }
    html.append(Html.element("th", "pAcc %") + Html.element("th", "gain") + "</tr></thead>\n");
    html.append("<tbody>\n");
    for (ImageResult image : inspection.images()) {
      html.append("<tr>" + Html.element("td", image.id()));
      image.meanIou().forEach(value -> html.number(Numbers.percent(value), false));
      html.number(Numbers.percent(image.accuracy().get(iterations - 1)), false);
      html.number(Numbers.percent(last(image) - image.meanIou().get(0)), false);
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table>\n");
  }

  private static String image(String name, BufferedImage picture) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean flips = name.contains("-flips-");
    return "<figure><img"
        + (flips ? " class=\"flips\"" : "")
        + " alt=\""
        + Html.escape(name)
        + "\" src=\"data:image/png;base64,"
        + Base64.getEncoder().encodeToString(png.toByteArray())
        + "\"><figcaption>"
        + Html.escape(name)
        + "</figcaption></figure>\n";
  }
}
