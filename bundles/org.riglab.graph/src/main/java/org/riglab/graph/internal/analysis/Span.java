package org.riglab.graph.internal.analysis;

/**
 * Rows or columns.
 *
 * @param from the first
 * @param to the last
 */
record Span(long from, long to) {
  static final Span NONE = new Span(0, -1);

  static Span at(long index) {
    return new Span(index, index);
  }

  static Span all(long size) {
    return new Span(0, size - 1);
  }

  long size() {
    return to - from + 1;
  }

  Span and(Span other) {
    return other == null ? this : new Span(Math.min(from, other.from), Math.max(to, other.to));
  }

  Span clipped(long size) {
    return new Span(Math.max(0, from), Math.min(size - 1, to));
  }

  Span window(long stride, long padding, long reach) {
    return new Span(from * stride - padding, to * stride - padding + reach);
  }
}
