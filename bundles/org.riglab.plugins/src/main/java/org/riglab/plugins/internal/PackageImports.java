package org.riglab.plugins.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.VersionRange;
import org.osgi.framework.namespace.PackageNamespace;

/** The packages that a bundle imports, as filters of the OSGi Repository specification. */
final class PackageImports {
  private static final Pattern CLAUSES = Pattern.compile("(?:[^,\"]|\"[^\"]*\")+");
  private static final Pattern FIELDS = Pattern.compile("(?:[^;\"]|\"[^\"]*\")+");
  private static final Pattern PACKAGE = Pattern.compile("osgi[.]wiring[.]package=([^)]+)[)]");
  private static final Pattern FLOOR = Pattern.compile("(?<!!)\\(version>=([^)]+)\\)");
  private static final Pattern CEILING = Pattern.compile("!\\(version>=([^)]+)\\)");

  private PackageImports() {}

  /**
   * @param header {@code Import-Package} of a manifest; may be null
   * @return a filter for each package that must be there
   */
  static List<String> filters(String header) {
    List<String> filters = new ArrayList<>();
    Matcher clauses = CLAUSES.matcher(header == null ? "" : header);
    while (clauses.find()) {
      List<String> names = new ArrayList<>();
      String range = "0";
      boolean optional = false;
      Matcher fields = FIELDS.matcher(clauses.group());
      while (fields.find()) {
        String field = fields.group().strip();
        if (field.startsWith("version=")) {
          range = field.substring("version=".length()).replace("\"", "");
        } else if (field.replace(" ", "").replace("\"", "").equals("resolution:=optional")) {
          optional = true;
        } else if (field.indexOf('=') < 0) {
          names.add(field);
        }
      }
      if (!optional) {
        String versions = new VersionRange(range).toFilterString("version");
        names.forEach(
            name ->
                filters.add(
                    "(&(%s=%s)%s)".formatted(PackageNamespace.PACKAGE_NAMESPACE, name, versions)));
      }
    }
    return filters;
  }

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
