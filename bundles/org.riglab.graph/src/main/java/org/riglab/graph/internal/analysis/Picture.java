package org.riglab.graph.internal.analysis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.riglab.api.bench.Analysis;
import org.riglab.api.bench.Analysis.BlockCall;
import org.riglab.api.bench.Analysis.BlockFigures;
import org.riglab.api.bench.PartSpec;

/**
 * An unrolled network as SVG: a column per block, a row per iteration, drawn from the runs of its
 * trace alone. Text is set in whatever sans-serif font there is, with room to spare.
 */
final class Picture {
  private static final int BOX_WIDTH = 116;
  private static final int BOX_HEIGHT = 58;
  private static final int COLUMN = 204;
  private static final int ROW = 124;
  private static final int LEFT = 238; // of the first box
  private static final int TOP = 104; // of the first box, if nothing is above it
  private static final int GATE = 14; // radius
  private static final int GATE_LEFT = 30; // from a box's edge to its gate
  private static final int GUTTER = 66; // from a box's edge to where wires go up and down
  private static final int APART = 5; // two arrows into one gate
  private static final int LANE = 7; // between two wires of feedback
  private static final int SKIP_LANE = 3; // per column that a skip crosses

  static final String WIRE = "#4a5568";
  static final String OWN = "#d9480f";
  static final String FAR = "#7048a8";
  static final String SKIP = "#8a94a3";

  private final Analysis analysis;
  private final List<int[]> places = new ArrayList<>(); // row and column of each run
  private final List<Integer> iterations = new ArrayList<>(); // of each row
  private final Map<Integer, Integer> lanes = new LinkedHashMap<>();
  private final int top;
  private final StringBuilder wires = new StringBuilder();
  private final StringBuilder boxes = new StringBuilder();

  Picture(Analysis analysis) {
    this.analysis = analysis;
    place();
    top = TOP + SKIP_LANE * widestSkip();
  }

  private int widestSkip() {
    int widest = 0;
    for (int i = 0; i < analysis.runs().size(); i++) {
      for (int source : analysis.runs().get(i).inputs()) {
        if (source != Links.IMAGE && isSkip(analysis.runs().get(i), source)) {
          widest = Math.max(widest, span(source, i));
        }
      }
    }
    return widest;
  }

  /** A row per iteration; more than one where a block runs twice in what it calls one iteration. */
  private void place() {
    Map<String, Integer> times = new LinkedHashMap<>();
    List<int[]> keys = new ArrayList<>(); // iteration and how often the block ran in it before
    TreeSet<int[]> rows = new TreeSet<>((a, b) -> a[0] != b[0] ? a[0] - b[0] : a[1] - b[1]);
    for (BlockCall run : analysis.runs()) {
      String cell = run.gate() + " " + run.block() + " " + run.iteration();
      int[] key = {run.iteration(), times.merge(cell, 1, Integer::sum) - 1};
      keys.add(key);
      rows.add(key);
    }
    List<int[]> order = List.copyOf(rows);
    order.forEach(row -> iterations.add(row[0]));
    for (int i = 0; i < keys.size(); i++) {
      int[] key = keys.get(i);
      int row = rows.headSet(key).size();
      places.add(new int[] {row, analysis.runs().get(i).block() - 1});
    }
  }

  String svg() {
    int width = LEFT + analysis.blocks().size() * COLUMN + 40;
    int bottom = top + (iterations.size() - 1) * ROW + BOX_HEIGHT + 46;
    for (int i = 0; i < analysis.runs().size(); i++) {
      draw(i);
    }
    for (int i = 0; i < analysis.predictions().size(); i++) {
      prediction(i);
    }
    image();
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
        font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">
        <title>%3$s</title>
        <defs>
        """
            .formatted(width, bottom + 18, Svg.escaped(analysis.network())));
    for (String colour : List.of(WIRE, OWN, FAR, SKIP)) {
      svg.append(
          """
          <marker id="%s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
          orient="auto"><path d="M0 0.5L8 4L0 7.5z" fill="%s"/></marker>
          """
              .formatted(Svg.marker(colour), colour));
    }
    svg.append("</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    Svg.text(svg, 24, 36, "start", 19, "#1a202c", "bold", analysis.network());
    Svg.text(svg, 24, 58, "start", 13, WIRE, "normal", subtitle());
    Svg.text(svg, 24, 77, "start", 13, WIRE, "normal", totals());
    for (int row = 0; row < iterations.size(); row++) {
      int y = top + row * ROW + BOX_HEIGHT / 2 + 5;
      Svg.text(svg, 24, y, "start", 14, "#1a202c", "bold", "t = " + iterations.get(row));
    }
    svg.append(wires).append(boxes);
    new Legend(svg, bottom).write(analysis, iterations.size() > 1, wires);
    return svg.append("</svg>\n").toString();
  }

  private String subtitle() {
    List<String> words = new ArrayList<>();
    words.add(part(analysis.spec().backbone()));
    words.add("head " + part(analysis.spec().head()));
    words.add(part(analysis.spec().unroll()));
    if (!analysis.gates().isEmpty()) {
      String gated =
          analysis.gates().stream()
              .map(gate -> "B" + gate.block())
              .collect(Collectors.joining(", "));
      words.add("gate " + part(analysis.spec().gate()) + " at " + gated);
    }
    words.add("u = " + analysis.spec().iterations());
    words.add(analysis.spec().classes() + " classes");
    return String.join(" · ", words);
  }

  private String totals() {
    String depth =
        analysis.depth().paper().map(paper -> "effective depth " + paper + " (paper), ").orElse("")
            + "longest path "
            + analysis.depth().longestPath()
            + " convolutions";
    return "image %d×%d · %s parameters · %s multiply-adds · %s"
        .formatted(
            analysis.height(),
            analysis.width(),
            Svg.amount(analysis.parameters()),
            Svg.amount(analysis.multiplyAdds()),
            depth);
  }

  private static String part(PartSpec part) {
    return part.options().isEmpty()
        ? part.name()
        : part.options().entrySet().stream()
            .map(option -> option.getKey() + "=" + option.getValue())
            .collect(Collectors.joining(", ", part.name() + " (", ")"));
  }

  private int x(int run) {
    return LEFT + places.get(run)[1] * COLUMN;
  }

  private int middle(int run) {
    return top + places.get(run)[0] * ROW + BOX_HEIGHT / 2;
  }

  private int gateX(int run) {
    return x(run) - GATE_LEFT;
  }

  private void draw(int index) {
    BlockCall run = analysis.runs().get(index);
    if (run.gate()) {
      gate(index, run);
    } else {
      block(index, run);
    }
    for (int source : run.inputs()) {
      if (source == Links.IMAGE) {
        wire(imageRight(), middle(firstFromImage()), index);
      } else if (!analysis.runs().get(source).gate()
          && analysis.runs().get(source).block() >= run.block()) {
        feedback(source, index);
      } else if (isSkip(run, source)) {
        skip(source, index);
      } else {
        wire(source, index);
      }
    }
    run.feedback().stream()
        .filter(source -> source != Links.IMAGE)
        .forEach(source -> feedback(source, index));
  }

  /** Something carried past the block in front. */
  private boolean isSkip(BlockCall run, int source) {
    int from = analysis.runs().get(source).block();
    return run.inputs().stream()
        .filter(other -> other != Links.IMAGE && other != source)
        .map(other -> analysis.runs().get(other))
        .anyMatch(
            other ->
                other.block() > from
                    && other.block() <= run.block()
                    && (other.gate() || other.block() < run.block()));
  }

  private void block(int index, BlockCall run) {
    BlockFigures block = analysis.blocks().get(run.block() - 1);
    boolean once = block.runs() < iterations.size() && block.runs() == 1;
    int x = x(index);
    int y = middle(index) - BOX_HEIGHT / 2;
    boxes.append(
        """
        <rect x="%d" y="%d" width="%d" height="%d" rx="7" fill="%s" stroke="%s" stroke-width="1.4"/>
        """
            .formatted(
                x,
                y,
                BOX_WIDTH,
                BOX_HEIGHT,
                once ? "#eef1f5" : "#e3eefb",
                once ? "#7b8794" : "#2b6cb0"));
    int centre = x + BOX_WIDTH / 2;
    String name = "B" + run.block() + " " + block.name();
    Svg.text(boxes, centre, y + 19, "middle", 13, "#1a202c", "bold", name);
    Svg.text(boxes, centre, y + 35, "middle", 12, WIRE, "normal", shape(run.outputShape()));
    Svg.text(boxes, centre, y + 50, "middle", 12, WIRE, "normal", Svg.amount(run.multiplyAdds()));
  }

  private void gate(int index, BlockCall run) {
    int x = gateX(index);
    int y = middle(index);
    boxes.append(
        """
        <circle cx="%d" cy="%d" r="%d" fill="#ffe8cc" stroke="%s" stroke-width="1.6"/>
        """
            .formatted(x, y, GATE, OWN));
    Svg.text(boxes, x, y + 4, "middle", 11, "#1a202c", "bold", "G" + run.block());
    if (run.multiplyAdds() > 0) {
      Svg.text(
          boxes, x, y + GATE + 13, "middle", 11, WIRE, "normal", Svg.amount(run.multiplyAdds()));
    }
  }

  private int right(int run) {
    return analysis.runs().get(run).gate() ? gateX(run) + GATE : x(run) + BOX_WIDTH;
  }

  private void stroke(String colour, boolean dashed, int... points) {
    wires.append(Svg.path(colour, dashed, points));
  }

  private void wire(int source, int target) {
    wire(right(source), middle(source), target);
  }

  private void wire(int fromX, int fromY, int target) {
    int toX = analysis.runs().get(target).gate() ? gateX(target) - GATE : x(target);
    int toY = middle(target);
    int gutter = x(target) - GUTTER;
    if (fromY == toY) {
      stroke(WIRE, false, fromX, fromY, toX, toY);
    } else {
      stroke(WIRE, false, fromX, fromY, gutter, fromY, gutter, toY, toX, toY);
    }
  }

  /** Down from the source, along a lane of its own between two rows, down to the target. */
  private void feedback(int source, int target) {
    boolean gate = analysis.runs().get(target).gate();
    boolean own = analysis.runs().get(source).block() == analysis.runs().get(target).block();
    boolean alone = analysis.runs().get(target).feedback().size() < 2;
    int aside = alone ? 0 : own ? APART : -APART;
    int toX = gate ? gateX(target) + aside : x(target) + BOX_WIDTH / 4;
    int toY = middle(target) - (gate ? GATE : BOX_HEIGHT / 2);
    int fromX = x(source) + (own ? BOX_WIDTH / 4 : BOX_WIDTH / 2);
    int fromY = middle(source) + BOX_HEIGHT / 2;
    int lane =
        own
            ? fromY + LANE * 2
            : fromY + LANE * (3 + lanes.computeIfAbsent(source, key -> laneOf(source)));
    stroke(own ? OWN : FAR, true, fromX, fromY, fromX, lane, toX, lane, toX, toY);
  }

  private int laneOf(int source) {
    return (int)
        lanes.keySet().stream()
            .filter(other -> places.get(other)[0] == places.get(source)[0])
            .count();
  }

  /** Over the boxes of its row, or through the space above the target's. */
  private void skip(int source, int target) {
    boolean down = places.get(source)[0] < places.get(target)[0];
    int fromX = right(source) - BOX_WIDTH / 4;
    int fromY = middle(source) + (down ? BOX_HEIGHT / 2 : -BOX_HEIGHT / 2);
    int toX = x(target) + BOX_WIDTH / 3;
    int toY = middle(target) - BOX_HEIGHT / 2;
    int lane = (down ? toY : Math.min(fromY, toY)) - 8 - SKIP_LANE * span(source, target);
    stroke(SKIP, false, fromX, fromY, fromX, lane, toX, lane, toX, toY);
  }

  private int span(int source, int target) {
    return places.get(target)[1] - places.get(source)[1];
  }

  private int firstFromImage() {
    for (int i = 0; i < analysis.runs().size(); i++) {
      if (analysis.runs().get(i).inputs().contains(Links.IMAGE)) {
        return i;
      }
    }
    return 0;
  }

  private static int imageRight() {
    return LEFT - GUTTER - 10;
  }

  private void image() {
    int y = middle(firstFromImage());
    int width = 84;
    int x = imageRight() - width;
    boxes.append(
        """
        <rect x="%d" y="%d" width="%d" height="%d" rx="3" fill="#f0f7ee" stroke="#4b8b3b"/>
        """
            .formatted(x, y - 20, width, 40));
    Svg.text(boxes, x + width / 2, y - 3, "middle", 12, "#1a202c", "bold", "image");
    String size = "3×" + analysis.height() + "×" + analysis.width();
    Svg.text(boxes, x + width / 2, y + 12, "middle", 11, WIRE, "normal", size);
  }

  private void prediction(int index) {
    for (int source : analysis.predictions().get(index)) {
      if (source != Links.IMAGE) {
        int end = right(source) + 26;
        stroke(WIRE, false, right(source), middle(source), end, middle(source));
        boolean last = index == analysis.predictions().size() - 1;
        Svg.text(
            boxes,
            end + 4,
            middle(source) + 4,
            "start",
            12,
            "#1a202c",
            last ? "bold" : "normal",
            last ? "answer" : "y" + (index + 1));
      }
    }
  }

  private static String shape(List<Long> shape) {
    return shape.stream().map(String::valueOf).collect(Collectors.joining("×"));
  }
}
