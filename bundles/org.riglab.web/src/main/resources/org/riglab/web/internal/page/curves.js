import { get } from "./api.js";
import { Chart, USUAL, controls } from "./chart.js";
import { attempt, calmly, h } from "./dom.js";
import { isShare } from "./format.js";

/** Points of a curve that are read; twice as many are kept. */
const POINTS = 1500;
const FIRST = ["loss", "mIoU", "IoU per class", "lr"];

/** Is no chart of its own: it is an axis. */
export const CLOCK = "seconds";

/** Metrics that belong on one chart: all iterations of one, each class of one, others alone. */
function groups(metrics) {
  const all = new Map();
  for (const metric of metrics) {
    if (metric === CLOCK) continue;
    const iteration = metric.match(/^(.+)\.t\d+$/);
    const name = iteration ? iteration[1] : metric.includes(".") ? `${metric.split(".")[0]} per class` : metric;
    all.set(name, [...(all.get(name) ?? []), metric]);
  }
  return all;
}

/** Appends points that are newer than a line's last one. */
function append(line, { step, value: values }) {
  step.forEach((at, i) => {
    if (at <= (line.step.at(-1) ?? -1)) return;
    line.step.push(at);
    line.mean.push(values[i]);
    line.low?.push(values[i]);
    line.high?.push(values[i]);
    line.last = values[i];
  });
}

/** Images that a training sees in an epoch; 0 if the run does not say. */
export function epochImages(run) {
  const train = run.data?.train;
  return Number(run.data?.train_images ?? train?.images ?? (typeof train === "number" ? train : 0)) || 0;
}

/** Converts steps to epochs or to running time, by the run's clock between its points. */
export function stepsTo(run, clock) {
  const perEpoch = epochImages(run) / ((run.spec?.batch ?? 1) * (run.spec?.accumulation ?? 1));
  return (step, axis) => {
    if (axis === "epoch") return step / perEpoch;
    if (axis !== "minutes") return step;
    const { step: steps, mean } = clock;
    let i = steps.findIndex((s) => s >= step);
    if (i < 0) i = steps.length - 1;
    const [s0, t0] = i > 0 ? [steps[i - 1], mean[i - 1]] : [0, 0];
    const share = steps[i] === s0 ? 1 : (step - s0) / (steps[i] - s0);
    return (t0 + share * (mean[i] - t0)) / 60;
  };
}

/** The curves of a run, which grow while it runs. */
export async function show(run, listen) {
  const charts = new Map();
  // What comes while a curve is being read would be lost otherwise.
  const recent = new Map();
  let heard = (points) => keep(points);
  function keep(points) {
    for (const [metric, { step, value: values }] of Object.entries(points)) {
      const all = recent.get(metric) ?? { step: [], value: [] };
      all.step.push(...step);
      all.value.push(...values);
      if (all.step.length > 5000) {
        all.step.splice(0, 2500);
        all.value.splice(0, 2500);
      }
      recent.set(metric, all);
    }
  }
  async function again() {
    const { metrics } = await get(`/runs/${run.id}/metrics`);
    add([...new Set([...names, ...metrics])]);
    await Promise.all([...charts.keys()].map(open));
    await Promise.all(wanted().filter((name) => !charts.has(name)).map(open));
  }
  const later = calmly(300, () => attempt(again));
  const reading = new Set();
  let dirty = new Set();
  function draw() {
    for (const name of dirty) charts.get(name)?.chart.grow();
    dirty = new Set();
  }
  listen({ points: (points) => heard(points), draw, missed: later, changed: later });
  const { metrics } = await get(`/runs/${run.id}/metrics`);
  const clock = { step: [], mean: [] };
  if (metrics.includes(CLOCK)) Object.assign(clock, (await get(`/runs/${run.id}/curves?points=${POINTS}&metric=${CLOCK}`)).curves[0]);
  const convert = stepsTo(run, clock);
  const look = { ...USUAL };
  const axes = () => ["step", ...(epochImages(run) ? ["epoch"] : []), ...(clock.step.length ? ["minutes"] : [])];
  const place = h("div", { class: "charts" });
  const none = h("p", { class: "hint", text: run.state === "queued" ? "The run has not started. Its curves appear here." : "No points yet." });
  const chips = h("fieldset", { class: "chips" }, h("legend", { class: "hidden", text: "Charts" }));
  const controlled = () => controls(look, axes(), () => charts.forEach(({ chart }) => chart.draw()));
  let bar = controlled();
  let names = [];

  function box(name) {
    return [...chips.querySelectorAll("input")].find((input) => input.value === name);
  }

  function wanted() {
    return [...chips.querySelectorAll("input:checked")].map((input) => input.value);
  }

  function add(known) {
    const all = groups(known);
    names = known;
    for (const name of [...all.keys()].sort((a, b) => (FIRST.indexOf(a) + 1 || 99) - (FIRST.indexOf(b) + 1 || 99) || a.localeCompare(b))) {
      if (box(name)) continue;
      chips.append(h("label", { class: "chip" },
        h("input", {
          type: "checkbox",
          value: name,
          checked: ["loss", "mIoU"].includes(name) || all.size < 3,
          on: { change: (event) => attempt(() => (event.target.checked ? open(name) : shut(name))) },
        }),
        h("span", { text: name })));
    }
    none.hidden = all.size > 0;
    bar.hidden = all.size === 0;
  }

  async function read(name) {
    const members = groups(names).get(name) ?? [];
    const parts = [];
    for (let i = 0; i < members.length; i += 60) {
      parts.push(get(`/runs/${run.id}/curves?points=${POINTS}&metric=${encodeURIComponent(members.slice(i, i + 60).join(","))}`));
    }
    return (await Promise.all(parts)).flatMap((p) => p.curves).map((curve) => ({
      ...curve,
      label: curve.metric.replace(/^.+\.(t\d+)$/, "$1").replace(/^[^.]+\./, ""),
      low: curve.total > curve.step.length ? curve.low : undefined,
      high: curve.total > curve.step.length ? curve.high : undefined,
    }));
  }

  async function open(name) {
    const lines = await read(name);
    for (const line of lines) if (recent.has(line.metric)) append(line, recent.get(line.metric));
    const known = charts.get(name);
    if (known) {
      known.lines = lines;
      known.chart.show(lines);
      return;
    }
    const chart = new Chart({ title: name, share: isShare(name), look, link: `run-${run.id}`, at: (step, line, axis) => convert(step, axis) });
    charts.set(name, { chart, lines });
    const order = [...chips.querySelectorAll("input")].map((i) => i.value);
    const after = [...charts.keys()].filter((n) => order.indexOf(n) > order.indexOf(name));
    after.sort((a, b) => order.indexOf(a) - order.indexOf(b));
    place.insertBefore(chart.element, after.length ? charts.get(after[0]).chart.element : null);
    chart.show(lines);
  }

  function shut(name) {
    const open = charts.get(name);
    open?.chart.close();
    open?.chart.element.remove();
    charts.delete(name);
  }

  function grow(points) {
    if (points[CLOCK]) {
      const first = !clock.step.length;
      append(clock, points[CLOCK]);
      if (first) {
        const fresh = controlled();
        fresh.hidden = bar.hidden;
        bar.replaceWith(fresh);
        bar = fresh;
      }
    }
    const fresh = Object.keys(points).filter((m) => !names.includes(m));
    if (fresh.length) {
      add([...names, ...fresh]);
      for (const name of groups(fresh).keys()) if (box(name)?.checked) attempt(() => open(name));
    }
    for (const [name, { lines }] of charts) {
      for (const line of lines.filter((l) => points[l.metric])) {
        append(line, points[line.metric]);
        dirty.add(name);
        // The server summarises: a curve of a long run does not grow without end.
        if (line.step.length > 2 * POINTS && !reading.has(name)) {
          reading.add(name);
          attempt(() => open(name)).finally(() => reading.delete(name));
        }
      }
    }
  }
  add([...new Set([...metrics, ...recent.keys()])]);
  heard = (points) => {
    keep(points);
    grow(points);
  };
  await Promise.all(wanted().map(open));
  return {
    elements: [chips, bar, none, place],
    close: () => charts.forEach(({ chart }) => chart.close()),
  };
}
