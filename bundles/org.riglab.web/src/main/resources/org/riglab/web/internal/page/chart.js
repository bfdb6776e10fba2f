import uPlot from "/uPlot.esm.js";
import { dark, series as colour } from "./colours.js";
import { h } from "./dom.js";
import { number, percent } from "./format.js";

function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A tick: as few digits as tell it from the next. */
function short(value) {
  if (value === null) return "";
  const size = Math.abs(value);
  return size >= 1e6 || (size > 0 && size < 1e-3) ? value.toExponential() : String(Number(value.toPrecision(6)));
}

/**
 * A chart of curves over steps.
 *
 * @param title names it
 * @param share whether values are shown in percent
 * @param log whether the value axis is logarithmic
 */
export class Chart {
  constructor({ title, share = false, log = false }) {
    this.title = title;
    this.share = share;
    this.log = log;
    this.lines = [];
    this.plot = null;
    this.place = h("div", { class: "plot" });
    this.legend = h("ul", { class: "legend" });
    this.element = h(
      "figure",
      { class: "chart card", role: "group", "aria-label": title },
      h("figcaption", { text: title }),
      this.place,
      this.legend,
    );
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.place);
    this.themed = () => this.draw();
    dark.addEventListener("change", this.themed);
  }

  /**
   * Shows lines. An old plot is kept where they are as many and named as before.
   *
   * @param lines {label, step, mean, low, high}; low and high may be missing
   */
  show(lines) {
    const same =
      this.plot && lines.length === this.lines.length && lines.every((l, i) => l.label === this.lines[i].label && Boolean(l.low) === Boolean(this.lines[i].low));
    this.lines = lines;
    if (same) {
      this.plot.setData(this.data());
      this.values(null);
    } else {
      this.draw();
    }
  }

  data() {
    if (this.lines.length === 0) return [[], []];
    // NaN has no place on a chart: a gap.
    const clean = (values) => values.map((v) => (Number.isFinite(v) ? v : null));
    return uPlot.join(
      this.lines.map((line) =>
        line.low
          ? [line.step, clean(line.mean), clean(line.high), clean(line.low)]
          : [line.step, clean(line.mean)],
      ),
    );
  }

  text(value) {
    return this.share ? percent(value) : number(value);
  }

  draw() {
    this.plot?.destroy();
    this.plot = null;
    this.place.replaceChildren();
    const width = this.place.clientWidth;
    if (width === 0) return;
    const muted = css("--muted");
    const axis = {
      stroke: muted,
      grid: { stroke: css("--line"), width: 1 },
      ticks: { stroke: css("--line"), width: 1, size: 4 },
      font: "12px system-ui, sans-serif",
    };
    const series = [{}];
    const bands = [];
    this.lines.forEach((line, i) => {
      series.push({
        label: line.label,
        stroke: colour(i),
        width: 2,
        points: { show: line.mean.length < 40, size: 5 },
        spanGaps: true,
      });
      if (line.low) {
        const high = series.length;
        series.push({ stroke: null, width: 0, points: { show: false }, spanGaps: true });
        series.push({ stroke: null, width: 0, points: { show: false }, spanGaps: true });
        bands.push({ series: [high, high + 1], fill: `${colour(i)}33` });
      }
    });
    this.plot = new uPlot(
      {
        width,
        height: Math.max(190, Math.min(320, Math.round(width * 0.5))),
        legend: { show: false },
        scales: { x: { time: false }, y: this.log ? { distr: 3 } : {} },
        axes: [
          { ...axis, values: (_, all) => all.map(short), space: 60, size: 36 },
          { ...axis, values: (_, all) => all.map((v) => (v === null ? "" : this.share ? short(v * 100) : short(v))), size: 62 },
        ],
        series,
        bands,
        cursor: { y: false, points: { size: 7 } },
        hooks: { setCursor: [(plot) => this.values(plot.cursor.idx)] },
      },
      this.data(),
      this.place,
    );
    this.values(null);
  }

  /** Writes the values under the cursor, or the last ones, beside the names. */
  values(index) {
    let column = 1;
    const rows = this.lines.map((line, i) => {
      const values = this.plot?.data[column] ?? [];
      column += line.low ? 3 : 1;
      let value = index === null || index === undefined ? null : values[index];
      if (value === null || value === undefined) {
        const last = index === null || index === undefined ? values.length - 1 : index;
        for (let k = last; k >= 0 && (value === null || value === undefined); k--) value = values[k];
      }
      const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.backgroundColor = colour(i);
      return h("li", {}, swatch, h("span", { text: line.label }), h("output", { text: this.text(value) }));
    });
    this.legend.replaceChildren(...rows);
  }

  resize() {
    const width = this.place.clientWidth;
    if (!this.plot) this.draw();
    else if (width && Math.abs(width - this.plot.width) > 1) {
      this.plot.setSize({ width, height: this.plot.height });
    }
  }

  close() {
    this.resized.disconnect();
    dark.removeEventListener("change", this.themed);
    this.plot?.destroy();
    this.plot = null;
  }
}
