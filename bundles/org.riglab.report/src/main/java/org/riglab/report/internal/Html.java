package org.riglab.report.internal;

import org.riglab.api.data.Dataset;

/** Markup of a page, as it grows. */
final class Html {
  /** Attribute of the header of a column of words. */
  static final String WORDS = " class=\"text\"";

  /** Attribute of a header as tall as two. */
  static final String TALL = " rowspan=\"2\"";

  /** Network colours in the style sheet; a ninth network has the first one's. */
  private static final int COLOURS = 8;

  private final StringBuilder text = new StringBuilder();

  /**
   * @param text from anywhere
   * @return safe inside elements and quoted attributes of HTML and SVG
   */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /**
   * @param name of the element
   * @param text from anywhere
   * @return the element with the escaped text
   */
  static String element(String name, String text) {
    return "<" + name + ">" + escape(text) + "</" + name + ">";
  }

  /**
   * @param network its place on the page, 0 for the first
   * @return the class of the style sheet that has its colour
   */
  static String style(int network) {
    return "s" + network % COLOURS;
  }

  /**
   * @param network its place on the page, 0 for the first
   * @return a patch of its colour
   */
  static String swatch(int network) {
    return "<span class=\"swatch "
        + style(network)
        + "\" style=\"background:currentColor\" aria-hidden=\"true\"></span>";
  }

  /**
   * @param palette colours
   * @param label a class or void
   * @return a patch of its colour
   */
  static String swatch(Palette palette, int label) {
    return label == Dataset.VOID
        ? "<span class=\"swatch void\" aria-hidden=\"true\"></span>"
        : String.format(
            "<span class=\"swatch\" style=\"background:#%06x\" aria-hidden=\"true\"></span>",
            palette.rgb(label));
  }

  /**
   * @param markup text, escaped by the caller where it comes from outside
   * @return this
   */
  Html append(String markup) {
    text.append(markup);
    return this;
  }

  /**
   * Begins a table that scrolls by itself where it is too wide.
   *
   * @param title for those who cannot see it
   */
  void beginTable(String title) {
    append("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"")
        .append(escape(title) + "\">\n<table>\n<thead>\n<tr>");
  }

  /** Ends the headers and begins the rows. */
  void beginBody() {
    append("</tr>\n</thead>\n<tbody>\n");
  }

  /** Ends a row. */
  void endRow() {
    append("</tr>\n");
  }

  /** Ends the table. */
  void endTable() {
    append("</tbody>\n</table>\n</div>\n");
  }

  /**
   * Adds the header of a column.
   *
   * @param title of the column
   * @param attributes beyond its scope; may be empty
   */
  void columnHeader(String title, String attributes) {
    append("<th scope=\"col\"" + attributes + ">" + escape(title) + "</th>");
  }

  /**
   * Begins a row with its header.
   *
   * @param first whether the row begins a group
   * @param swatch a patch of colour; may be empty
   * @param title of the row
   */
  void beginRow(boolean first, String swatch, String title) {
    append(first ? "<tr class=\"first\">" : "<tr>")
        .append("<th scope=\"row\">" + swatch + escape(title) + "</th>");
  }

  /**
   * Adds a cell with words.
   *
   * @param words from anywhere
   */
  void words(String words) {
    append("<td class=\"text\">" + escape(words) + "</td>");
  }

  /**
   * Adds a cell with a number.
   *
   * @param number for people
   * @param best whether it is the best of its kind
   */
  void number(String number, boolean best) {
    append(best ? "<td class=\"best\">" : "<td>").append(escape(number) + "</td>");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
