import { get } from "./api.js";
import { Chart } from "./chart.js";
import { heat, series } from "./colours.js";
import { attempt, h } from "./dom.js";
import { isShare, number, percent, value } from "./format.js";
import { badge } from "./runs.js";

const ANSWER = "mIoU of the last iteration";

export async function show(view, argument, query, current) {
  const ids = [...new Set(argument.split(",").filter((w) => /^\d+$/.test(w)).map(Number))];
  const input = h("input", { id: "add", inputmode: "numeric", pattern: "[0-9 ,]+", placeholder: "IDs, for example 3, 7", "aria-label": "Run IDs to add", list: "known" });
  const known = h("datalist", { id: "known" });
  view.append(
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
  if (ids.length < 2) {
    view.append(
      ids.length ? chosen([{ id: ids[0], name: `run ${ids[0]}`, state: "" }], ids) : null,
      h("p", { class: "hint", text: ids.length ? "Add another run to compare it with." : "Mark two or more runs in the list, or add their IDs here." }));
    return undefined;
  }
  const all = await get(`/compare?runs=${ids.join(",")}`);
  const lists = await Promise.all(ids.map((id) => get(`/runs/${id}/metrics`)));
  if (!current()) return undefined;
  const metrics = [...new Set(lists.flatMap((l) => l.metrics))];
  // Networks of different depth answer in different iterations.
  const answers = lists.map((l) => l.metrics.filter((m) => /^mIoU\.t\d+$/.test(m)).sort((a, b) => a.slice(6) - b.slice(6)).at(-1));
  if (answers.some(Boolean)) metrics.unshift(ANSWER);
  const usual = metrics[0] === ANSWER ? ANSWER : metrics.includes("loss") ? "loss" : metrics[0];
  const select = h("select", { id: "metric", on: { change: () => attempt(draw) } }, metrics.map((m) => h("option", { value: m, text: m, selected: m === usual })));
  const place = h("div");
  let chart = null;
  async function draw() {
    const metric = select.value;
    const curves = await Promise.all(ids.map((id, i) => get(`/runs/${id}/curves?points=1000&metric=${encodeURIComponent(metric === ANSWER ? answers[i] ?? "mIoU.t1" : metric)}`)));
    if (!current()) return;
    chart?.close();
    chart = new Chart({ title: metric, share: isShare(metric) });
    place.replaceChildren(chart.element);
    chart.show(curves.map((c, i) => ({ label: `${ids[i]} ${all.runs[i].name}`, ...c.curves[0], low: undefined, high: undefined })));
  }
  view.append(
    chosen(all.runs, ids),
    metrics.length ? h("div", { class: "bar" }, h("label", { for: "metric", text: "Metric" }), select) : null,
    place,
    differences("What was asked for", all.spec, all.runs, "Both specs are the same."),
    differences("Parts", all.parts, all.runs, null),
    h("p", { class: all.sameData ? "hint" : "warn", text: all.sameData ? "All have seen the same data." : "⚠ They have not seen the same data." }),
    results(all),
    perClass(all),
  );
  if (metrics.length) await draw();
  return () => chart?.close();
}

function chosen(runs, ids) {
  return h("ul", { class: "chosen" }, runs.map((run, i) => {
    const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.backgroundColor = series(i);
    return h("li", { class: "card" }, swatch,
      h("a", { href: `#/run/${run.id}`, text: `${run.id} ${run.name}` }),
      run.state ? badge(run.state) : null,
      h("a", { class: "quiet", href: `#/compare/${ids.filter((id) => id !== run.id).join(",")}`, "aria-label": `leave out run ${run.id}`, text: "✕" }));
  }));
}

function heads(runs) {
  return h("thead", {}, h("tr", {}, h("td"), runs.map((r) => h("th", { scope: "col" }, h("a", { href: `#/run/${r.id}`, text: `${r.id} ${r.name}` })))));
}

function section(title, table) {
  return h("section", {}, h("h2", { text: title }), h("div", { class: "card scroll", tabindex: "0", role: "region", "aria-label": title }, table));
}

function differences(title, fields, runs, none) {
  const rows = Object.entries(fields);
  if (!rows.length) return none ? h("section", {}, h("h2", { text: title }), h("p", { class: "hint", text: none })) : null;
  return section(title, h("table", { class: "versus" }, heads(runs),
    h("tbody", {}, rows.map(([name, values]) => h("tr", {}, h("th", { scope: "row", text: name }), values.map((v) => h("td", { text: value(v) })))))));
}

function results({ metrics, runs }) {
  const rows = Object.entries(metrics);
  if (!rows.length) return null;
  return section("Last values", h("table", { class: "versus numbers" }, heads(runs),
    h("tbody", {}, rows.map(([name, values]) => {
      const text = isShare(name) ? percent : number;
      const best = Math.max(...values.filter(Number.isFinite));
      return h("tr", {}, h("th", { scope: "row", text: isShare(name) ? `${name} %` : name }),
        values.map((v) => h("td", { class: isShare(name) && v === best && values.length > 1 ? "best" : null, text: text(v) })));
    }))));
}

function perClass({ classes, iou, runs }) {
  if (!classes.length) return null;
  return section("IoU per class %", h("table", { class: "versus numbers" }, heads(runs),
    h("tbody", {}, classes.map((name, c) => h("tr", {}, h("th", { scope: "row", text: name }),
      iou[c].map((v) => {
        const cell = h("td", { text: percent(v) });
        if (Number.isFinite(v)) heat(cell, v);
        return cell;
      }))))));
}
