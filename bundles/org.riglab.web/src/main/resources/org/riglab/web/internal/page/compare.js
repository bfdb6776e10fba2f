import { get } from "./api.js";
import { Chart, USUAL, controls } from "./chart.js";
import { dark, heat, swatch } from "./colours.js";
import { CLOCK, epochImages, stepsTo } from "./curves.js";
import { add, attempt, h, pair, scroller } from "./dom.js";
import { answer, isShare, number, part, percent, value } from "./format.js";
import * as samepictures from "./samepictures.js";
import { badge } from "./runs.js";

const ANSWER = "mIoU of the last iteration";
const MOST = 16;

export async function show(view, argument, query, current) {
  const ids = [...new Set(argument.split(",").filter((w) => /^\d+$/.test(w)).map(Number))];
  const input = h("input", { id: "add", inputmode: "numeric", pattern: "[0-9 ,]+", placeholder: "IDs, for example 3, 7", "aria-label": "Run IDs to add", list: "known" });
  const known = h("datalist", { id: "known" });
  add(view,
    h("h1", { text: "Compare" }),
    h("form", {
      class: "bar",
      on: {
        submit: (event) => {
          event.preventDefault();
          const more = input.value.split(/[\s,]+/).filter((w) => /^\d+$/.test(w));
          location.hash = `#/compare/${[...new Set([...ids.map(String), ...more])].join(",")}`;
        },
      },
    }, input, known, h("button", { type: "submit", text: "Add" })),
  );
  get("/runs?limit=200&columns=id,name").then(
    ({ runs }) => known.replaceChildren(...runs.map((r) => h("option", { value: r.id, label: r.name }))),
    () => {},
  );
  if (ids.length < 2 || ids.length > MOST) {
    add(view,
      ids.length ? chosen(ids.map((id) => ({ id, name: "", state: "" })), ids) : null,
      h("p", { class: "hint", text: ids.length > MOST ? `At most ${MOST} runs are compared, and these are ${ids.length}: leave some out.` : ids.length ? "Add another run to compare it with." : "Mark two or more runs in the list, or add their IDs here." }));
    return undefined;
  }
  let all;
  try {
    all = await get(`/compare?runs=${ids.join(",")}`);
  } catch (error) {
    if (error.status !== 404) throw error;
    add(view, chosen(ids.map((id) => ({ id, name: "", state: "" })), ids), h("p", { class: "error", text: `${error.message}: leave it out.` }));
    return undefined;
  }
  const runs = await Promise.all(ids.map((id) => get(`/runs/${id}`)));
  if (!current()) return undefined;
  const answers = runs.map((run) => Object.keys(run.metrics).filter((m) => /^mIoU\.t\d+$/.test(m)).sort((a, b) => a.slice(6) - b.slice(6)).at(-1));
  const lines = await curves(runs, answers, current);
  const cost = await overCost(runs);
  add(view,
    chosen(all.runs, ids),
    lines.elements,
    results(all, runs),
    cost.elements,
    perClass(all),
    differences("What was asked for", all.spec, all.runs, "Both specs are the same.", value),
    differences("Parts", all.parts, all.runs, null, part),
    h("p", { class: all.sameData ? "hint" : "warn", text: all.sameData ? "All have seen the same data." : "⚠ They have not seen the same data." }),
    samepictures.section(runs),
  );
  lines.draw();
  cost.draw();
  const themed = () => {
    view.querySelector("#classes")?.replaceWith(perClass(all));
    view.querySelectorAll(".chosen .swatch").forEach(swatch);
  };
  dark.addEventListener("change", themed);
  return () => {
    dark.removeEventListener("change", themed);
    lines.close();
    cost.close();
  };
}

/** The mIoU of each iteration over what it costs, where an evaluation has measured that. */
async function overCost(runs) {
  const found = await Promise.all(runs.map((run) => (run.kind !== "eval" || run.state !== "done" ? null : get(`/runs/${run.id}/evaluation`).catch(() => null))));
  const measured = runs.map((run, i) => ({ run, evaluation: found[i] })).filter(({ evaluation: e }) => e?.cost?.multiplyAdds?.length || e?.cost?.milliseconds?.length);
  if (!measured.length) return { elements: [], draw: () => {}, close: () => {} };
  const look = { ...USUAL, x: measured.every(({ evaluation: e }) => e.cost.multiplyAdds.length) ? "GMAC" : "ms" };
  const chart = new Chart({ title: "mIoU over cost", share: true, look, at: (step) => step });
  const lines = () => measured.map(({ run, evaluation: e }) => {
    const costs = look.x === "GMAC" ? e.cost.multiplyAdds.map((m) => m / 1e9) : e.cost.milliseconds;
    return { label: `${run.id} ${run.name}`, run: run.id, step: costs, mean: e.iterations.slice(0, costs.length).map((i) => i.values.mIoU) };
  });
  const select = h("select", { id: "cost", on: { change: () => { look.x = select.value; chart.show(lines()); chart.draw(); } } },
    ["GMAC", "ms"].map((x) => h("option", { value: x, text: x === "GMAC" ? "multiply-adds, 10⁹" : "milliseconds", selected: x === look.x })));
  return {
    elements: [h("section", { id: "over-cost" }, h("h2", { text: "mIoU over cost" }),
      h("div", { class: "bar" }, pair(h("label", { for: "cost", text: "Cost of an image up to an iteration" }), select)), chart.element)],
    draw: () => chart.show(lines()),
    close: () => chart.close(),
  };
}

/** Curves of one metric of all runs. Evaluations have values, not curves. */
async function curves(runs, answers, current) {
  const trained = runs.filter((run) => run.kind !== "eval");
  const metrics = [...new Set(trained.flatMap((run) => Object.keys(run.metrics)))].filter((m) => m !== CLOCK).sort();
  if (!metrics.length) return { elements: [], draw: () => {}, close: () => {} };
  if (answers.some(Boolean)) metrics.unshift(ANSWER);
  const usual = metrics[0] === ANSWER ? ANSWER : metrics.includes("loss") ? "loss" : metrics[0];
  const look = { ...USUAL };
  const convert = new Map();
  const clocked = trained.every((run) => CLOCK in run.metrics);
  for (const run of trained) {
    const clock = clocked ? (await get(`/runs/${run.id}/curves?points=1000&metric=${CLOCK}`)).curves[0] : { step: [], mean: [] };
    convert.set(run.id, stepsTo(run, clock));
  }
  const axes = ["step", ...(trained.every(epochImages) ? ["epoch"] : []), ...(clocked ? ["minutes"] : [])];
  const place = h("div");
  let chart = null;
  const select = h("select", { id: "metric", on: { change: () => attempt(draw) } }, metrics.map((m) => h("option", { value: m, text: m, selected: m === usual })));
  async function draw() {
    const metric = select.value;
    const of = (run) => (metric === ANSWER ? answers[runs.indexOf(run)] : metric);
    const found = await Promise.all(runs.map((run) => (of(run) && run.kind !== "eval" ? get(`/runs/${run.id}/curves?points=1000&metric=${encodeURIComponent(of(run))}`) : { curves: [{ step: [], mean: [] }] })));
    if (!current()) return;
    chart?.close();
    chart = new Chart({ title: metric, share: metric === ANSWER || isShare(metric), look, at: (step, line, axis) => convert.get(line.run)(step, axis) });
    place.replaceChildren(chart.element);
    chart.show(found.map((c, i) => ({ label: `${runs[i].id} ${runs[i].name}`, run: runs[i].id, ...c.curves[0], low: undefined, high: undefined })));
  }
  return {
    elements: [
      h("div", { class: "bar" }, pair(h("label", { for: "metric", text: "Metric" }), select)),
      controls(look, axes, () => chart?.draw()),
      place,
    ],
    draw: () => attempt(draw),
    close: () => chart?.close(),
  };
}

function chosen(runs, ids) {
  return h("ul", { class: "chosen" }, runs.map((run, i) => {
    const mark = h("span", { class: "swatch", "aria-hidden": "true" });
    swatch(mark, i);
    return h("li", { class: "card" }, mark,
      h("a", { href: `#/run/${run.id}`, text: `${run.id} ${run.name || `run ${run.id}`}` }),
      run.state ? badge(run.state) : null,
      h("a", { class: "quiet", href: `#/compare/${ids.filter((id) => id !== run.id).join(",")}`, "aria-label": `leave out run ${run.id}`, text: "✕" }));
  }));
}

function heads(runs) {
  return h("thead", {}, h("tr", {}, h("td"), runs.map((r) => h("th", { scope: "col" }, h("a", { href: `#/run/${r.id}`, text: `${r.id} ${r.name}` })))));
}

function section(title, table) {
  return h("section", {}, h("h2", { text: title }), scroller(title, table));
}

function differences(title, fields, runs, none, text) {
  const rows = Object.entries(fields);
  if (!rows.length) return none ? h("section", {}, h("h2", { text: title }), h("p", { class: "hint", text: none })) : null;
  return section(title, h("table", { class: "versus" }, heads(runs),
    h("tbody", {}, rows.map(([name, values]) => h("tr", {}, h("th", { scope: "row", text: name }),
      values.map((v) => h("td", { text: text(v), title: /[0-9a-f]{64}/.test(v) ? String(v) : null })))))));
}

/** A value is best where it is alone at the top of values that can be compared. */
function best(values) {
  const finite = values.filter(Number.isFinite);
  const most = Math.max(...finite);
  return finite.length > 1 && finite.filter((v) => v === most).length === 1 ? values.indexOf(most) : -1;
}

function results({ metrics, runs }, whole) {
  const rows = Object.entries(metrics).filter(([name]) => name !== CLOCK);
  if (!rows.length) return null;
  const depths = new Set(whole.map((run) => Object.keys(run.metrics).filter((m) => /^mIoU\.t\d+$/.test(m)).length).filter(Boolean));
  const last = whole.map((run) => answer(run.metrics));
  if (last.some((v) => v !== undefined)) rows.unshift([ANSWER, last.map((v) => v ?? null)]);
  return section("Last values", h("table", { class: "versus numbers" }, heads(runs),
    h("tbody", {}, rows.map(([name, values]) => {
      const share = name === ANSWER || isShare(name);
      // One network's only iteration is not another one's first.
      const comparable = share && !/^change/.test(name) && (!/\.t\d+$/.test(name) || depths.size === 1);
      const at = comparable ? best(values) : -1;
      return h("tr", {}, h("th", { scope: "row", text: share ? `${name}, %` : name }),
        values.map((v, i) => h("td", { class: i === at ? "best" : null, text: share ? percent(v) : number(v) })));
    }))));
}

function perClass({ classes, iou, runs }) {
  if (!classes.length) return null;
  const element = section("IoU of each class, %", h("table", { class: "versus numbers" }, heads(runs),
    h("tbody", {}, classes.map((name, c) => h("tr", {}, h("th", { scope: "row", text: name }),
      iou[c].map((v) => {
        const cell = h("td", { text: percent(v) });
        if (Number.isFinite(v)) heat(cell, v);
        return cell;
      }))))));
  element.id = "classes";
  return element;
}
