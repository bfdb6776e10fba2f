import { get, may, send } from "./api.js";
import { add, attempt, breakable, h, missing, say } from "./dom.js";
import { value } from "./format.js";
import { field } from "./start.js";

const PARTS = ["backbone", "head", "gate", "unroll"];
const PLAIN = [
  { name: "feedback", type: "text", defaultValue: "6..4", allowed: [], about: "gated blocks, for example 6..4; none without feedback" },
  { name: "iterations", type: "int", defaultValue: "2", allowed: [], about: "how often the network runs" },
  { name: "classes", type: "int", defaultValue: "", allowed: [], about: "number of classes" },
  { name: "batch_norm", type: "choice", defaultValue: "per-iteration", allowed: ["per-iteration", "shared", "frozen"], about: "" },
  { name: "seed", type: "int", defaultValue: "0", allowed: [], about: "of the initial weights" },
];

/** Networks: what they are made of, how they unroll, and what they say to a picture. */
export async function show(view, argument, query, current) {
  const known = await get("/options");
  let one = null;
  try {
    if (argument) one = await get(`/networks/${encodeURIComponent(argument)}`);
  } catch (error) {
    return missing(view, error, current, `There is no network ${argument}`, h("a", { href: "#/networks", text: "All networks" }));
  }
  if (!current()) return undefined;
  add(view, h("h1", { text: one ? one.name : "Networks" }));
  if (one) return network(view, one, known, current);
  add(view, known.networks.length
    ? h("ul", { class: "files names card" }, known.networks.map((n) => h("li", {}, h("a", { href: `#/networks/${encodeURIComponent(n)}`, text: n }))))
    : h("p", { class: "hint", text: "No networks yet." }));
  if (may("operator")) {
    const name = h("input", { id: "new-name", required: true, pattern: "[A-Za-z0-9._-]+", maxlength: 100 });
    add(view, h("h2", { text: "Assemble a network" }),
      form("Assemble", known, null, [h("div", { class: "field" }, h("label", { for: "new-name", text: "name" }), name)], async (spec) => {
        const made = await send("POST", "/networks", { name: name.value.trim(), spec });
        location.hash = `#/networks/${encodeURIComponent(made.name)}`;
      }));
  }
  return undefined;
}

function form(verb, known, spec, before, done) {
  const error = h("p", { class: "error", role: "alert" });
  const fields = [];
  const part = (kind) => {
    const choices = known.parts.filter((p) => p.kind === kind);
    const about = h("small", { id: `part-${kind}-about` });
    const f = field({ name: kind, type: "part", defaultValue: "", allowed: choices.map((p) => p.name), about: "" }, `part-${kind}`, spec?.[kind]);
    // What the part is and takes, from the same description as the shell's help.
    const tell = () => {
      const chosen = choices.find((p) => p.name === f.input.value.split(":")[0]);
      say(about, chosen ? [chosen.about, ...chosen.options.map((o) => `${o.name}=${o.defaultValue}`)].filter(Boolean).join(" · ") : choices.map((p) => p.name).join(", "));
    };
    f.input.addEventListener("input", tell);
    tell();
    f.element.append(about);
    fields.push(f);
    return f.element;
  };
  const plain = (option) => {
    const given = spec?.[option.name];
    const f = field(option, `net-${option.name}`, option.name === "feedback" && given ? (given.length ? given : "none") : given);
    fields.push(f);
    return f.element;
  };
  return h("form", {
    class: "card pad",
    id: "network-form",
    on: { submit: (event) => {
      event.preventDefault();
      say(error, "");
      const wanted = {};
      for (const f of fields) if (f.input.value.trim() !== "") wanted[f.name] = f.name === "feedback" && f.input.value.trim() === "none" ? [] : f.input.value.trim();
      done(wanted).catch((e) => say(error, e.message));
    } },
  },
    h("div", { class: "fields" }, before, PARTS.map(part), PLAIN.map(plain)),
    error,
    h("button", { type: "submit", class: "primary", text: verb }));
}

function network(view, one, known, current) {
  const root = `/networks/${encodeURIComponent(one.name)}`;
  const spec = { ...one.spec };
  if (!spec.feedback?.length) delete spec.gate;
  const picture = h("img", { class: "unrolled", alt: `${one.name}, unrolled: a column for each block, a row for each iteration`, src: `/api/v1${root}/picture?turn=${Date.now()}` });
  const drawn = h("p", { class: "hint pad", text: "Drawing the network…" });
  picture.addEventListener("load", () => { drawn.hidden = true; });
  picture.addEventListener("error", () => {
    picture.hidden = true;
    say(drawn, "The network cannot be drawn: a part of it cannot be traced.");
  });
  const said = h("p", { class: "hint", role: "status" });
  add(view,
    h("div", { class: "bar" },
      may("operator") ? h("a", { class: "button primary", href: `#/start?network=${encodeURIComponent(one.name)}`, text: "Train" }) : null,
      may("operator") ? h("a", { class: "button", href: `#/start/eval?network=${encodeURIComponent(one.name)}`, text: "Evaluate" }) : null,
      h("a", { class: "button", href: `#/runs?q=${encodeURIComponent(`network=${one.name}`)}`, text: "Its runs" })),
    h("section", { class: "card scroll", tabindex: "0", "aria-label": "The unrolled network" }, drawn, picture),
    h("section", { class: "card scroll" }, h("h2", { text: "Spec" }), h("table", { class: "pairs" }, h("tbody", {},
      Object.entries(spec).map(([k, v]) => h("tr", {}, h("th", { scope: "row", text: k }), h("td", {}, breakable(value(v)))))))),
    may("operator") ? [
      predict(one, root, current),
      h("h2", { text: "Exchange parts" }), said,
      form("Exchange", known, one.spec, [], async (wanted) => {
        const { kept, restored, initialised } = await send("PUT", root, { spec: wanted });
        location.hash = `#/networks/${encodeURIComponent(one.name)}?turn=${Date.now()}`;
        say(said, `${kept} tensors kept, ${restored} restored, ${initialised} initialised.`);
      }),
    ] : null);
  return undefined;
}

/** What the network says to an image that is dropped or chosen. */
function predict(one, root, current) {
  const place = h("div", { class: "tiles", role: "status" });
  const file = h("input", { type: "file", id: "drop", accept: "image/png,image/jpeg", on: { change: () => ask(file.files[0]) } });
  const shown = [];
  const ask = (image) => image && attempt(async () => {
    place.replaceChildren(h("p", { class: "hint", text: "Predicting…" }));
    const answer = await send("POST", `${root}/predict`, image);
    if (!current()) return;
    shown.splice(0).forEach((url) => URL.revokeObjectURL(url));
    const tile = (blob, title) => {
      const url = URL.createObjectURL(blob);
      shown.push(url);
      return h("figure", { class: "tile" }, h("img", { src: url, alt: title }), h("figcaption", {}, h("span", { class: "title", text: title })));
    };
    place.replaceChildren(tile(image, image.name || "image"), tile(answer, "prediction"));
  });
  const zone = h("section", {
    class: "card pad drop",
    on: {
      dragover: (event) => { event.preventDefault(); zone.classList.add("over"); },
      dragleave: () => zone.classList.remove("over"),
      drop: (event) => { event.preventDefault(); zone.classList.remove("over"); ask(event.dataTransfer.files[0]); },
    },
  }, h("h2", { text: "Try an image" }), h("div", { class: "bar" }, h("label", { for: "drop", text: "Drop a PNG or JPEG here, or choose one" }), file), place);
  return zone;
}
