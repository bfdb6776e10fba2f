import { get, live } from "./api.js";
import { add, attempt, calmly, h, missing, redraw, scroller } from "./dom.js";
import { number } from "./format.js";

const PENDING_MS = 1500;

/** Tables of `rig ablate`, which fill while their runs go on. */
export async function show(view, argument, query, current) {
  if (!argument) return list(view, current);
  const place = h("div");
  let timer = 0;
  async function load() {
    clearTimeout(timer);
    const table = await get(`/tables/${encodeURIComponent(argument)}`);
    if (!current()) return;
    redraw(place, draw(table));
    // Differences are computed in the background.
    if (!table.complete) timer = setTimeout(again, PENDING_MS);
  }
  const again = calmly(600, () => current() && attempt(load));
  let title;
  try {
    ({ title } = await get(`/tables/${encodeURIComponent(argument)}`));
  } catch (error) {
    return missing(view, error, current, `There is no table ${argument}`, h("a", { href: "#/tables", text: "All tables and searches" }));
  }
  if (!current()) return undefined;
  add(view, h("h1", { text: title }), place);
  await load();
  const end = live(0, { event: again, missed: again });
  return () => {
    clearTimeout(timer);
    end();
  };
}

async function list(view, current) {
  const [{ tables }, { searches }] = await Promise.all([get("/tables"), get("/searches")]);
  if (!current()) return undefined;
  add(view, h("h1", { text: "Tables" }), tables.length
    ? h("ul", { class: "files card" }, tables.map(({ name, title }) => h("li", {}, h("a", { href: `#/tables/${encodeURIComponent(name)}`, text: title }))))
    : h("p", { class: "hint" }, "No tables yet. ", h("code", { text: "rig ablate FILE" }), " adds one."),
    h("h2", { text: "Searches" }), searches.length
      ? h("ul", { class: "files card" }, searches.map(({ name }) => h("li", {}, h("a", { href: `#/search/${encodeURIComponent(name)}`, text: name }))))
      : h("p", { class: "hint" }, "No searches yet. ", h("code", { text: "rig search NETWORK --over FIELD=VALUES" }), " adds one."));
  return undefined;
}

const percent = (x, digits = 2) => (Number.isFinite(x) ? (100 * x).toFixed(digits) : "");

function draw(table) {
  const runs = table.cells.flatMap((c) => c.runs);
  const over = runs.filter(({ eval: e }) => e.state === "done").length;
  const columns = [...new Set(table.cells.map((c) => c.column))];
  const sections = columns.length > 1 || columns[0] ? table.metrics.map((m) => grid(table, m, columns)) : [lines(table)];
  return [
    h("p", { class: "hint", role: "status", text: `${number(over)} of ${number(runs.length)} networks are evaluated.${table.complete ? "" : " Differences are being computed…"}` }),
    ...sections,
    h("p", { class: "hint", text: `Mean over the seeds ± half the 95% interval (Student's t), in percent${table.cells.some((c) => Object.values(c.published).some(Number.isFinite)) ? "; in brackets the published value" : ""}. Below: the difference to ${table.baseline}${new Set(table.cells.map((c) => c.baseline)).size > 1 ? " of the column" : ""} in points with its 95% interval by a paired bootstrap over images and seeds; * where the interval excludes 0.` }),
  ];
}

/** Whether no cell with the same baseline has a greater mean, and some a smaller one; also the only one that has a mean. */
function best(table, cell, metric) {
  const own = cell.summary[metric].mean;
  const all = table.cells.filter((c) => c.baseline === cell.baseline).map((c) => c.summary[metric].mean).filter((mean) => mean !== null);
  return own !== null && all.every((mean) => mean <= own) && (all.length === 1 || all.some((mean) => mean < own));
}

function signed(x) {
  return `${x < 0 ? "−" : "+"}${percent(Math.abs(x))}`;
}

/** What is known of a cell: its score, or how far its runs are. */
function content(table, cell, metric) {
  const { n, mean, half, difference: d } = cell.summary[metric];
  const published = cell.published[metric];
  const paper = Number.isFinite(published) ? ` (${published.toFixed(1)})` : "";
  const parts = [];
  if (n) {
    parts.push(h(best(table, cell, metric) ? "strong" : "span", { text: `${percent(mean)}${half === null ? "" : ` ± ${percent(half)}`}` }), paper);
  } else if (paper) {
    parts.push(h("span", { class: "hint", text: paper.trim() }));
  }
  if (d) parts.push(h("small", { class: "difference", text: `${signed(d.mean)} [${signed(d.low)}, ${signed(d.high)}]${d.low > 0 || d.high < 0 ? "*" : ""}` }));
  const open = cell.runs.filter(({ train, eval: e }) => e.state !== "done" && (train.state !== "queued" || e.state === "failed"));
  if (open.length) parts.push(h("small", {}, open.map(({ seed, train, eval: e }) => {
    const now = train.state === "done" ? e : train;
    const share = now.state === "running" && now.total ? ` ${Math.floor((100 * now.done) / now.total)} %` : "";
    return h("a", { href: `#/run/${now.id}`, text: `seed ${seed} ${now.state}${share} ` });
  })));
  return parts;
}

function links(cell) {
  const ids = cell.runs.filter(({ eval: e }) => e.state === "done").map(({ eval: e }) => e.id);
  return ids.length ? `#/${ids.length > 1 ? `compare/${ids.slice(0, 16).join(",")}` : `run/${ids[0]}`}` : null;
}

function named(cell, text) {
  const href = links(cell);
  return href ? h("a", { href, text }) : text;
}

function grid(table, metric, columns) {
  const titles = [...new Set(table.cells.map((c) => c.row))];
  return h("section", {}, h("h2", { text: `${metric}, %` }), scroller(`${metric} of ${table.title}`,
    h("table", { class: "versus numbers ablation" },
      h("thead", {}, h("tr", {}, h("td"), columns.map((c) => h("th", { scope: "col", text: c })))),
      h("tbody", {}, titles.map((title) => h("tr", {}, h("th", { scope: "row", text: title }),
        columns.map((column) => {
          const cell = table.cells.find((c) => c.row === title && c.column === column);
          return add(h("td"), cell ? content(table, cell, metric) : null);
        })))))));
}

function lines(table) {
  return scroller(table.title, h("table", { class: "versus numbers ablation" },
    h("thead", {}, h("tr", {}, h("td"), table.metrics.map((m) => h("th", { scope: "col", text: `${m}, %` })))),
    h("tbody", {}, table.cells.map((cell) => h("tr", {}, add(h("th", { scope: "row" }), named(cell, cell.row)),
      table.metrics.map((m) => add(h("td"), content(table, cell, m))))))));
}
