package org.riglab.report.internal;

/** Text inside markup. */
final class Html {
  private Html() {}

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
}
