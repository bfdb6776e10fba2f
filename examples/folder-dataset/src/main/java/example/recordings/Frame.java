package example.recordings;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One image of a recording. */
record Frame(Path image) {
  private static final String LABEL = "_label";
  private static final Pattern NAME = Pattern.compile("(?i)([^.].*)\\.(jpe?g|png)");

  static boolean isImage(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() && !name.group(1).endsWith(LABEL);
  }

  /** {@code 0001} of {@code monday/0001.jpg}. */
  private String stem() {
    return NAME.matcher(image.getFileName().toString()).replaceFirst("$1");
  }

  boolean is(String name) {
    return name.equals(stem()) || name.equals(image.getFileName().toString());
  }

  String id() {
    return image.getParent().getFileName() + "_" + stem();
  }

  Path label() {
    return image.resolveSibling(stem() + LABEL + ".png");
  }
}
