package org.riglab.report.internal;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.Report.Row;
import org.riglab.api.bench.RgbImage;

/** Rows of titled tiles in common columns: image, label, predictions, gate maps. */
final class Strip {
  private static final int SIZE = 13;
  private static final int MARGIN = 16;
  private static final int GAP = 10;
  private static final int SCALE = 72;

  /** Six of the widest tiles; more are shown below one another. */
  private static final int MOST_WIDTH = 2 * MARGIN - GAP + 6 * (Tile.MAX_WIDTH + GAP);

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

  /**
   * Where a column is.
   *
   * @param line of the tiles of a row
   * @param left edge in pixels
   */
  private record Place(int line, int left) {}

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
    Map<String, Place> places = places(cells);
    int width =
        MARGIN
            + places.entrySet().stream()
                .mapToInt(place -> place.getValue().left() + widest(cells, place.getKey()))
                .max()
                .orElse(0);
    Legend legend = new Legend(palette, Palette.occurring(labelMaps(rows)), lettering);
    int legendTop =
        MARGIN
            + cells.stream()
                .mapToInt(row -> lines(row, places).size() * height(row, lettering))
                .sum();
    BufferedImage sheet =
        Lettering.sheet(legendTop + legend.height(width - 2 * MARGIN) + MARGIN, width);
    Graphics2D g = Lettering.paint(sheet);
    int top = MARGIN;
    for (List<Cell> row : cells) {
      List<Integer> lines = lines(row, places);
      int height = height(row, lettering);
      for (Cell cell : row) {
        Place place = places.get(cell.title());
        draw(cell, sheet, g, lettering, place.left(), top + lines.indexOf(place.line()) * height);
      }
      top += lines.size() * height;
    }
    g.dispose();
    legend.draw(sheet, MARGIN, legendTop, width - 2 * MARGIN);
    return sheet;
  }

  /** Title, note and picture. */
  private static void draw(
      Cell cell, BufferedImage sheet, Graphics2D g, Lettering lettering, int x, int top) {
    int line = lettering.lineHeight();
    int room = cell.picture().getWidth();
    Lettering.write(g, lettering.bold(), Lettering.INK, cell.title(), x, top, room);
    Lettering.write(g, lettering.plain(), Lettering.FAINT_INK, cell.note(), x, top + line, room);
    if (cell.kind() == Kind.MAP) {
      int noteWidth = lettering.plain().stringWidth(cell.note()) + GAP;
      scale(sheet, x + noteWidth, top + line + line / 3, Math.min(SCALE, room - noteWidth));
    }
    g.drawImage(cell.picture(), x, top + 2 * line + GAP / 2, null);
  }

  /** Height of a line of tiles. */
  private static int height(List<Cell> row, Lettering lettering) {
    return 2 * lettering.lineHeight() + row.get(0).picture().getHeight() + GAP + GAP / 2;
  }

  /** The lines that a row has tiles in. */
  private static List<Integer> lines(List<Cell> row, Map<String, Place> places) {
    return row.stream().map(cell -> places.get(cell.title()).line()).distinct().sorted().toList();
  }

  /** Side by side, if they fit; else in lines, of which maps begin a new one. */
  private static Map<String, Place> places(List<List<Cell>> cells) {
    Map<String, Kind> titles = titles(cells);
    boolean fits =
        2 * MARGIN - GAP + titles.keySet().stream().mapToInt(t -> widest(cells, t) + GAP).sum()
            <= MOST_WIDTH;
    Map<String, Place> places = new LinkedHashMap<>();
    int line = 0;
    int right = MARGIN;
    boolean maps = false;
    for (Map.Entry<String, Kind> title : titles.entrySet()) {
      int width = widest(cells, title.getKey());
      boolean firstMap = title.getValue() == Kind.MAP && !maps;
      maps |= firstMap;
      if (!fits && right > MARGIN && (firstMap || right + width + MARGIN > MOST_WIDTH)) {
        line++;
        right = MARGIN;
      }
      places.put(title.getKey(), new Place(line, right));
      right += width + GAP;
    }
    return places;
  }

  private static void scale(BufferedImage sheet, int left, int top, int width) {
    for (int x = 0; x < width; x++) {
      for (int y = 0; y < SIZE / 2; y++) {
        sheet.setRGB(left + x, top + y, Viridis.rgb((double) x / width));
      }
    }
  }

  /** Columns by kind, then in the order of the first row that has them. */
  private static Map<String, Kind> titles(List<List<Cell>> rows) {
    Map<String, Kind> titles = new LinkedHashMap<>();
    rows.stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparing(Cell::kind))
        .forEach(cell -> titles.putIfAbsent(cell.title(), cell.kind()));
    return titles;
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
