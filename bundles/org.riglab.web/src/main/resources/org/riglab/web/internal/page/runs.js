import { get, live } from "./api.js";
import { attempt, calmly, h } from "./dom.js";
import { duration, isShare, number, percent, time, value } from "./format.js";

const STATES = ["queued", "running", "paused", "done", "failed", "cancelled"];
const TITLES = {
  id: "ID", name: "Name", kind: "Kind", state: "State", network: "Network", mIoU: "mIoU %",
  loss: "Loss", done: "Progress", imagesPerSecond: "Images/s", secondsLeft: "Left",
  submitted: "Submitted", seconds: "Time", seed: "Seed", priority: "Priority", device: "Device",
  error: "Note", warnings: "Warnings", started: "Started", ended: "Ended", after: "After",
  sweep: "Sweep", replayOf: "Replay of",
};
const USUAL = ["id", "name", "state", "mIoU", "loss", "done", "imagesPerSecond", "submitted", "seconds"];
const NEEDED = ["id", "name", "state", "done", "total", "error", "warnings"];
const PAGE = 50;
const STORED = "rig-columns";

export function title(column) {
  return TITLES[column] ?? column.replace(/^(metric|spec|network)\./, "");
}

export function badge(state) {
  return h("span", { class: `badge ${state}`, text: state });
}

export function progress(run) {
  const bar = h("progress", {
    max: run.total || 1,
    value: run.done,
    "aria-label": `progress of run ${run.id}`,
  });
  return h("span", { class: "progress" }, bar, h("span", { class: "steps", text: run.total ? `${number(run.done)} / ${number(run.total)}` : "–" }));
}

export function cell(run, column) {
  const it = run[column];
  switch (column) {
    case "name":
      return h("span", { class: "who-and-why" },
        h("a", { href: `#/run/${run.id}`, text: it || `run ${run.id}` }),
        run.error ? h("small", { title: run.error, text: run.error }) : null);
    case "state":
      return [badge(it), run.warnings?.length ? h("span", { class: "warn", title: run.warnings.join("\n"), text: " ⚠", "aria-label": "warning" }) : null];
    case "done":
      return progress(run);
    case "mIoU":
      return percent(it);
    case "seconds":
    case "secondsLeft":
      return duration(it);
    case "submitted":
    case "started":
    case "ended":
      return time(it);
    case "imagesPerSecond":
      return it > 0 ? it.toFixed(1) : "–";
    case "id":
      return String(it);
    default:
      if (column.startsWith("metric.") && isShare(column.slice(7))) return percent(it);
      return value(it);
  }
}

function stored() {
  try {
    const columns = JSON.parse(localStorage.getItem(STORED));
    return Array.isArray(columns) && columns.length ? columns : USUAL;
  } catch {
    return USUAL;
  }
}

export async function show(view, argument, query, current) {
  let columns = query.get("columns")?.split(",") ?? stored();
  let order = { column: query.get("sort") ?? "", down: query.get("down") !== "no" };
  let offset = Number(query.get("offset") ?? 0);
  let page = { runs: [], total: 0 };
  const chosen = new Set();

  const text = h("input", {
    type: "search",
    id: "filter",
    placeholder: "name, network, spec, error…",
    value: query.get("text") ?? "",
    "aria-label": "Filter runs",
    on: { input: calmly(150, () => { offset = 0; load(); }) },
  });
  const states = STATES.map((state) =>
    h("label", { class: "chip" },
      h("input", {
        type: "checkbox",
        value: state,
        checked: (query.get("state") ?? "").split(",").includes(state),
        on: { change: () => { offset = 0; load(); } },
      }),
      h("span", { text: state })),
  );
  const picker = h("details", { class: "menu" }, h("summary", { text: "Columns" }));
  const compare = h("a", { class: "button", href: "#/compare", id: "compare", text: "Compare" });
  const count = h("span", { class: "count", role: "status" });
  const head = h("tr");
  const body = h("tbody");
  const table = h("table", { class: "list" }, h("caption", { class: "hidden", text: "Runs" }), h("thead", {}, head), body);
  const back = h("button", { type: "button", text: "Newer", on: { click: () => { offset = Math.max(0, offset - PAGE); load(); } } });
  const on = h("button", { type: "button", text: "Older", on: { click: () => { offset += PAGE; load(); } } });

  view.append(
    h("h1", { text: "Runs" }),
    h("div", { class: "bar", role: "search" },
      text,
      h("fieldset", { class: "chips" }, h("legend", { class: "hidden", text: "States" }), states),
      picker,
      compare),
    h("div", { class: "scroll card", tabindex: "0", role: "region", "aria-label": "Table of runs" }, table),
    h("div", { class: "bar foot" }, count, back, on),
  );

  picker.addEventListener("toggle", () => picker.open && attempt(pick), { once: true });
  async function pick() {
    const all = (await get("/columns")).columns.filter((c) => c !== "total");
    picker.append(h("div", { class: "choices", role: "group", "aria-label": "Columns" },
      all.map((column) => h("label", {},
        h("input", {
          type: "checkbox",
          checked: columns.includes(column),
          on: {
            change: (event) => {
              columns = event.target.checked ? [...columns, column] : columns.filter((c) => c !== column);
              localStorage.setItem(STORED, JSON.stringify(columns));
              load();
            },
          },
        }),
        TITLES[column] ? title(column) : column))));
  }

  function draw() {
    head.replaceChildren(
      h("th", { class: "pick" }, h("span", { class: "hidden", text: "Compare" })),
      ...columns.map((column) =>
        h("th", {
          scope: "col",
          class: column,
          "aria-sort": order.column === column ? (order.down ? "descending" : "ascending") : null,
        },
          h("button", {
            type: "button",
            class: "sort",
            text: title(column),
            on: {
              click: () => {
                order = { column, down: order.column === column ? !order.down : true };
                draw();
                head.querySelector(`th[aria-sort] button`)?.focus();
              },
            },
          }))),
    );
    const rows = [...page.runs];
    if (order.column) {
      const key = (run) => run[order.column] ?? null;
      rows.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === null || y === null) return (x === null) - (y === null);
        const sign = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
        return order.down ? -sign : sign;
      });
    }
    const focused = document.activeElement?.closest?.("tr")?.dataset.run;
    body.replaceChildren(...rows.map(row));
    if (focused) body.querySelector(`tr[data-run="${focused}"] a`)?.focus();
    if (!rows.length) {
      body.append(h("tr", {}, h("td", { class: "empty", colspan: columns.length + 1, text: text.value || chips().length ? "No run fits the filter." : "No runs yet: rig train --queue, or POST /api/v1/runs." })));
    }
    count.textContent = page.total ? `${offset + 1}–${offset + page.runs.length} of ${number(page.total)}` : "";
    back.disabled = offset === 0;
    on.disabled = offset + page.runs.length >= page.total;
    marked();
  }

  function row(run) {
    return h("tr", { data: { run: run.id } },
      h("td", { class: "pick" },
        h("input", {
          type: "checkbox",
          checked: chosen.has(run.id),
          "aria-label": `compare run ${run.id}`,
          on: { change: (event) => { event.target.checked ? chosen.add(run.id) : chosen.delete(run.id); marked(); } },
        })),
      columns.map((column) => h("td", { class: column.replaceAll(".", "-"), data: { label: title(column) } }, cell(run, column))));
  }

  function marked() {
    compare.textContent = chosen.size ? `Compare (${chosen.size})` : "Compare";
    compare.href = `#/compare/${[...chosen].sort((a, b) => a - b).join(",")}`;
    compare.classList.toggle("primary", chosen.size > 1);
  }

  function chips() {
    return states.map((s) => s.querySelector("input")).filter((i) => i.checked).map((i) => i.value);
  }

  let asked = null;
  async function load() {
    const search = new URLSearchParams();
    if (text.value) search.set("text", text.value);
    if (chips().length) search.set("state", chips().join(","));
    if (offset) search.set("offset", offset);
    history.replaceState(null, "", `#/runs${search.size ? `?${search}` : ""}`);
    search.set("limit", PAGE);
    search.set("columns", [...new Set([...NEEDED, ...columns])].join(","));
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await get(`/runs?${search}`, asked.signal);
      if (!current()) return;
      page = answer;
      draw();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  await load();
  const again = calmly(400, () => current() && attempt(load));
  return live(0, {
    progress: ({ run, progress: p }) => {
      const known = page.runs.find((r) => r.id === run);
      if (!known) return;
      Object.assign(known, { done: p.done, total: p.total, imagesPerSecond: p.imagesPerSecond, secondsLeft: p.secondsLeft });
      const line = body.querySelector(`tr[data-run="${run}"]`);
      for (const column of ["done", "imagesPerSecond", "secondsLeft"]) {
        line?.querySelector(`td.${column}`)?.replaceChildren(cell(known, column));
      }
    },
    event: again,
    missed: again,
  });
}
