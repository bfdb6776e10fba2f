import { get, live, may, send } from "./api.js";
import { Chart } from "./chart.js";
import * as confusion from "./confusion.js";
import { attempt, calmly, h, tabs } from "./dom.js";
import { bytes, duration, isShare, number, percent, time, value } from "./format.js";
import * as pictures from "./pictures.js";
import { badge, progress } from "./runs.js";

const ACTIONS = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  failed: ["retry", "replay"],
  cancelled: ["retry", "replay"],
  done: ["replay"],
};
const POINTS = 1500;

export async function show(view, argument, query, current) {
  const id = Number(argument);
  let run = await get(`/runs/${id}`);
  if (!current()) return undefined;
  const head = h("div", { class: "runhead" });
  view.append(h("h1", {}, h("span", { class: "number", text: `${run.id} ` }), run.name || run.network), head);
  let close = () => {};
  let listener = {};
  const shown = {
    curves: () => curves(run, (l) => (listener = l)),
    pictures: () => pictures.show(run),
    confusion: () => confusion.show(run),
    spec: () => spec(run),
    events: () => events(run, (l) => (listener = l)),
    files: () => files(run),
  };
  let turn = 0;
  const [list, panel] = tabs(
    "Parts of the run",
    [["curves", "Curves"], ["pictures", "Pictures"], ["confusion", "Confusion"], ["spec", "Spec"], ["events", "Events"], ["files", "Files"]],
    query.get("tab"),
    (name, place) => {
      const mine = ++turn;
      close();
      close = () => {};
      listener = {};
      history.replaceState(null, "", `#/run/${id}?tab=${name}`);
      place.replaceChildren(h("p", { class: "hint", text: "Reading…" }));
      shown[name]().then(
        ({ elements, close: end }) => {
          if (mine !== turn || !current()) return end?.();
          place.replaceChildren(...elements);
          close = end ?? (() => {});
          return undefined;
        },
        (error) => mine === turn && place.replaceChildren(h("p", { class: "hint", text: sentence(error.message) })),
      );
    },
  );
  view.append(list, panel);

  function draw() {
    const p = run.progress;
    const best = Object.entries(run.metrics).filter(([m]) => /^mIoU\.t\d+$/.test(m));
    head.replaceChildren(
      h("div", { class: "facts" },
        badge(run.state),
        progress({ id, done: p.done, total: p.total }),
        fact("Images/s", p.imagesPerSecond > 0 ? p.imagesPerSecond.toFixed(1) : null),
        fact("Left", p.secondsLeft > 0 ? duration(p.secondsLeft) : null),
        fact("Loss", run.metrics.loss === undefined ? null : number(run.metrics.loss)),
        best.map(([m, v]) => fact(m, `${percent(v)} %`)),
        fact("Time", duration(run.times.seconds)),
        fact("Device", run.device || null)),
      h("div", { class: "bar" },
        may("operator") ? ACTIONS[run.state].map((action) =>
          h("button", {
            type: "button",
            class: action === "cancel" ? "danger" : "",
            text: action[0].toUpperCase() + action.slice(1),
            on: { click: () => attempt(() => act(action)) },
          })) : null,
        h("a", { class: "button", href: `#/compare/${[run.replayOf, id].filter(Boolean).join(",")}`, text: run.replayOf ? `Compare with ${run.replayOf}` : "Compare" })),
      ...(run.error ? [h("p", { class: run.state === "failed" ? "error" : "hint", text: run.error })] : []),
      ...run.warnings.map((w) => h("p", { class: "warn", text: `⚠ ${w}` })),
    );
  }

  async function act(action) {
    const answer = await send("POST", `/runs/${id}/${action}`);
    if (answer.id !== id) location.hash = `#/run/${answer.id}`;
    else {
      run = answer;
      draw();
    }
  }

  draw();
  const again = calmly(400, () => current() && attempt(async () => {
    run = await get(`/runs/${id}`);
    draw();
  }));
  const end = live(id, {
    points: (message) => {
      if (message.run !== id) return;
      run.progress = message.progress;
      for (const [metric, { value: values }] of Object.entries(message.points)) {
        run.metrics[metric] = values.at(-1);
      }
      draw();
      listener.points?.(message.points);
    },
    event: (event) => {
      if (event.run !== id) return;
      again();
      listener.event?.(event);
    },
    missed: () => {
      again();
      listener.missed?.();
    },
  });
  return () => {
    end();
    close();
  };
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

function fact(name, text) {
  return text === null ? null : h("span", { class: "fact" }, h("small", { text: name }), text);
}

/** Metrics that belong on one chart: all iterations of one, each class of one, others alone. */
function groups(metrics) {
  const all = new Map();
  for (const metric of metrics) {
    const iteration = metric.match(/^(.+)\.t\d+$/);
    const name = iteration ? iteration[1] : metric.includes(".") ? `${metric.split(".")[0]} per class` : metric;
    all.set(name, [...(all.get(name) ?? []), metric]);
  }
  return all;
}

const FIRST = ["loss", "mIoU", "IoU per class", "lr"];

/** Appends points that are newer than a line's last one. */
function append(line, { step, value: values }) {
  step.forEach((at, i) => {
    if (at <= (line.step.at(-1) ?? -1)) return;
    line.step.push(at);
    line.mean.push(values[i]);
    line.low?.push(values[i]);
    line.high?.push(values[i]);
  });
}

async function curves(run, listen) {
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
  listen({
    points: (points) => heard(points),
    missed: () => charts.forEach((_, name) => attempt(() => open(name))),
  });
  const { metrics } = await get(`/runs/${run.id}/metrics`);
  const place = h("div", { class: "charts" });
  const chips = h("fieldset", { class: "chips" }, h("legend", { class: "hidden", text: "Charts" }));
  let names = [];

  function add(known) {
    const all = groups(known);
    names = known;
    for (const name of [...all.keys()].sort((a, b) => (FIRST.indexOf(a) + 1 || 99) - (FIRST.indexOf(b) + 1 || 99) || a.localeCompare(b))) {
      if (chips.querySelector(`input[value="${CSS.escape(name)}"]`)) continue;
      chips.append(h("label", { class: "chip" },
        h("input", {
          type: "checkbox",
          value: name,
          checked: ["loss", "mIoU"].includes(name) || all.size < 3,
          on: { change: (event) => attempt(() => (event.target.checked ? open(name) : shut(name))) },
        }),
        h("span", { text: name })));
    }
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
    const chart = new Chart({ title: name, share: isShare(name) });
    const lines = await read(name);
    for (const line of lines) if (recent.has(line.metric)) append(line, recent.get(line.metric));
    shut(name);
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

  let dirty = new Set();
  const redraw = calmly(100, () => {
    for (const name of dirty) charts.get(name)?.chart.show(charts.get(name).lines);
    dirty = new Set();
  });
  function grow(points) {
    const fresh = Object.keys(points).filter((m) => !names.includes(m));
    if (fresh.length) {
      add([...names, ...fresh]);
      for (const name of groups(fresh).keys()) {
        if (chips.querySelector(`input[value="${CSS.escape(name)}"]`)?.checked) attempt(() => open(name));
      }
    }
    for (const [name, { lines }] of charts) {
      for (const line of lines.filter((l) => points[l.metric])) {
        append(line, points[line.metric]);
        dirty.add(name);
      }
    }
    redraw();
  }
  add([...new Set([...metrics, ...recent.keys()])]);
  heard = (points) => {
    keep(points);
    grow(points);
  };
  await Promise.all([...chips.querySelectorAll("input:checked")].map((i) => open(i.value)));
  return {
    elements: metrics.length || run.state === "running" ? [chips, place] : [h("p", { class: "hint", text: "No points yet." })],
    close: () => charts.forEach(({ chart }) => chart.close()),
  };
}

function rows(object) {
  return Object.entries(object).map(([key, it]) =>
    h("tr", {}, h("th", { scope: "row", text: key }), h("td", { text: value(it) })));
}

function block(title, object) {
  return Object.keys(object).length
    ? h("section", { class: "card scroll" }, h("h2", { text: title }), h("table", { class: "pairs" }, rows(object)))
    : null;
}

async function spec(run) {
  const asked = {
    id: run.id, kind: run.kind, network: run.network, seed: run.seed, priority: run.priority,
    after: run.after, device: run.device, sweep: run.sweep || null, "replay of": run.replayOf || null,
    folder: run.folder, submitted: time(run.times.submitted), started: time(run.times.started), ended: time(run.times.ended),
  };
  return {
    elements: [
      h("div", { class: "columns" },
        block("Run", asked),
        block("Network", run.networkSpec),
        block(run.kind === "eval" ? "Evaluation" : "Training", run.spec),
        block("Data", run.data),
        block("Parts", run.parts)),
    ],
  };
}

async function events(run, listen) {
  const line = (event) =>
    h("li", { class: event.type }, h("time", { datetime: event.time, text: time(event.time) }), h("span", { class: "type", text: event.type }), h("span", { text: event.text }));
  const all = await get(`/runs/${run.id}/events?limit=500`);
  const list = h("ol", { class: "events card", reversed: true }, all.events.reverse().map(line));
  listen({ event: (event) => list.prepend(line(event)) });
  return { elements: [list] };
}

async function files(run) {
  const all = await get(`/runs/${run.id}/files`);
  return {
    elements: [
      all.files.length
        ? h("ul", { class: "files card" }, all.files.map((file) =>
            h("li", {},
              h("a", { href: `/api/v1/runs/${run.id}/file?name=${encodeURIComponent(file.name)}`, download: "", text: file.name }),
              h("small", { text: bytes(file.bytes) }))))
        : h("p", { class: "hint", text: "No files yet." }),
    ],
  };
}
