package org.riglab.graph.internal.analysis;

import org.riglab.api.bench.Analysis;
import org.riglab.api.bench.Analysis.BlockCall;

/** What the signs in a picture of a network mean, in one line below it. */
final class Legend {
  private final StringBuilder svg;
  private final int y;
  private int x = 24;

  /**
   * @param svg gets the legend
   * @param y base line of its text
   */
  Legend(StringBuilder svg, int y) {
    this.svg = svg;
    this.y = y;
  }

  /**
   * @param analysis what is drawn
   * @param several whether there is more than one iteration
   * @param wires the lines that were drawn
   */
  void write(Analysis analysis, boolean several, StringBuilder wires) {
    note(
        analysis.blocks().stream().anyMatch(block -> block.runs() == 1) && several
            ? "box: block, output C×H×W, multiply-adds · grey box: runs once"
            : "box: block, output C×H×W, multiply-adds");
    if (analysis.runs().stream().anyMatch(BlockCall::gate)) {
      svg.append(
          "<circle cx=\"%d\" cy=\"%d\" r=\"7\" fill=\"#ffe8cc\" stroke=\"%s\"/>\n"
              .formatted(x + 7, y - 4, Picture.OWN));
      x += 20;
      note("gate");
    }
    sample(wires, Picture.OWN, "feedback of the block itself");
    sample(wires, Picture.FAR, "feedback of another block");
    sample(wires, Picture.SKIP, "carried past blocks");
  }

  private void sample(StringBuilder wires, String colour, String words) {
    if (wires.indexOf(colour) >= 0) {
      boolean dashed = !colour.equals(Picture.SKIP);
      svg.append(Svg.line(colour, dashed, "M%d %dH%d".formatted(x, y - 4, x + 28)));
      x += 34;
      note(words);
    }
  }

  private void note(String words) {
    Svg.text(svg, x, y, "start", 12, Picture.WIRE, "normal", words);
    x += words.length() * 13 / 2 + 18;
  }
}
