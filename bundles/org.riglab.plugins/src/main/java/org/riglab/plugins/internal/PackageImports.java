package org.riglab.plugins.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packages that a bundle imports, in words. */
final class PackageImports {
  private static final Pattern PACKAGE = Pattern.compile("osgi[.]wiring[.]package=([^)]+)[)]");
  private static final Pattern FLOOR = Pattern.compile("(?<!!)\\(version>=([^)]+)\\)");
  private static final Pattern CEILING = Pattern.compile("!\\(version>=([^)]+)\\)");

  private PackageImports() {}

  /**
   * @param filter of a package
   * @return for example {@code org.riglab.api [2.0.0,3.0.0)}
   */
  static String words(String filter) {
    Matcher name = PACKAGE.matcher(filter);
    Matcher floor = FLOOR.matcher(filter);
    Matcher ceiling = CEILING.matcher(filter);
    String from = floor.find() ? floor.group(1) : "0.0.0";
    String range =
        ceiling.find()
            ? " [" + from + "," + ceiling.group(1) + ")"
            : from.equals("0.0.0") ? "" : " " + from + " or later";
    return name.find() ? name.group(1) + range : filter;
  }
}
