import { series } from "./colours.js";
import { h, s, scroller } from "./dom.js";
import { isShare, number, value } from "./format.js";

/** Words of an axis that are all written; of more, the first and the last. */
const MOST_WORDS = 8;

/**
 * A line per run through its parameters and the metric. A drag on an axis, or the two fields below it,
 * restricts the runs that are shown in colour; the better a run, the stronger.
 *
 * @param runs {id, name, config, metrics}
 * @param names of the parameters
 * @param metric a number of each run
 * @param text writes a value of the metric
 * @param smaller whether smaller is better
 * @param logs parameters with a logarithmic axis
 * @param bounds of the axes, kept here for the next drawing of the same parameters
 */
export function parallel(runs, names, metric, { text, smaller = false, logs = new Set(), bounds = {} }) {
  const axes = [...names, metric];
  const [width, height, top] = [Math.max(560, axes.length * 150), 280, 28];
  const get_ = (run, axis) => (axis === metric ? run.metrics[metric] : run.config[axis]);
  const scales = axes.map((axis) => {
    const values = runs.map((run) => get_(run, axis));
    const numbers = values.every((v) => typeof v === "number");
    const words = [...new Set(values.map(value))].sort();
    const [low, high] = numbers ? [Math.min(...values), Math.max(...values)] : [0, words.length - 1];
    const of = (v) => (numbers ? v : words.indexOf(value(v)));
    const log = numbers && low > 0 && logs.has(axis);
    const [go, back] = log ? [Math.log, Math.exp] : [(v) => v, (v) => v];
    const share = (v) => (high > low ? (go(v) - go(low)) / (go(high) - go(low)) : 0.5);
    const bound = (bounds[axis] ??= { from: -Infinity, to: Infinity, typed: { from: "", to: "" } });
    return {
      axis, bound, numbers, words, low, high, of,
      at: (v) => top + (height - 2 * top) * (1 - share(v)),
      y(v) { return this.at(of(v)); },
      back: (y) => back(go(low) + (1 - (y - top) / (height - 2 * top)) * (go(high) - go(low))),
      text: (v) => (numbers ? (axis === metric ? text(v) : value(v)) : words[Math.round(v)] ?? ""),
      marks: numbers || words.length > MOST_WORDS ? [...new Set([low, high])] : words.map((_, k) => k),
      get from() { return bound.from; },
      get to() { return bound.to; },
      /** The bound that somebody has typed, where it makes sense. */
      type(end) {
        const typed = bound.typed[end].trim();
        const v = numbers ? Number(typed) / (axis === metric && isShare(metric) ? 100 : 1) : words.indexOf(typed);
        bound[end] = typed === "" || v === -1 && !numbers || !Number.isFinite(v) ? (end === "from" ? -Infinity : Infinity) : v;
      },
    };
  });
  // Words have other places than at the last drawing.
  for (const scale of scales) if (!scale.numbers) ["from", "to"].forEach((end) => scale.type(end));
  const x = (i) => 70 + (i * (width - 140)) / Math.max(1, axes.length - 1);
  const best = scales.at(-1);
  const paths = runs.map((run) => s("polyline", {
    points: scales.map((scale, i) => `${x(i)},${scale.y(get_(run, scale.axis))}`).join(" "),
    fill: "none", "stroke-width": 1.8,
  }, s("title", { text: `${run.id} ${run.name}: ${metric} ${text(run.metrics[metric])}` })));
  const brushes = scales.map((_, i) => s("rect", { x: x(i) - 9, width: 18, y: 0, height: 0, class: "brush" }));
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, class: "parallel", role: "img", "aria-label": `Parallel coordinates of ${runs.length} runs` }, paths,
    scales.map((scale, i) => s("g", {},
      s("line", { x1: x(i), x2: x(i), y1: top, y2: height - top, class: "axis" }),
      s("text", { x: x(i), y: 14, "text-anchor": "middle", class: "name", text: scale.axis.replace(/^spec\./, "") }),
      scale.marks.map((v) => s("text", { x: x(i) + 6, y: scale.at(v) + 4, text: scale.text(v) })),
      brushes[i])));
  const left = h("p", { class: "hint", role: "status" });
  const fields = scales.map((scale, i) => {
    const field = (end) => h("input", {
      size: 8, value: scale.bound.typed[end], inputmode: scale.numbers ? "decimal" : "text", "aria-label": `${end} of ${scale.axis}`, placeholder: end,
      on: {
        input: (event) => { scale.bound.typed[end] = event.target.value; },
        change: () => {
          scale.type(end);
          draw();
        },
      },
    });
    return h("fieldset", { class: "bar tight" }, h("legend", { text: scale.axis.replace(/^spec\./, "") }), field("from"), field("to"));
  });

  function draw() {
    let shown = 0;
    runs.forEach((run, k) => {
      const inside = scales.every((scale) => {
        const v = scale.of(get_(run, scale.axis));
        return v >= scale.from && v <= scale.to;
      });
      shown += inside;
      const v = best.of(run.metrics[metric]);
      const good = best.high > best.low ? (v - best.low) / (best.high - best.low) : 1;
      paths[k].setAttribute("class", inside ? "in" : "out");
      paths[k].setAttribute("stroke", inside ? series(0) : "currentColor");
      paths[k].setAttribute("stroke-opacity", inside ? (0.35 + 0.65 * (smaller ? 1 - good : good)).toFixed(2) : "0.12");
    });
    scales.forEach((scale, i) => {
      const set = Number.isFinite(scale.from) || Number.isFinite(scale.to);
      const px = (v, otherwise) => (Number.isFinite(v) ? scale.at(v) : otherwise);
      const [y1, y2] = [px(scale.to, top), px(scale.from, height - top)];
      brushes[i].setAttribute("y", Math.min(y1, y2));
      brushes[i].setAttribute("height", set ? Math.abs(y2 - y1) : 0);
    });
    left.textContent = `${number(shown)} of ${number(runs.length)} runs. Drag along an axis, or type bounds; a click on an axis shows all.`;
  }

  svg.addEventListener("pointerdown", (event) => {
    const box = svg.getBoundingClientRect();
    const to = (e) => [((e.clientX - box.left) / box.width) * width, ((e.clientY - box.top) / box.height) * height];
    const [px, py] = to(event);
    const i = scales.findIndex((_, k) => Math.abs(x(k) - px) < 24);
    if (i < 0) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    const scale = scales[i];
    for (const field of fields[i].querySelectorAll("input")) field.value = "";
    Object.assign(scale.bound, { from: -Infinity, to: Infinity, typed: { from: "", to: "" } });
    const move = (e) => {
      const [, y] = to(e);
      if (Math.abs(y - py) < 4) return;
      const ends = [scale.back(py), scale.back(y)].sort((a, b) => a - b);
      [scale.bound.from, scale.bound.to] = ends;
      draw();
    };
    const end = () => {
      svg.removeEventListener("pointermove", move);
      svg.removeEventListener("pointerup", end);
      draw();
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerup", end);
  });
  draw();
  return h("section", { id: "parallel" }, h("h2", { text: "All parameters" }), scroller("Parallel coordinates", svg), h("div", { class: "bar" }, fields), left);
}
