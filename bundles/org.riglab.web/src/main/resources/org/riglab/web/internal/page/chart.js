import uPlot from "/uPlot.esm.js";
import { dark, dash, series as colour, swatch } from "./colours.js";
import { h, pair, say } from "./dom.js";
import { number, percent } from "./format.js";

/** Milliseconds between drawings of a chart whose new points are narrower than a pixel. */
const PAUSE = 2000;

function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A tick: as few digits as tell it from the next. */
function short(value) {
  if (value === null) return "";
  const size = Math.abs(value);
  return size >= 1e6 || (size > 0 && size < 1e-3) ? value.toExponential() : String(Number(value.toPrecision(6)));
}

/** What all charts of a view have in common; changed by its controls. */
export const USUAL = { smooth: 0, log: false, clip: false, x: "step" };

/**
 * Running mean with exponentially falling weights, corrected for its start.
 *
 * @param values null for a gap
 * @param weight of what was before, 0 to 1
 */
export function smoothed(values, weight) {
  if (!weight) return values;
  let sum = 0;
  let all = 0;
  return values.map((value) => {
    if (value === null || value === undefined) return value;
    sum = weight * sum + (1 - weight) * value;
    all = weight * all + 1 - weight;
    return sum / all;
  });
}

/** The range without outliers: one and a half quartile distances around the middle half. */
export function usualRange(columns) {
  const all = columns.flat().filter((v) => Number.isFinite(v)).sort((a, b) => a - b);
  if (all.length < 8) return null;
  const low = all[Math.floor(all.length * 0.25)];
  const high = all[Math.floor(all.length * 0.75)];
  const reach = 1.5 * (high - low);
  const inside = all.filter((v) => v >= low - reach && v <= high + reach);
  const margin = (inside.at(-1) - inside[0]) * 0.05 || 1e-6;
  return [inside[0] - margin, inside.at(-1) + margin];
}

/**
 * A chart of curves over steps.
 *
 * @param title names it
 * @param share whether values are shown in percent
 * @param look see {@link USUAL}; changes need {@link Chart#draw}
 * @param link charts with the same one share the crosshair
 * @param at converts a step of a line to the value on the x axis; may be missing
 */
export class Chart {
  constructor({ title, share = false, look = { ...USUAL }, link = null, at = null }) {
    this.title = title;
    this.share = share;
    this.look = look;
    this.link = link;
    this.at = at ?? ((step) => step);
    this.lines = [];
    this.hidden = new Set();
    this.plot = null;
    this.place = h("div", { class: "plot" });
    this.legend = h("ul", { class: "legend" });
    this.where = h("span", { class: "where" });
    this.element = h(
      "figure",
      { class: "chart card", role: "group", "aria-label": title },
      h("figcaption", {}, h("span", { text: title }), this.where,
        h("span", { class: "tools" },
          h("button", { type: "button", class: "quiet", text: "CSV", "aria-label": `save ${title} as CSV`, on: { click: () => this.csv() } }),
          h("button", { type: "button", class: "quiet", text: "PNG", "aria-label": `save ${title} as PNG`, on: { click: () => this.png() } }))),
      this.place,
      this.legend,
    );
    this.drawn = { end: 0, time: -Infinity };
    this.waits = 0;
    this.seen = true;
    this.late = false;
    this.watched = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1).isIntersecting;
      if (this.seen && this.late) this.grow();
    }, { rootMargin: "100px" });
    this.watched.observe(this.element);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.place);
    this.themed = () => this.draw();
    dark.addEventListener("change", this.themed);
  }

  /**
   * Shows lines. An old plot is kept where they are as many and named as before.
   *
   * @param lines {label, step, mean, low, high, last, run}; low, high and last may be missing
   */
  show(lines) {
    const same =
      this.plot && lines.length === this.lines.length && lines.every((l, i) => l.label === this.lines[i].label && Boolean(l.low) === Boolean(this.lines[i].low));
    this.lines = lines;
    clearTimeout(this.waits);
    this.late = false;
    if (same && !this.look.clip) {
      this.plot.setData(this.data());
      this.values(null);
    } else {
      this.draw();
    }
  }

  /** The last step of all lines. */
  end() {
    return Math.max(...this.lines.map((l) => l.step.at(-1) ?? 0));
  }

  /** Draws points that the lines have got, once they can be seen. */
  grow() {
    this.late = !this.seen;
    if (this.late) return;
    const start = Math.min(...this.lines.map((l) => l.step[0] ?? 0));
    const end = this.end();
    const share = end > start ? (end - this.drawn.end) / (end - start) : 1;
    const wait = this.plot && share * this.plot.width < 1 ? this.drawn.time + PAUSE - performance.now() : 0;
    clearTimeout(this.waits);
    if (wait > 0) this.waits = setTimeout(() => this.grow(), wait);
    else this.show(this.lines);
  }

  /** Columns for uPlot: x, then for each line its curve and, where there are any, its bounds. */
  data() {
    this.drawn = { end: this.end(), time: performance.now() };
    const tables = this.lines.map((line) => {
      // NaN has no place on a chart: a gap. A logarithmic axis has none for what is not above 0.
      const clean = (values) => values.map((v) => (Number.isFinite(v) && !(this.look.log && v <= 0) ? v : null));
      const x = this.look.x === "step" ? line.step : line.step.map((step) => this.at(step, line, this.look.x));
      const mean = smoothed(clean(line.mean), this.look.smooth);
      return line.low ? [x, mean, clean(line.high), clean(line.low)] : [x, mean];
    });
    if (tables.length === 0) return [[], []];
    // Lines of one run have their points at the same steps: nothing has to be joined.
    const first = tables[0][0];
    const alike = tables.every(([x]) => x === first || (x.length === first.length && x.every((v, i) => v === first[i])));
    return alike ? [first, ...tables.flatMap((t) => t.slice(1))] : uPlot.join(tables);
  }

  text(value) {
    return this.share ? percent(value) : number(value);
  }

  axisText(value) {
    return value === null ? "" : this.share ? short(value * 100) : short(value);
  }

  draw() {
    this.plot?.destroy();
    this.plot = null;
    this.place.replaceChildren();
    const width = this.place.clientWidth;
    if (width === 0) return;
    const axis = {
      stroke: css("--muted"),
      grid: { stroke: css("--line"), width: 1 },
      ticks: { stroke: css("--line"), width: 1, size: 4 },
      font: "12px system-ui, sans-serif",
    };
    const series = [{}];
    this.lines.forEach((line, i) => {
      const show = !this.hidden.has(line.label);
      series.push({
        label: line.label,
        show,
        stroke: colour(i),
        dash: dash(i),
        width: 2,
        points: { show: line.mean.length < 40, size: 5 },
        spanGaps: true,
      });
      // The bounds count for the range; bands() draws them.
      if (line.low) for (let k = 0; k < 2; k++) series.push({ show, paths: () => null, points: { show: false } });
    });
    const data = this.data();
    const range = this.look.clip ? usualRange(this.curves(data)) : null;
    this.plot = new uPlot(
      {
        width,
        height: Math.max(190, Math.min(320, Math.round(width * 0.5))),
        legend: { show: false },
        scales: { x: { time: false }, y: { ...(this.look.log ? { distr: 3 } : {}), ...(range && !this.look.log ? { range } : {}) } },
        axes: [
          { ...axis, values: (_, all) => all.map(short), space: 60, size: 36 },
          { ...axis, values: (_, all) => all.map((v) => this.axisText(v)), size: 62 },
        ],
        series,
        cursor: {
          y: false,
          points: { size: 7 },
          ...(this.link ? { sync: { key: this.link, scales: ["x", null], setSeries: false } } : {}),
        },
        hooks: {
          setCursor: [(plot) => this.values(plot.cursor.idx)],
          drawAxes: [(plot) => this.bands(plot)],
        },
      },
      data,
      this.place,
    );
    this.legend.replaceChildren(...this.lines.map((line, i) => this.entry(line, i)));
    this.values(null);
  }

  /**
   * Fills what is between the bounds of each line. One polygon with a column per pixel costs a
   * fraction of uPlot's own bands, which clip each by another path.
   */
  bands(plot) {
    const { ctx, data, bbox } = plot;
    const { min, max } = plot.scales.x;
    let column = 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this.lines.forEach((line, i) => {
      const [high, low] = [data[column + 1], data[column + 2]];
      column += line.low ? 3 : 1;
      if (!line.low || this.hidden.has(line.label) || !(max > min)) return;
      const columns = [];
      data[0].forEach((x, k) => {
        if (x < min || x > max || low[k] == null || high[k] == null) return;
        const at = Math.round(bbox.left + ((x - min) / (max - min)) * bbox.width);
        const last = columns.at(-1);
        if (last?.[0] === at) {
          last[1] = Math.min(last[1], low[k]);
          last[2] = Math.max(last[2], high[k]);
        } else columns.push([at, low[k], high[k]]);
      });
      ctx.beginPath();
      for (const [at, , top] of columns) ctx.lineTo(at, plot.valToPos(top, "y", true));
      for (const [at, bottom] of columns.reverse()) ctx.lineTo(at, plot.valToPos(bottom, "y", true));
      ctx.fillStyle = `${colour(i)}33`;
      ctx.fill();
    });
    ctx.restore();
  }

  /** The curves among the columns, without bounds. */
  curves(data) {
    let column = 1;
    return this.lines.map((line) => {
      const values = data[column];
      column += line.low ? 3 : 1;
      return values;
    });
  }

  /** A line's entry in the legend: a click hides it, a double click or Shift isolates it. */
  entry(line, i) {
    const mark = h("span", { class: "swatch", "aria-hidden": "true" });
    swatch(mark, i);
    const button = h("button", {
      type: "button",
      class: "quiet entry",
      "aria-pressed": String(!this.hidden.has(line.label)),
      title: "Click: hide or show. Shift and click: only this one, or all.",
      on: { click: (event) => (event.shiftKey ? this.isolate(line.label) : this.toggle(line.label)) },
    }, mark, h("span", { text: line.label }));
    button.addEventListener("dblclick", () => this.isolate(line.label));
    return h("li", {}, button, h("output"));
  }

  toggle(label) {
    if (!this.hidden.delete(label)) this.hidden.add(label);
    this.reveal();
  }

  isolate(label) {
    const alone = this.lines.every((l) => (l.label === label) !== this.hidden.has(l.label));
    this.hidden = alone ? new Set() : new Set(this.lines.map((l) => l.label).filter((l) => l !== label));
    this.reveal();
  }

  reveal() {
    let column = 1;
    this.lines.forEach((line, i) => {
      const show = !this.hidden.has(line.label);
      for (let k = 0; k < (line.low ? 3 : 1); k++) this.plot?.setSeries(column++, { show });
      this.legend.children[i]?.querySelector("button").setAttribute("aria-pressed", String(show));
    });
  }

  /** Writes the values under the cursor, or the last ones, beside the names. */
  values(index) {
    if (!this.plot) return;
    const none = index === null || index === undefined;
    say(this.where, none ? "" : `${this.look.x} ${number(this.plot.data[0][index])}`);
    this.curves(this.plot.data).forEach((values, i) => {
      let value = null;
      for (let k = none ? values.length - 1 : index; k >= 0 && (value === null || value === undefined); k--) value = values[k];
      // The last point of a reduced line is the mean of several.
      if (none && !this.look.smooth) value = this.lines[i].last ?? value;
      const output = this.legend.children[i]?.lastElementChild;
      if (output) say(output, this.text(value));
    });
  }

  csv() {
    const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;
    const data = this.plot?.data ?? this.data();
    const curves = this.curves(data);
    const rows = [[this.look.x, ...this.lines.map((l) => l.label)].map(quoted).join(",")];
    data[0].forEach((x, i) => rows.push([x, ...curves.map((c) => c[i] ?? "")].join(",")));
    this.save(new Blob([rows.join("\n"), "\n"], { type: "text/csv" }), "csv");
  }

  /** The plot with title and legend, on paper. */
  png() {
    if (!this.plot) return;
    const plot = this.plot.ctx.canvas;
    const scale = plot.width / this.plot.width;
    const line = 20 * scale;
    const paper = h("canvas", { width: plot.width, height: plot.height + line * (this.lines.length + 2) });
    const pen = paper.getContext("2d");
    pen.fillStyle = css("--card");
    pen.fillRect(0, 0, paper.width, paper.height);
    pen.font = `${13 * scale}px system-ui, sans-serif`;
    pen.fillStyle = css("--ink");
    pen.fillText(this.title, 10 * scale, line * 0.9);
    pen.drawImage(plot, 0, line);
    this.lines.forEach((l, i) => {
      const y = line + plot.height + line * (i + 0.8);
      pen.fillStyle = colour(i);
      pen.fillRect(10 * scale, y - 9 * scale, 10 * scale, 10 * scale);
      pen.fillStyle = css("--ink");
      pen.fillText(`${l.label}  ${this.legend.children[i]?.lastElementChild.textContent ?? ""}`, 28 * scale, y);
    });
    paper.toBlob((blob) => this.save(blob, "png"));
  }

  save(blob, ending) {
    const link = h("a", { href: URL.createObjectURL(blob), download: `${this.title.replaceAll(/[^\w.-]+/g, "-")}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
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
    this.watched.disconnect();
    clearTimeout(this.waits);
    dark.removeEventListener("change", this.themed);
    this.plot?.destroy();
    this.plot = null;
  }
}

/**
 * Controls for charts: smoothing, logarithmic axis, outliers, and what the x axis shows.
 *
 * @param look see {@link USUAL}; changed
 * @param axes what the x axis may show
 * @param changed is called after a change
 */
export function controls(look, axes, changed) {
  const box = (name, text) =>
    h("label", { class: "chip" },
      h("input", { type: "checkbox", checked: look[name], on: { change: (e) => { look[name] = e.target.checked; changed(); } } }),
      h("span", { text }));
  const smooth = h("output", { for: "smooth", text: look.smooth.toFixed(2) });
  return h("div", { class: "bar look" },
    pair(h("label", { for: "smooth", text: "Smoothing" }),
      h("input", {
        type: "range", id: "smooth", min: 0, max: 0.99, step: 0.01, value: look.smooth,
        on: { input: (e) => { look.smooth = Number(e.target.value); say(smooth, look.smooth.toFixed(2)); changed(); } },
      }),
      smooth),
    box("log", "Logarithmic"),
    box("clip", "Clip outliers"),
    axes.length > 1
      ? pair(h("label", { for: "xaxis", text: "Over" }),
        h("select", { id: "xaxis", on: { change: (e) => { look.x = e.target.value; changed(); } } },
          axes.map((a) => h("option", { value: a, text: a, selected: a === look.x }))))
      : null);
}
