package example.recordings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.images.Codes;

/**
 * The classes of {@code classes.csv}: {@code name,red,green,blue} per line, label 0 first. A class
 * named {@code void} does not count, and a name that comes again is another colour of its class.
 *
 * @param table the classes by label
 * @param labels colour 0xRRGGBB to label
 */
record Palette(ClassTable table, Map<Integer, Integer> labels) {
  private static final String VOID = "void";

  /**
   * @param csv the file
   * @return its classes
   * @throws RigException if a line is wrong; names file and line
   */
  static Palette read(Path csv) {
    List<ClassTable.Entry> entries = new ArrayList<>();
    Map<String, Integer> names = new LinkedHashMap<>();
    names.put(VOID, Dataset.VOID);
    Map<Integer, Integer> labels = new LinkedHashMap<>();
    int number = 0;
    for (String line : Recordings.lines(csv)) {
      number++;
      // Spreadsheets put a byte order mark in front
      String[] cells = line.replace("\uFEFF", "").strip().split("\\s*,\\s*");
      if (line.isBlank() || number == 1 && cells[cells.length - 1].matches("(?i)b|blue")) {
        continue;
      }
      int colour = colour(cells);
      if (colour < 0 || cells[0].isEmpty()) {
        throw new RigException(
            "%s: line %d is '%s', expected name,red,green,blue, for example ground,128,96,64"
                .formatted(csv, number, line.strip()));
      }
      if (!names.containsKey(cells[0])) {
        names.put(cells[0], entries.size());
        entries.add(new ClassTable.Entry(cells[0], colour));
      }
      if (labels.put(colour, names.get(cells[0])) != null) {
        throw new RigException(
            "%s: line %d: a second class has the colour %s".formatted(csv, number, hex(colour)));
      }
    }
    if (!ClassTable.allows(entries.size())) {
      throw new RigException(
          "%s: %d classes, expected %d to %d"
              .formatted(csv, entries.size(), ClassTable.LEAST, ClassTable.MOST));
    }
    return new Palette(new ClassTable(entries), labels);
  }

  private static int colour(String[] cells) {
    int colour = cells.length == 4 ? 0 : -1;
    for (int i = 1; i < cells.length && colour >= 0; i++) {
      boolean byteSized = cells[i].matches("\\d{1,3}") && Integer.parseInt(cells[i]) < 256;
      colour = byteSized ? colour << 8 | Integer.parseInt(cells[i]) : -1;
    }
    return colour;
  }

  private static String hex(int colour) {
    return "#%06x".formatted(colour);
  }

  /**
   * @param file for messages
   * @param map its colours
   * @return a label per pixel
   * @throws RigException if a colour is no class's; names file, pixel and colour
   */
  byte[] labels(Path file, Codes map) {
    byte[] result = new byte[map.values().length];
    for (int i = 0; i < result.length; i++) {
      Integer label = labels.get(map.values()[i]);
      if (label == null) {
        throw new RigException(
            "%s: colour %s (%d,%d,%d) at row %d, column %d is not in classes.csv"
                .formatted(
                    file,
                    hex(map.values()[i]),
                    map.values()[i] >> 16,
                    map.values()[i] >> 8 & 0xff,
                    map.values()[i] & 0xff,
                    i / map.width(),
                    i % map.width()));
      }
      result[i] = label.byteValue();
    }
    return result;
  }
}
