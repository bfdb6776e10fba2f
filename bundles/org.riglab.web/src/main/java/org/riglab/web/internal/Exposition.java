package org.riglab.web.internal;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Metrics in Prometheus' text format 0.0.4. */
final class Exposition {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder();

  /**
   * Adds a gauge without labels.
   *
   * @param name of the metric
   * @param help one line
   * @param value of it
   */
  void gauge(String name, String help, double value) {
    head(name, help, "gauge");
    sample(name, Map.of(), value);
  }

  /**
   * Adds a counter without labels.
   *
   * @param name of the metric; ends in {@code _total}
   * @param help one line
   * @param value of it
   */
  void counter(String name, String help, double value) {
    head(name, help, "counter");
    sample(name, Map.of(), value);
  }

  /**
   * Begins a metric. Its samples are written next.
   *
   * @param type gauge or counter
   */
  void head(String name, String help, String type) {
    text.append("# HELP ")
        .append(name)
        .append(' ')
        .append(help.replace("\\", "\\\\").replace("\n", "\\n"))
        .append("\n# TYPE ")
        .append(name)
        .append(' ')
        .append(type)
        .append('\n');
  }

  /**
   * Adds a sample.
   *
   * @param labels by name
   * @param value may be NaN or infinite
   */
  void sample(String name, Map<String, String> labels, double value) {
    text.append(name);
    if (!labels.isEmpty()) {
      char before = '{';
      for (Map.Entry<String, String> label : labels.entrySet()) {
        text.append(before).append(label.getKey()).append("=\"");
        text.append(
            label.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
        text.append('"');
        before = ',';
      }
      text.append('}');
    }
    text.append(' ').append(number(value)).append('\n');
  }

  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  byte[] bytes() {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
