package org.riglab.report.internal;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.Dataset;

/** A row's pictures, each in a file of its own. */
final class LayerFiles {
  private static final int OPAQUE = 0xFF000000;

  private LayerFiles() {}

  static List<Report.Layer> write(Path directory, Report.Row row, Palette palette) {
    List<Report.Layer> layers = new ArrayList<>();
    RgbImage image = row.image();
    Palette.check(image, "image " + row.name());
    layers.add(picture(directory, "image", rgb(image)));
    row.label().ifPresent(l -> layers.add(labels(directory, "label", l, row, palette)));
    for (int t = 1; t <= row.predictions().size(); t++) {
      layers.add(labels(directory, "t" + t, row.predictions().get(t - 1), row, palette));
    }
    row.maps()
        .forEach(
            (name, map) -> {
              MeanMap mean = MeanMap.of(map, name);
              PictureFiles.writePng(directory.resolve(name + ".png"), grey(mean));
              layers.add(new Report.Layer(name, mean.min(), mean.max()));
            });
    return layers;
  }

  private static Report.Layer picture(Path directory, String name, BufferedImage picture) {
    PictureFiles.writePng(directory.resolve(name + ".png"), picture);
    return new Report.Layer(name, Double.NaN, Double.NaN);
  }

  private static Report.Layer labels(
      Path directory, String name, byte[] labels, Report.Row row, Palette palette) {
    int height = row.image().height();
    int width = row.image().width();
    palette.check(labels, height, width, name + " of " + row.name());
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < labels.length; i++) {
      int label = labels[i] & 0xFF;
      int colour = label == Dataset.VOID ? 0 : OPAQUE | palette.rgb(label);
      picture.setRGB(i % width, i / width, colour);
    }
    return picture(directory, name, picture);
  }

  private static BufferedImage rgb(RgbImage image) {
    BufferedImage picture =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    for (int i = 0; i < image.height() * image.width(); i++) {
      int colour = (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | rgb[3 * i + 2] & 0xFF;
      picture.setRGB(i % image.width(), i / image.width(), colour);
    }
    return picture;
  }

  /** Values that are not finite are black. */
  private static BufferedImage grey(MeanMap map) {
    BufferedImage picture =
        new BufferedImage(map.width(), map.height(), BufferedImage.TYPE_BYTE_GRAY);
    double range = map.max() > map.min() ? map.max() - map.min() : 1;
    for (int i = 0; i < map.values().length; i++) {
      double share = (map.values()[i] - map.min()) / range;
      int level = Double.isFinite(share) ? (int) Math.round(255 * share) : 0;
      picture.getRaster().setSample(i % map.width(), i / map.width(), 0, level);
    }
    return picture;
  }
}
