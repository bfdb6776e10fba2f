package org.riglab.report.internal;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.Report.Row;
import org.riglab.api.bench.RgbImage;

/** Rows of titled tiles in common columns: image, label, predictions, gate maps. */
final class Strip {
  private static final int SIZE = 13;
  private static final int MARGIN = 16;
  private static final int GAP = 10;
  private static final int SCALE = 72;

  /** What a cell shows, in the order of the columns. */
  enum Kind {
    /** The image. */
    IMAGE,
    /** The true labels. */
    LABEL,
    /** Predicted labels. */
    PREDICTION,
    /** A gate map. */
    MAP
  }

  private static final byte[] NONE = {};

  private Strip() {}

  /**
   * A picture in a row.
   *
   * @param kind of picture
   * @param title what it shows, the same in all rows
   * @param note what is particular to this row; may be empty
   * @param labels what is shown; empty if it is no label map
   * @param picture of the row's tile size
   */
  @SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
  record Cell(Kind kind, String title, String note, byte[] labels, BufferedImage picture) {}

  /**
   * @param row the row
   * @param palette names and colours
   * @return its pictures in order
   * @throws RigException if sizes or labels are wrong
   */
  static List<Cell> cells(Row row, Palette palette) {
    RgbImage image = row.image();
    Palette.check(image, "image " + row.name());
    Tile tile = Tile.of(image.height(), image.width());
    List<Cell> cells = new ArrayList<>();
    cells.add(new Cell(Kind.IMAGE, "image", row.name(), NONE, tile.image(image)));
    row.label()
        .ifPresent(
            l ->
                cells.add(
                    labels(Kind.LABEL, "label", "label of " + row.name(), l, row, tile, palette)));
    for (int i = 0; i < row.predictions().size(); i++) {
      String title = row.predictions().size() == 1 ? "prediction" : "iteration " + (i + 1);
      cells.add(
          labels(
              Kind.PREDICTION,
              title,
              title + " of " + row.name(),
              row.predictions().get(i),
              row,
              tile,
              palette));
    }
    row.maps()
        .forEach(
            (title, map) -> {
              MeanMap mean = MeanMap.of(map, title);
              cells.add(new Cell(Kind.MAP, title, mean.range(), NONE, tile.map(mean)));
            });
    return cells;
  }

  private static Cell labels(
      Kind kind, String title, String what, byte[] labels, Row row, Tile tile, Palette palette) {
    int height = row.image().height();
    int width = row.image().width();
    palette.check(labels, height, width, what);
    return new Cell(kind, title, "", labels, tile.labels(labels, height, width, palette));
  }

  /**
   * @param rows some rows
   * @return all label maps in them
   */
  static List<byte[]> labelMaps(List<Row> rows) {
    List<byte[]> maps = new ArrayList<>();
    for (Row row : rows) {
      row.label().ifPresent(maps::add);
      maps.addAll(row.predictions());
    }
    return maps;
  }

  /**
   * @param rows what to show, at least one
   * @param palette names and colours
   * @return the picture
   */
  static BufferedImage draw(List<Row> rows, Palette palette) {
    if (rows.isEmpty()) {
      throw new RigException("a strip needs at least one row");
    }
    Lettering lettering = Lettering.of(SIZE);
    List<List<Cell>> cells = rows.stream().map(row -> cells(row, palette)).toList();
    Map<String, Integer> lefts = new LinkedHashMap<>();
    int right = MARGIN;
    for (String title : titles(cells)) {
      lefts.put(title, right);
      right += widest(cells, title) + GAP;
    }
    int width = right - GAP + MARGIN;
    int line = lettering.lineHeight();
    Legend legend = new Legend(palette, Palette.occurring(labelMaps(rows)), lettering);
    int height = MARGIN;
    for (List<Cell> row : cells) {
      height += 2 * line + row.get(0).picture().getHeight() + GAP + GAP / 2;
    }
    int legendTop = height;
    BufferedImage sheet =
        Lettering.sheet(height + legend.height(width - 2 * MARGIN) + MARGIN, width);
    Graphics2D g = Lettering.paint(sheet);
    int top = MARGIN;
    for (List<Cell> row : cells) {
      for (Cell cell : row) {
        int x = lefts.get(cell.title());
        int room = cell.picture().getWidth();
        Lettering.write(g, lettering.bold(), Lettering.INK, cell.title(), x, top, room);
        Lettering.write(
            g, lettering.plain(), Lettering.FAINT_INK, cell.note(), x, top + line, room);
        if (cell.kind() == Kind.MAP) {
          int noteWidth = lettering.plain().stringWidth(cell.note()) + GAP;
          scale(sheet, x + noteWidth, top + line + line / 3, Math.min(SCALE, room - noteWidth));
        }
        g.drawImage(cell.picture(), x, top + 2 * line + GAP / 2, null);
      }
      top += 2 * line + row.get(0).picture().getHeight() + GAP + GAP / 2;
    }
    g.dispose();
    legend.draw(sheet, MARGIN, legendTop, width - 2 * MARGIN);
    return sheet;
  }

  private static void scale(BufferedImage sheet, int left, int top, int width) {
    for (int x = 0; x < width; x++) {
      for (int y = 0; y < SIZE / 2; y++) {
        sheet.setRGB(left + x, top + y, Viridis.rgb((double) x / width));
      }
    }
  }

  /** Columns by kind, then in the order of the first row that has them. */
  private static Set<String> titles(List<List<Cell>> rows) {
    return rows.stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparing(Cell::kind))
        .map(Cell::title)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static int widest(List<List<Cell>> rows, String title) {
    return rows.stream()
        .flatMap(List::stream)
        .filter(cell -> cell.title().equals(title))
        .mapToInt(cell -> cell.picture().getWidth())
        .max()
        .orElse(0);
  }
}
