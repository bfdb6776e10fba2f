package org.riglab.report.internal;

import java.nio.file.Path;
import java.util.List;
import org.riglab.api.bench.Report.Entry;
import org.riglab.api.bench.Report.Page;
import org.riglab.api.bench.Report.Row;

/** The rows of all networks as tiles that wrap; their pictures are files of stable names. */
final class ExampleSection {
  static final String PICTURES = "pictures";

  private final Html html;
  private final Path directory;
  private final Page page;
  private final Palette palette;

  private ExampleSection(Html html, Path directory, Page page) {
    this.html = html;
    this.directory = directory;
    this.page = page;
    this.palette = new Palette(page.classes());
  }

  /**
   * @param html to append to; nothing if there are no rows
   * @param directory of the page, where the pictures go
   * @param page what to show
   */
  static void write(Html html, Path directory, Page page) {
    if (page.entries().stream().anyMatch(e -> !e.rows().isEmpty())) {
      new ExampleSection(html, directory, page).write();
    }
  }

  private void write() {
    List<Entry> entries = page.entries();
    html.append("<section>\n<h2>Examples</h2>\n");
    List<Row> all = entries.stream().flatMap(e -> e.rows().stream()).toList();
    html.append("<ul class=\"key\" aria-label=\"Classes\">\n");
    for (int label : Palette.occurring(Strip.labelMaps(all))) {
      html.append(
          "<li>" + Html.swatch(palette, label) + Html.escape(palette.name(label)) + "</li>\n");
    }
    if (all.stream().anyMatch(r -> !r.maps().isEmpty())) {
      html.append("<li><span class=\"swatch viridis\" aria-hidden=\"true\"></span>")
          .append("map, least to greatest, mean over channels</li>\n");
    }
    html.append("</ul>\n");
    for (int i = 0; i < entries.size(); i++) {
      List<Row> rows = entries.get(i).rows();
      if (!rows.isEmpty()) {
        html.append(Html.element("h3", entries.get(i).title()) + "\n");
      }
      for (int j = 0; j < rows.size(); j++) {
        row(entries.get(i).title(), (i + 1) + "-" + (j + 1), rows.get(j));
      }
    }
    html.append("</section>\n");
  }

  private void row(String network, String number, Row row) {
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
    html.append(Html.element("h4", row.name()) + "\n");
    for (StringBuilder tiles : List.of(pictures, maps)) {
      if (!tiles.isEmpty()) {
        html.append("<div class=\"tiles\">\n" + tiles + "</div>\n");
      }
    }
  }

  private String alt(String network, Row row, Strip.Cell cell) {
    String what = cell.title() + " of " + row.name();
    return switch (cell.kind()) {
      case IMAGE -> what;
      case LABEL, PREDICTION -> what + ": " + String.join(", ", palette.namesBySize(cell.labels()));
      case MAP -> what + " in " + network + ", " + cell.note();
    };
  }
}
