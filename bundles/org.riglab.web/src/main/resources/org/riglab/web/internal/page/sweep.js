import { get } from "./api.js";
import { dark, heat } from "./colours.js";
import { add, h, pair, scroller } from "./dom.js";
import { isShare, number, percent, value } from "./format.js";
import * as importance from "./importance.js";
import { parallel } from "./parallel.js";
import { badge, condition } from "./runs.js";

/** Student's t for a two-sided interval of 95%, by degrees of freedom. */
const T95 = [NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042];

/** Mean of values and half of its interval of 95%; NaN for fewer than two. */
export function interval(values) {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1));
  return { n, mean, half: n < 2 ? NaN : ((T95[n - 1] ?? 1.96) * deviation) / Math.sqrt(n) };
}

/** Runs grouped by configuration: a sweep, or what a query finds. */
export async function show(view, argument, query, current) {
  const id = /^\d+$/.test(argument) ? Number(argument) : 0;
  const q = query.get("q") ?? "";
  const search = new URLSearchParams();
  if (id) search.set("sweep", id);
  if (q) search.set(condition(q) ? "where" : "text", q);
  const answer = await get(`/sweep?${search}`);
  if (!current()) return undefined;
  const none = !answer.runs.length;
  add(view, h("h1", { text: !id ? "Runs by configuration" : none ? `There is no sweep ${id}` : `Sweep ${id}` }),
    q ? h("p", { class: "hint", text: q }) : null);
  if (none) {
    add(view, id ? null : h("p", { class: "hint", text: "No run fits." }), h("p", {}, h("a", { href: "#/runs", text: "All runs" })));
    return undefined;
  }
  const names = answer.parameters;
  const metrics = [...new Set(answer.runs.flatMap((r) => Object.keys(r.metrics)))].filter((m) => !/^(IoU|seconds$)/.test(m) || m === "IoU").sort();
  const usual = query.get("metric") ?? (metrics.includes("mIoU") ? "mIoU" : metrics.includes("loss") ? "loss" : metrics[0]);
  const select = h("select", { id: "metric", on: { change: draw } }, metrics.map((m) => h("option", { value: m, text: m, selected: m === usual })));
  const place = h("div");
  add(view, h("div", { class: "bar" }, pair(h("label", { for: "metric", text: "Metric" }), select),
    h("span", { class: "hint", text: `${number(answer.runs.length)} runs, ${number(groups(answer.runs, names).length)} configurations${answer.evaluationsLeftOut ? `; ${number(answer.evaluationsLeftOut)} evaluations are left out` : ""}` })), place);

  function draw() {
    const metric = select.value;
    const text = isShare(metric) ? percent : number;
    const down = metric === "loss";
    const all = groups(answer.runs, names).map((group) => ({ ...group, ...interval(group.runs.map((r) => r.metrics[metric]).filter(Number.isFinite)) }));
    all.sort((a, b) => ((Number.isFinite(b.mean) ? b.mean : -Infinity) - (Number.isFinite(a.mean) ? a.mean : -Infinity)) * (down ? -1 : 1));
    const numeric = names.filter((n) => new Set(answer.runs.map((r) => value(r.config[n]))).size > 1);
    const scored = answer.runs.filter((r) => Number.isFinite(r.metrics[metric]));
    place.replaceChildren(
      scroller("Configurations", configurations(all, names, metric, text)),
      ...(numeric.length >= 2 ? [heatMap(all, numeric, metric, text)] : []),
      ...(numeric.length && metric ? [importance.section(scored, numeric, metric), parallel(scored, numeric, metric, { text, smaller: down })].filter(Boolean) : []));
  }

  draw();
  dark.addEventListener("change", draw);
  return () => dark.removeEventListener("change", draw);
}

function groups(runs, names) {
  const all = new Map();
  for (const run of runs) {
    const key = JSON.stringify(names.map((n) => run.config[n] ?? null));
    if (!all.has(key)) all.set(key, { key, config: run.config, runs: [] });
    all.get(key).runs.push(run);
  }
  return [...all.values()];
}

/** A row per configuration, which opens to its runs. */
function configurations(all, names, metric, text) {
  return h("table", { class: "versus numbers sweep" },
    h("caption", { class: "hidden", text: "Configurations" }),
    h("thead", {}, h("tr", {}, h("td"), names.map((n) => h("th", { scope: "col", text: n.replace(/^spec\./, "") })),
      ["Runs", `${metric ?? ""}${isShare(metric ?? "") ? " %" : ""}, mean`, "± 95%"].map((t) => h("th", { scope: "col", text: t })))),
    all.map((group, i) => {
      const inner = group.runs.map((run) => h("tr", { hidden: true, class: "member" }, h("td"),
        h("td", { colspan: names.length || 1 }, h("a", { href: `#/run/${run.id}`, text: `${run.id} ${run.name}` }), " ", badge(run.state), ` seed ${run.seed}`),
        h("td"), h("td", { text: text(run.metrics[metric]) }), h("td")));
      const open = h("button", {
        type: "button", class: "quiet", text: "▸", "aria-expanded": "false", "aria-label": `runs of configuration ${i + 1}`,
        on: { click: () => {
          const now = open.getAttribute("aria-expanded") !== "true";
          open.setAttribute("aria-expanded", String(now));
          open.textContent = now ? "▾" : "▸";
          for (const row of inner) row.hidden = !now;
        } },
      });
      return h("tbody", {},
        h("tr", {}, h("td", {}, open), names.map((n) => h("td", { text: value(group.config[n]) })),
          h("td", { text: number(group.runs.length) }), h("td", { class: i === 0 && text(group.mean) !== text(all[1]?.mean) ? "best" : null, text: text(group.mean) }),
          h("td", { text: Number.isFinite(group.half) ? text(group.half) : "–" })),
        inner);
    }));
}

/** The mean of a metric over two parameters; other parameters are averaged. */
function heatMap(all, names, metric, text) {
  const pick = (id, label, usual) => h("select", { id, "aria-label": label, on: { change: draw } }, names.map((n) => h("option", { value: n, text: n, selected: n === usual })));
  const down = pick("rows", "Rows", names[0]);
  const across = pick("columns", "Columns", names[1]);
  const place = h("div");
  function order(name) {
    const values = [...new Map(all.map((g) => [value(g.config[name]), g.config[name]])).entries()];
    values.sort(([a, x], [b, y]) => (typeof x === "number" && typeof y === "number" ? x - y : a.localeCompare(b)));
    return values.map(([text_]) => text_);
  }
  function draw() {
    const [a, b] = [down.value, across.value];
    const found = all.filter((g) => Number.isFinite(g.mean));
    const at = (x, y) => found.filter((g) => value(g.config[a]) === x && value(g.config[b]) === y);
    const mean = (groups_) => (groups_.length ? groups_.reduce((t, g) => t + g.mean, 0) / groups_.length : NaN);
    const cells = order(a).map((x) => order(b).map((y) => mean(at(x, y))));
    const flat = cells.flat().filter(Number.isFinite);
    const [low, high] = [Math.min(...flat), Math.max(...flat)];
    place.replaceChildren(scroller(`${metric} over ${a} and ${b}`, h("table", { class: "matrix plain" },
      h("caption", { text: `${metric}, mean; rows: ${a}, columns: ${b}` }),
      h("thead", {}, h("tr", {}, h("td"), order(b).map((y) => h("th", { scope: "col", text: y })))),
      h("tbody", {}, order(a).map((x, i) => h("tr", {}, h("th", { scope: "row", text: x }), cells[i].map((v) => {
        const cell = h("td", { text: text(v) });
        if (Number.isFinite(v)) heat(cell, high > low ? (v - low) / (high - low) : 0.5);
        return cell;
      })))))));
  }
  draw();
  return h("section", { id: "heat" }, h("h2", { text: "Two parameters" }), h("div", { class: "bar" }, pair(h("label", { for: "rows", text: "Rows" }), down), pair(h("label", { for: "columns", text: "Columns" }), across)), place);
}
