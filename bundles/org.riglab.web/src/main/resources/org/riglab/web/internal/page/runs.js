import { get, live, may, send } from "./api.js";
import { add, arrange, attempt, calmly, h, menu, say, scroller } from "./dom.js";
import { bytes, duration, isShare, number, percent, time, value } from "./format.js";

const STATES = ["queued", "running", "paused", "done", "failed", "cancelled"];
const TITLES = {
  id: "ID", name: "Name", kind: "Kind", state: "State", network: "Network", mIoU: "mIoU %",
  loss: "Loss", done: "Progress", imagesPerSecond: "Images/s", secondsLeft: "Left",
  submitted: "Submitted", seconds: "Time", seed: "Seed", priority: "Priority", device: "Device",
  error: "Error", warnings: "Warnings", started: "Started", ended: "Ended", after: "After",
  sweep: "Sweep", replayOf: "Replay of", tags: "Tags", note: "Note", bytes: "Size", files: "Files",
};
const USUAL = ["id", "name", "state", "mIoU", "loss", "done", "imagesPerSecond", "submitted", "seconds"];
const NEEDED = ["id", "name", "state", "done", "total", "error", "warnings", "tags"];
/** Fields of conditions with another name than the column. */
const FIELDS = { tags: "tag" };
const UNSORTED = ["after"];
const NUMBERS = ["mIoU", "loss", "imagesPerSecond", "seconds", "secondsLeft", "seed", "priority", "bytes"];
const PAGE = 50;
const COLUMNS = "rig-columns";
const SAVED = "rig-views";

export function title(column) {
  return TITLES[column] ?? column.replace(/^(metric|spec|network)\./, "");
}

export function badge(state) {
  return h("span", { class: `badge ${state}`, text: state });
}

export function setBadge(element, state) {
  if (element.textContent === state) return;
  element.className = `badge ${state}`;
  element.textContent = state;
}

export function progress(run) {
  const bar = h("progress", { "aria-label": `progress of run ${run.id}` });
  const element = h("span", { class: "progress" }, bar, h("span", { class: "steps" }));
  setProgress(element, run);
  return element;
}

export function setProgress(element, { done, total }) {
  const [bar, text] = element.children;
  bar.max = total || 1;
  bar.value = done;
  say(text, total ? `${number(done)} / ${number(total)}` : "–");
}

export function cell(run, column) {
  const it = run[column];
  switch (column) {
    case "name":
      return h("span", { class: "who-and-why" },
        h("a", { href: `#/run/${run.id}`, text: it || `run ${run.id}` }),
        run.tags?.length ? h("span", { class: "tags" }, run.tags.map((t) => h("a", { class: "tag", href: `#/runs?q=${encodeURIComponent(`tag:${t}`)}`, text: t }))) : null,
        run.error ? h("small", { title: run.error, text: run.error }) : null);
    case "state":
      return [badge(it), run.warnings?.length ? h("span", { class: "warn", role: "img", title: run.warnings.join("\n"), text: " ⚠", "aria-label": "warning" }) : null];
    case "done":
      return progress(run);
    case "mIoU":
      return percent(it);
    case "loss":
      return number(it);
    case "seconds":
    case "secondsLeft":
      return duration(it);
    case "submitted":
    case "started":
    case "ended":
      return time(it);
    case "imagesPerSecond":
      return it > 0 ? it.toFixed(1) : "–";
    case "bytes":
      return it > 0 ? bytes(it) : "–";
    case "sweep":
      return it ? h("a", { href: `#/sweep/${it}`, text: String(it) }) : "–";
    case "replayOf":
      return it ? h("a", { href: `#/run/${it}`, text: String(it) }) : "–";
    case "id":
      return String(it);
    default:
      if (column.startsWith("metric.")) return isShare(column.slice(7)) ? percent(it) : number(it);
      return value(it);
  }
}

function stored(key, otherwise) {
  try {
    const value = JSON.parse(localStorage.getItem(key));
    return Array.isArray(value) && value.length ? value : otherwise;
  } catch {
    return otherwise;
  }
}

function numeric(column) {
  return NUMBERS.includes(column) || column.startsWith("metric.");
}

/** Conditions have an operator; anything else is looked for as text. */
export function condition(text) {
  return /[=<>~:]/.test(text);
}

export async function show(view, argument, query, current) {
  let at = location.hash; // of this view, until somebody goes elsewhere
  let columns = query.get("columns")?.split(",").filter(Boolean) ?? stored(COLUMNS, USUAL);
  let sort = query.get("sort") ?? "";
  let offset = Math.max(0, Number(query.get("offset") ?? 0) || 0);
  let page = { runs: [], total: 0 };
  const chosen = new Set((query.get("marked") ?? "").split(",").filter(Boolean).map(Number));
  const rows = new Map();

  const text = h("input", {
    type: "search",
    id: "filter",
    placeholder: "name, or mIoU>50 lr<0.01 network.gate=mul-tanh tag:paper",
    value: query.get("q") ?? "",
    "aria-label": "Filter runs: text, or conditions on fields",
    "aria-describedby": "wrong",
    list: "fields",
    autocomplete: "off",
    spellcheck: "false",
    on: { input: calmly(200, () => { offset = 0; attempt(load); }) },
  });
  const fields = h("datalist", { id: "fields" });
  const wrong = h("p", { id: "wrong", class: "error", role: "status" });
  const states = STATES.map((state) =>
    h("label", { class: "chip" },
      h("input", {
        type: "checkbox",
        value: state,
        checked: (query.get("state") ?? "").split(",").includes(state),
        on: { change: () => { offset = 0; attempt(load); } },
      }),
      h("span", { text: state })),
  );
  const find = h("input", { type: "search", "aria-label": "Find a column", placeholder: "find a column", on: { input: () => narrow() } });
  const options = h("div", { class: "options", role: "group", "aria-label": "Columns" });
  const picker = menu("Columns", find, options,
    h("button", { type: "button", text: "Usual columns", on: { click: () => { columns = [...USUAL]; keep(); } } }));
  const views = h("ul", { class: "options" });
  const viewName = h("input", { id: "view-name", required: true, maxlength: 60, placeholder: "name", "aria-label": "Name of the view" });
  const saved = menu("Views", views, h("form", { class: "bar tight", on: { submit: (e) => { e.preventDefault(); save(); } } },
    viewName, h("button", { type: "submit", text: "Save" })));
  const compare = h("a", { class: "button", href: "#/compare", id: "compare", text: "Compare" });
  const group = h("a", { class: "button", id: "group", href: "#/sweep", text: "Group by seed" });
  const count = h("span", { class: "count", role: "status" });
  const head = h("tr");
  const body = h("tbody");
  const empty = h("tr", {}, h("td", { class: "empty" }));
  const table = h("table", { class: "list" }, h("caption", { class: "hidden", text: "Runs" }), h("thead", {}, head), body);
  const back = h("button", { type: "button", text: "Previous", on: { click: () => { offset = Math.max(0, offset - PAGE); attempt(load); } } });
  const on = h("button", { type: "button", text: "Next", on: { click: () => { offset += PAGE; attempt(load); } } });
  const marked_ = may("operator") ? markedBar() : null;

  add(view,
    h("h1", { text: "Runs" }),
    h("div", { class: "bar", role: "search" },
      text, fields,
      h("fieldset", { class: "chips" }, h("legend", { class: "hidden", text: "States" }), states),
      picker, saved, compare, group),
    wrong,
    marked_,
    scroller("Table of runs", table),
    h("div", { class: "bar foot" }, count, back, on),
  );

  picker.addEventListener("toggle", () => picker.open && attempt(pick), { once: true });
  saved.addEventListener("toggle", () => saved.open && drawViews());
  text.addEventListener("focus", () => attempt(async () => {
    const answer = await get("/fields");
    fields.replaceChildren(...answer.fields.flatMap((f) => [h("option", { value: `${f}=` })]));
  }), { once: true });

  async function pick() {
    const all = (await get("/columns")).columns.filter((c) => c !== "total");
    for (const column of columns) if (!all.includes(column)) all.push(column);
    options.replaceChildren(...all.map((column) => h("label", { data: { column } },
      h("input", {
        type: "checkbox",
        checked: columns.includes(column),
        on: {
          change: (event) => {
            columns = event.target.checked ? [...columns, column] : columns.filter((c) => c !== column);
            keep();
          },
        },
      }),
      TITLES[column] ? title(column) : column)));
  }

  function narrow() {
    const wanted = find.value.toLowerCase();
    for (const label of options.children) label.hidden = !label.textContent.toLowerCase().includes(wanted);
  }

  function keep() {
    localStorage.setItem(COLUMNS, JSON.stringify(columns));
    for (const label of options.children) label.firstElementChild.checked = columns.includes(label.dataset.column);
    attempt(load);
  }

  function drawViews() {
    const all = stored(SAVED, []);
    views.replaceChildren(...(all.length ? all.map(({ name, address }) => h("li", {},
      h("a", { href: address, text: name, on: { click: () => (saved.open = false) } }),
      h("button", {
        type: "button", class: "quiet", text: "✕", "aria-label": `remove the view ${name}`,
        on: { click: () => { localStorage.setItem(SAVED, JSON.stringify(all.filter((v) => v.name !== name))); drawViews(); } },
      }))) : [h("li", { class: "hint", text: "No saved views. The address holds this one." })]));
  }

  function save() {
    const name = viewName.value.trim();
    if (!name) return;
    const others = stored(SAVED, []).filter((v) => v.name !== name);
    localStorage.setItem(SAVED, JSON.stringify([...others, { name, address: address(true) }]));
    viewName.value = "";
    drawViews();
  }

  /** What is done with marked runs: tags, archive, deletion. */
  function markedBar() {
    const tag = h("input", { id: "tag", placeholder: "tag", maxlength: 64, "aria-label": "Tag for the marked runs" });
    const say_ = h("span", { class: "hint", role: "status" });
    const all = () => [...chosen].sort((a, b) => a - b);
    const change = (what, told) => attempt(async () => {
      say(say_, (await what()) ?? "");
      if (told) { chosen.clear(); }
      await load();
    });
    return h("div", { class: "bar", id: "marked", hidden: true },
      h("form", { class: "bar tight", on: { submit: (e) => {
        e.preventDefault();
        const word = tag.value.trim();
        if (word) change(async () => { for (const id of all()) await send("PUT", `/runs/${id}/tags`, e.submitter?.value === "remove" ? { remove: [word] } : { add: [word] }); tag.value = ""; });
      } } }, tag, h("button", { type: "submit", value: "add", text: "Tag" }), h("button", { type: "submit", value: "remove", text: "Untag" })),
      h("button", { type: "button", text: "Archive", on: { click: () => change(async () => freed(await send("POST", "/archive", { runs: all() }), "archived"), true) } }),
      h("button", { type: "button", text: "Restore", on: { click: () => change(async () => { await send("POST", "/restore", { runs: all() }); }, true) } }),
      h("button", {
        type: "button", class: "danger", text: "Delete",
        on: { click: () => {
          const ids = all();
          if (confirm(`Delete ${ids.length === 1 ? `run ${ids[0]}` : `${ids.length} runs`} with files, curves and events?`)) change(async () => freed(await send("POST", "/delete", { runs: ids }), "deleted"), true);
        } },
      }),
      say_);
  }

  function freed({ runs, bytes: size }, what) {
    return `${number(runs.length)} ${runs.length === 1 ? "run" : "runs"} ${what}, ${bytes(size)} freed`;
  }

  function headings() {
    const key = (column) => FIELDS[column] ?? column;
    const [by, down] = [sort.replace(/^-/, ""), sort.startsWith("-")];
    const known = new Map([...head.children].map((th) => [th.dataset.column, th]));
    arrange(head, ["", ...columns].map((column) => {
      const th = known.get(column) ?? heading(column, key);
      if (by && by === key(column)) th.setAttribute("aria-sort", down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
      return th;
    }));
  }

  function heading(column, key) {
    if (!column) return h("th", { class: "pick", data: { column } }, h("span", { class: "hidden", text: "Marked" }));
    const name = `${column}${numeric(column) ? " number" : ""}`;
    if (UNSORTED.includes(column)) return h("th", { scope: "col", class: name, data: { column }, text: title(column) });
    return h("th", { scope: "col", class: name, data: { column } },
      h("button", {
        type: "button",
        class: "sort",
        text: title(column),
        on: {
          click: () => {
            const field = key(column);
            sort = sort === `-${field}` ? field : sort === field ? "" : `-${field}`;
            offset = 0;
            attempt(load);
          },
        },
      }));
  }

  function draw() {
    headings();
    arrange(body, page.runs.length ? page.runs.map(row) : [empty]);
    const cell_ = empty.firstElementChild;
    cell_.colSpan = columns.length + 1;
    say(cell_, text.value || chips().length ? "No run fits the filter." : "No runs yet. Start one here with Start, or in the shell with submit.");
    say(count, page.total ? `${number(offset + 1)}–${number(offset + page.runs.length)} of ${number(page.total)}` : "");
    back.disabled = offset === 0;
    on.disabled = offset + page.runs.length >= page.total;
    marked();
  }

  /** The row of a run; only cells that have changed are written. */
  function row(run) {
    let known = rows.get(run.id);
    const layout = columns.join();
    if (!known || known.layout !== layout) {
      const mark = h("input", {
        type: "checkbox",
        checked: chosen.has(run.id),
        "aria-label": `mark run ${run.id}`,
        on: { change: (event) => { event.target.checked ? chosen.add(run.id) : chosen.delete(run.id); marked(); remember(); } },
      });
      const cells = new Map(columns.map((column) => [column, {
        td: h("td", { class: `${column.replaceAll(".", "-")}${numeric(column) ? " number" : ""}`, data: { label: title(column) } }),
        shown: null,
      }]));
      known = { layout, mark, cells, tr: h("tr", { data: { run: run.id } }, h("td", { class: "pick" }, mark), [...cells.values()].map((c) => c.td)) };
      rows.set(run.id, known);
    }
    known.mark.checked = chosen.has(run.id);
    for (const [column, it] of known.cells) {
      const shown = JSON.stringify([run[column], ["name"].includes(column) ? [run.error, run.tags] : column === "state" ? run.warnings : column === "done" ? run.total : 0]);
      if (shown === it.shown) continue;
      it.shown = shown;
      const bar = it.td.querySelector(".progress");
      if (column === "done" && bar) setProgress(bar, run);
      else add((it.td.replaceChildren(), it.td), cell(run, column));
      it.td.classList.toggle("none", it.td.textContent === "–"); // left out on a phone
    }
    return known.tr;
  }

  function marked() {
    say(compare, chosen.size ? `Compare (${chosen.size})` : "Compare");
    compare.href = `#/compare/${[...chosen].sort((a, b) => a - b).join(",")}`;
    compare.classList.toggle("primary", chosen.size > 1);
    if (marked_) marked_.hidden = chosen.size === 0;
  }

  function chips() {
    return states.map((s) => s.querySelector("input")).filter((i) => i.checked).map((i) => i.value);
  }

  /** The address of what is shown. */
  function address(plain = false) {
    const search = new URLSearchParams();
    if (text.value) search.set("q", text.value);
    if (chips().length) search.set("state", chips().join(","));
    if (sort) search.set("sort", sort);
    if (plain || columns.join() !== USUAL.join()) search.set("columns", columns.join());
    if (offset && !plain) search.set("offset", offset);
    if (chosen.size && !plain) search.set("marked", [...chosen].join());
    return `#/runs${search.size ? `?${search}` : ""}`;
  }

  function remember() {
    // A late answer must not bring an address back that was left.
    if (!current() || location.hash !== at) return;
    history.replaceState(null, "", address());
    at = location.hash;
  }

  let asked = null;
  async function load() {
    remember();
    const search = new URLSearchParams({ limit: PAGE, offset, columns: [...new Set([...NEEDED, ...columns])].join(",") });
    if (text.value.trim()) search.set(condition(text.value) ? "where" : "text", text.value.trim());
    if (chips().length) search.set("state", chips().join(","));
    if (sort) search.set("sort", sort);
    group.href = `#/sweep?${new URLSearchParams(text.value.trim() ? { q: text.value.trim() } : {})}`;
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await get(`/runs?${search}`, asked.signal);
      if (!current()) return;
      page = answer;
      say(wrong, "");
      if (offset && offset >= page.total) {
        offset = 0;
        await load();
        return;
      }
      draw();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status !== 400) throw error;
      say(wrong, error.message); // a condition that is not complete yet
    }
  }

  await load();
  const again = calmly(400, () => current() && attempt(load));
  const end = live(0, {
    progress: ({ run, progress: p }) => {
      const known = page.runs.find((r) => r.id === run);
      if (!known) return;
      Object.assign(known, { done: p.done, total: p.total, imagesPerSecond: p.imagesPerSecond, secondsLeft: p.secondsLeft });
      row(known);
    },
    event: again,
    missed: again,
  });
  return () => {
    end();
    asked?.abort();
  };
}
