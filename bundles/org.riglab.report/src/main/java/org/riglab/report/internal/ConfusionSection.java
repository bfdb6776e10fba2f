package org.riglab.report.internal;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Report.Entry;
import org.riglab.api.bench.Report.Page;

/** The confusion matrix of every network's last evaluation that has one. */
final class ConfusionSection {
  private ConfusionSection() {}

  /**
   * @param html to append to; nothing if there is no matrix
   * @param directory of the page, where the pictures go
   * @param page what to show
   */
  static void write(Html html, Path directory, Page page) {
    StringBuilder figures = new StringBuilder();
    for (int i = 0; i < page.entries().size(); i++) {
      Entry entry = page.entries().get(i);
      List<Map.Entry<String, Evaluation>> evaluations =
          entry.evaluations().entrySet().stream()
              .filter(e -> !e.getValue().answer().confusion().isEmpty())
              .toList();
      if (!evaluations.isEmpty()) {
        Map.Entry<String, Evaluation> last = evaluations.get(evaluations.size() - 1);
        String path = ExampleSection.PICTURES + "/confusion-" + (i + 1) + ".png";
        String title = entry.title() + ", " + last.getKey();
        BufferedImage picture =
            ConfusionPicture.draw(last.getValue().answer().confusion(), page.classes(), title);
        PictureFiles.writePng(directory.resolve(path), picture);
        figures
            .append("<figure class=\"sheet\"><a href=\"" + path + "\"><img loading=\"lazy\" src=\"")
            .append(path + "\" width=\"" + picture.getWidth() + "\" height=\"")
            .append(picture.getHeight() + "\" alt=\"Confusion matrix of ")
            .append(Html.escape(title) + "\"></a></figure>\n");
      }
    }
    if (!figures.isEmpty()) {
      html.append("<section>\n<h2>Confusion</h2>\n" + figures)
          .append("<p class=\"note\">Last iteration. Each row in percent of its label's pixels;")
          .append(" a grey row has none.</p>\n</section>\n");
    }
  }
}
