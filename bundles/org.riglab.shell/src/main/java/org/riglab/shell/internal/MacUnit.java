package org.riglab.shell.internal;

/** A unit of multiply-adds in which the largest number has up to three digits or four. */
enum MacUnit {
  GMAC("GMACs", 1e9),
  MMAC("MMACs", 1e6),
  KMAC("kMACs", 1e3);

  private final String label;
  private final double size;

  MacUnit(String label, double size) {
    this.label = label;
    this.size = size;
  }

  static MacUnit of(double largest) {
    return largest >= GMAC.size ? GMAC : largest >= MMAC.size ? MMAC : KMAC;
  }

  /** As the head of a column has it. */
  String label() {
    return label;
  }

  String text(double number) {
    return Text.format("%,.3f", number / size);
  }
}
