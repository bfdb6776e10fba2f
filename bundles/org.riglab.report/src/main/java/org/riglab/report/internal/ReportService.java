package org.riglab.report.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Split;

/** {@link Report} by Java2D, ImageIO and plain HTML. Thread safe. */
@Component
public final class ReportService implements Report {
  @Override
  public RgbImage read(Path file, boolean upright) {
    return PictureFiles.read(file, upright);
  }

  @Override
  public void labelMap(Path png, byte[] labels, int height, int width, ClassTable classes) {
    Palette palette = new Palette(classes);
    palette.check(labels, height, width, "label map " + png.getFileName());
    PictureFiles.writePng(png, palette.indexed(labels, height, width));
  }

  @Override
  public void overlay(Path png, RgbImage image, byte[] labels, ClassTable classes) {
    Palette palette = new Palette(classes);
    Palette.check(image, "image of overlay " + png.getFileName());
    palette.check(labels, image.height(), image.width(), "overlay " + png.getFileName());
    PictureFiles.writePng(png, Overlay.draw(image, labels, palette));
  }

  @Override
  public void strip(Path png, List<Row> rows, ClassTable classes) {
    PictureFiles.writePng(png, Strip.draw(rows, new Palette(classes)));
  }

  @Override
  public List<Layer> layers(Path directory, Row row, ClassTable classes) {
    return LayerFiles.write(directory, row, new Palette(classes));
  }

  @Override
  public void contactSheet(Path png, Split split, int count, ClassTable classes) {
    PictureFiles.writePng(png, ContactSheet.draw(split, count, new Palette(classes)));
  }

  @Override
  public void confusion(Path png, List<List<Long>> counts, ClassTable classes, String title) {
    PictureFiles.writePng(png, ConfusionPicture.draw(counts, classes, title));
  }

  @Override
  public String svg(Figure figure) {
    return FigureDrawing.draw(figure);
  }

  @Override
  public String svg(Figure.Matrix matrix) {
    return MatrixDrawing.draw(matrix);
  }

  @Override
  public void inspection(Path html, Inspection inspection, Optional<Path> folder) {
    new InspectionPage(inspection).write(html, folder);
  }

  @Override
  public Path page(Path directory, Page page) {
    return PageWriter.write(directory, page);
  }
}
