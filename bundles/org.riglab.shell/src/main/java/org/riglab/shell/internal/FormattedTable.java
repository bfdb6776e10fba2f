package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.riglab.api.RigException;

/**
 * A table that can be written in several formats.
 *
 * @param title one line
 * @param header one name per column
 * @param rows as many entries as the header has names
 * @param note how to read it
 */
record FormattedTable(String title, List<String> header, List<List<Entry>> rows, String note) {
  /** The formats. */
  enum Format {
    /** For the terminal; best values have an exclamation mark. */
    TEXT,
    /** GitHub's tables. */
    MARKDOWN,
    /** A tabular with booktabs. */
    LATEX,
    /** RFC 4180; without note. */
    CSV,
    /** A page by itself. */
    HTML;

    static Format of(String name) {
      for (Format format : values()) {
        if (format.name().equalsIgnoreCase(name)) {
          return format;
        }
      }
      throw new RigException(
          "format is " + name + "; it must be text, markdown, latex, csv or html");
    }
  }

  /**
   * An entry.
   *
   * @param text may be empty
   * @param bold whether it is the best
   */
  record Entry(String text, boolean bold) {
    static Entry plain(String text) {
      return new Entry(text, false);
    }
  }

  /**
   * Writes all tables, one after the other.
   *
   * @param tables at least one
   * @param format of the result
   * @param columns of the terminal, for {@link Format#TEXT}
   */
  static String write(List<FormattedTable> tables, Format format, int columns) {
    String all =
        tables.stream()
            .map(table -> table.write(format, columns))
            .collect(Collectors.joining("\n"));
    return format == Format.HTML ? page(tables.get(0).title(), all) : all;
  }

  private String write(Format format, int columns) {
    return switch (format) {
      case TEXT -> terminal(columns);
      case MARKDOWN -> markdown();
      case LATEX -> latex();
      case CSV -> csv();
      case HTML -> html();
    };
  }

  private String terminal(int columns) {
    Table table = new Table(header);
    for (List<Entry> row : rows) {
      table.row(row.stream().map(e -> e.bold() ? e.text() + " !" : e.text()).toList());
    }
    return Text.wrap(title, 0, columns)
        + "\n"
        + table.text(columns, false)
        + Text.wrap(note + " ! marks the best.", 0, columns)
        + "\n";
  }

  private String lines(String before, String between, String after, Function<Entry, String> write) {
    StringBuilder lines = new StringBuilder();
    for (List<Entry> row : rows) {
      lines.append(before);
      lines.append(row.stream().map(write).collect(Collectors.joining(between)));
      lines.append(after);
    }
    return lines.toString();
  }

  private String markdown() {
    String rule = header.stream().map(name -> "---").collect(Collectors.joining(" | "));
    return "**"
        + bars(title)
        + "**\n\n| "
        + header.stream().map(FormattedTable::bars).collect(Collectors.joining(" | "))
        + " |\n| "
        + rule
        + " |\n"
        + lines("| ", " | ", " |\n", e -> e.bold() ? "**" + bars(e.text()) + "**" : bars(e.text()))
        + "\n"
        + bars(note)
        + "\n";
  }

  private static String bars(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
  }

  private String latex() {
    return "% "
        + title
        + "\n\\begin{tabular}{l"
        + "r".repeat(header.size() - 1)
        + "}\n\\toprule\n"
        + header.stream().map(FormattedTable::tex).collect(Collectors.joining(" & "))
        + " \\\\\n\\midrule\n"
        + lines(
            "", " & ", " \\\\\n", e -> e.bold() ? "\\textbf{" + tex(e.text()) + "}" : tex(e.text()))
        + "\\bottomrule\n\\end{tabular}\n% "
        + note
        + "\n";
  }

  private static String tex(String text) {
    StringBuilder tex = new StringBuilder();
    for (char c : text.toCharArray()) {
      tex.append(
          switch (c) {
            case '%', '&', '#', '_', '{', '}', '$' -> "\\" + c;
            case '^' -> "\\textasciicircum{}";
            case '~' -> "\\textasciitilde{}";
            case '\\' -> "\\textbackslash{}";
            case '<', '>' -> "$" + c + "$";
            case '±' -> "$\\pm$";
            default -> String.valueOf(c);
          });
    }
    return tex.toString();
  }

  private String csv() {
    List<String> lines = new ArrayList<>();
    lines.add(header.stream().map(FormattedTable::quoted).collect(Collectors.joining(",")));
    for (List<Entry> row : rows) {
      lines.add(row.stream().map(e -> quoted(e.text())).collect(Collectors.joining(",")));
    }
    return String.join("\n", lines) + "\n";
  }

  static String quoted(String text) {
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private String html() {
    return "<table>\n<caption>"
        + escaped(title)
        + "</caption>\n<tr>"
        + header.stream()
            .map(name -> "<th>" + escaped(name) + "</th>")
            .collect(Collectors.joining())
        + "</tr>\n"
        + lines(
            "<tr>",
            "",
            "</tr>\n",
            e ->
                e.bold()
                    ? "<td><b>" + escaped(e.text()) + "</b></td>"
                    : "<td>" + escaped(e.text()) + "</td>")
        + "</table>\n<p>"
        + escaped(note)
        + "</p>\n";
  }

  private static String page(String title, String body) {
    return String.format(
        Locale.ROOT,
        "<!DOCTYPE html>%n<html lang=\"en\">%n<meta charset=\"utf-8\">%n<title>%s</title>%n"
            + "<style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}"
            + "caption{text-align:left;font-weight:bold;margin-bottom:.5em}"
            + "th,td{padding:.3em .7em;border-bottom:1px solid #ccc;text-align:right}"
            + "th:first-child,td:first-child{text-align:left}p{max-width:60em;color:#555}"
            + "</style>%n%s</html>%n",
        escaped(title),
        body);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
