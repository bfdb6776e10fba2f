package org.riglab.shell.internal;

import java.util.Locale;

/** How a word is shown at a terminal with colours. */
enum Style {
  PLAIN(""),
  TITLE("1"),
  GOOD("32"),
  ACTIVE("36"),
  WARNING("33"),
  BAD("31"),
  FAINT("2");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  /**
   * @param word a state or a verdict
   * @return its style
   */
  static Style of(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "done", "ok", "active", "passed", "installed" -> GOOD;
      case "running" -> ACTIVE;
      case "paused", "warn", "note" -> WARNING;
      case "failed", "critical", "wrong", "missing" -> BAD;
      case "cancelled" -> FAINT;
      default -> PLAIN;
    };
  }

  /**
   * @param text without control characters
   * @return the text in this style
   */
  String on(String text) {
    return code.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
