import { get, may, send } from "./api.js";
import { add, h, say } from "./dom.js";
import { value } from "./format.js";

/** Options that most trainings set; the others are one click away. */
const COMMON = ["recipe", "dataset", "data", "resize", "crop", "steps", "epochs", "batch", "lr", "optimizer", "eval_every", "split", "limit", "scales", "flip", "device"];
const NETWORK = ["network.gate", "network.unroll", "network.feedback", "network.iterations", "network.backbone", "network.head"];

/** A value as it is typed: lists with commas, parts as `name:option=value`. */
export function written(it) {
  if (it === null || it === undefined) return "";
  if (Array.isArray(it)) return it.map(written).join(",");
  return typeof it === "object" ? value(it) : String(it);
}

/** A field for an option, made from the same description as the shell's help. */
export function field(option, id, given) {
  const usual = option.defaultValue;
  const shown = given === undefined ? "" : written(given);
  const choices = option.type === "boolean" ? ["true", "false"] : option.allowed ?? [];
  const free = !choices.length || option.type.startsWith("list") || option.type === "part";
  const input = free
    ? h("input", {
        id, value: shown, placeholder: usual === "" ? "" : `${usual}`, spellcheck: "false", autocomplete: "off",
        list: choices.length ? `${id}-choices` : null,
        "aria-describedby": option.about ? `${id}-about` : null,
      })
    : h("select", { id, "aria-describedby": option.about ? `${id}-about` : null },
        h("option", { value: "", text: usual === "" ? "" : `${usual} (default)` }),
        choices.filter((c) => c !== usual || shown === c).map((c) => h("option", { value: c, text: c, selected: c === shown })));
  const element = h("div", { class: "field", data: { option: option.name } },
    h("label", { for: id, text: option.name }),
    input,
    free && choices.length ? h("datalist", { id: `${id}-choices` }, choices.map((c) => h("option", { value: c }))) : null,
    option.about ? h("small", { id: `${id}-about`, text: option.about }) : null);
  return { name: option.name, input, element, shown, original: given };
}

/** A new training, sweep or evaluation. */
export async function show(view, argument, query, current) {
  const clone = query.get("clone") ? await get(`/runs/${Number(query.get("clone"))}`) : null;
  const known = await get("/options");
  if (!current()) return undefined;
  add(view, h("h1", { text: clone ? `A run like ${clone.id}` : "New run" }));
  if (!may("operator")) {
    add(view, h("p", { class: "hint", text: "Starting runs needs a token of the role operator." }));
    return undefined;
  }
  const kinds = [["train", "Training"], ["sweep", "Sweep"], ["eval", "Evaluation"]];
  let kind = clone?.kind ?? (kinds.some(([k]) => k === argument) ? argument : "train");
  let fields = [];
  let rows = [];

  const choice = h("fieldset", { class: "chips" }, h("legend", { class: "hidden", text: "Kind" }),
    kinds.map(([name, text]) => h("label", { class: "chip" },
      h("input", { type: "radio", name: "kind", value: name, checked: name === kind, on: { change: () => { kind = name; draw(); } } }),
      h("span", { text }))));
  const network = h("select", { id: "network", required: true }, known.networks.map((n) => h("option", { value: n, text: n, selected: n === (clone?.network ?? query.get("network")) })));
  const name = h("input", { id: "name", maxlength: 100, value: clone?.name ?? "", placeholder: "name of the network" });
  const seeds = h("input", { id: "seeds", placeholder: "0, 1, 2", pattern: "[0-9, ]*" });
  const priority = h("input", { id: "priority", type: "number", min: -1000, max: 1000, value: clone?.priority ?? 0 });
  const after = h("input", { id: "after", placeholder: "IDs of runs", pattern: "[0-9, ]*", value: query.get("after") ?? "" });
  const tags = h("input", { id: "tags", placeholder: "paper, baseline", value: clone?.tags?.join(", ") ?? "" });
  const common = h("div", { class: "fields" });
  const rest = h("div", { class: "fields" });
  const find = h("input", { type: "search", id: "find", placeholder: "find an option", "aria-label": "Find an option", on: { input: () => {
    for (const f of fields) if (rest.contains(f.element)) f.element.hidden = !f.element.textContent.toLowerCase().includes(find.value.toLowerCase());
  } } });
  const more = h("details", {}, h("summary", { text: "All options" }), find, rest);
  const grid = h("div");
  const sweep = h("section", { class: "card pad" }, h("h2", { text: "Values to try" }),
    h("p", { class: "hint", text: "One run for each combination and each seed." }), grid,
    h("button", { type: "button", text: "Another parameter", on: { click: () => axis() } }));
  const error = h("p", { class: "error", role: "alert" });
  const labelled = (id, text, input, about) => h("div", { class: "field" }, h("label", { for: id, text }), input, about ? h("small", { text: about }) : null);
  const several = labelled("seeds", "seeds", seeds, "one run for each");
  const numbers = (text) => text.split(/[\s,]+/).filter(Boolean).map(Number);

  function axis(chosen = "", values = "") {
    const id = `axis-${rows.length}`;
    const select = h("select", { id, "aria-label": "Parameter" }, h("option", { value: "", text: "parameter…" }),
      [...known.train.map((o) => o.name), ...NETWORK].map((n) => h("option", { value: n, text: n, selected: n === chosen })));
    const input = h("input", { "aria-label": "Values, separated by semicolons", placeholder: "0.01; 0.003; 0.001", value: values });
    const row = { select, input };
    const element = h("div", { class: "bar" }, select, input,
      h("button", { type: "button", class: "quiet", text: "✕", "aria-label": "leave out this parameter", on: { click: () => { rows = rows.filter((r) => r !== row); element.remove(); } } }));
    rows.push(row);
    grid.append(element);
  }

  function draw() {
    several.hidden = kind !== "sweep";
    const options = kind === "eval" ? known.eval : known.train;
    const given = (o) => (clone && clone.kind === (kind === "eval" ? "eval" : "train") ? clone.spec[o.name] : undefined);
    fields = options.filter((o) => o.name !== "seed" || kind !== "sweep").map((o) => field(o, `option-${o.name}`, given(o)));
    const isCommon = (f) => COMMON.includes(f.name);
    common.replaceChildren(...fields.filter(isCommon).map((f) => f.element));
    rest.replaceChildren(...fields.filter((f) => !isCommon(f)).map((f) => f.element));
    sweep.hidden = kind !== "sweep";
    if (kind === "sweep" && !rows.length) axis("lr");
  }

  async function submit() {
    const options = {};
    for (const f of fields) {
      const text = f.input.value.trim();
      // What was not touched goes as it was; an empty field is left to the recipe.
      if (text !== "") options[f.name] = text === f.shown && f.original !== undefined ? f.original : text;
    }
    const values = {};
    for (const { select, input } of rows) {
      const all = input.value.split(";").map((v) => v.trim()).filter(Boolean);
      if (kind === "sweep" && select.value && all.length) values[select.value] = all;
    }
    const body = {
      kind: kind === "eval" ? "eval" : "train",
      network: network.value,
      name: name.value.trim(),
      options,
      priority: Number(priority.value) || 0,
      after: numbers(after.value),
    };
    if (kind === "sweep") Object.assign(body, { grid: values, seeds: numbers(seeds.value) });
    const { runs } = await send("POST", "/runs", body);
    const words = tags.value.split(/[\s,]+/).filter(Boolean);
    if (words.length) for (const run of runs) await send("PUT", `/runs/${run.id}/tags`, { add: words });
    location.hash = runs.length > 1 ? `#/sweep/${runs[0].sweep || runs[0].id}` : `#/run/${runs[0].id}`;
  }

  const form = h("form", {
    id: "start",
    on: { submit: (event) => {
      event.preventDefault();
      say(error, "");
      submit().catch((e) => say(error, e.message));
    } },
  },
    choice,
    h("section", { class: "card pad" },
      h("div", { class: "fields" },
        labelled("network", "network", network),
        labelled("name", "name", name),
        several,
        labelled("priority", "priority", priority, "runs with a higher priority start first"),
        labelled("after", "after", after, "runs that must be done first"),
        labelled("tags", "tags", tags))),
    sweep,
    h("section", { class: "card pad" }, h("h2", { text: "Options" }), common, more),
    error,
    h("button", { type: "submit", class: "primary", text: "Add to the queue" }));
  add(view, known.networks.length ? form : h("p", { class: "hint" }, "There is no network yet: ", h("a", { href: "#/networks", text: "assemble one" }), "."));
  draw();
  return undefined;
}
