package org.riglab.report.internal;

import java.nio.file.Path;
import java.util.List;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.Sample;

/** Writes one of everything, to look at. */
final class Gallery {
  private Gallery() {}

  /**
   * @param args a directory
   */
  public static void main(String[] args) {
    Path out = Path.of(args[0]);
    ReportService report = new ReportService();
    for (int width : new int[] {64, 480, 1600}) {
      Sample s = Fixtures.scene(5, width * 3 / 4, width);
      RgbImage image = new RgbImage(s.height(), s.width(), s.image());
      report.overlay(out.resolve("overlay-" + width + ".png"), image, s.label(), Fixtures.CLASSES);
      report.labelMap(
          out.resolve("labels-" + width + ".png"),
          s.label(),
          s.height(),
          s.width(),
          Fixtures.CLASSES);
    }
    report.strip(
        out.resolve("strip.png"),
        List.of(
            Fixtures.row(3, 64, 64, 2), Fixtures.row(4, 360, 480, 3), Fixtures.row(9, 300, 90, 1)),
        Fixtures.CLASSES);
    for (int classes : new int[] {11, 21, 171}) {
      report.confusion(
          out.resolve("confusion-" + classes + ".png"),
          Fixtures.confusion(classes),
          Fixtures.classes(classes),
          "rig on voc2012 val: mIoU 61.25 %");
    }
    report.contactSheet(out.resolve("sheet.png"), Fixtures.split(40), 12, Fixtures.CLASSES);
    report.page(out.resolve("page"), Fixtures.page());
  }
}
