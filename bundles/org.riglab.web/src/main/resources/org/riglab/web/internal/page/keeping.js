import { may, send } from "./api.js";
import { attempt, h, say } from "./dom.js";
import { bytes } from "./format.js";

const MOVABLE = ["queued", "paused"];
const OVER = ["done", "failed", "cancelled"];

/** What people add to a run: tags, a note, its priority; and its deletion. */
export function section(first) {
  const free = may("operator");
  const tags = h("span", { class: "tags" });
  const note = h("p", { class: "note" });
  const shown = h("div", { class: "kept" }, tags, note);
  if (!free) return { element: shown, set: (run) => draw(run) };

  const said = h("span", { class: "hint", role: "status" });
  const tagField = h("input", { id: "run-tags", placeholder: "paper, baseline", maxlength: 400 });
  const noteField = h("textarea", { id: "run-note", rows: 3, maxlength: 4000 });
  const priority = h("input", { id: "run-priority", type: "number", min: -1000, max: 1000, step: 1 });
  const order = h("div", { class: "field" }, h("label", { for: "run-priority", text: "priority" }), priority, h("small", { text: "a higher one starts first" }));
  const remove = h("button", { type: "button", class: "danger", text: "Delete", on: { click: () => attempt(deletion) } });
  let run = first;
  let known = "";

  async function save() {
    const words = tagField.value.split(/[\s,]+/).filter(Boolean);
    const add = words.filter((t) => !run.tags.includes(t));
    const gone = run.tags.filter((t) => !words.includes(t));
    let now = run;
    if (add.length || gone.length) now = await send("PUT", `/runs/${run.id}/tags`, { add, remove: gone });
    if (noteField.value.trim() !== run.note) now = await send("PUT", `/runs/${run.id}/note`, { note: noteField.value.trim() });
    if (!order.hidden && Number(priority.value) !== run.priority) now = await send("PUT", `/runs/${run.id}/priority`, { priority: Number(priority.value) });
    set(now);
    say(said, "Saved.");
  }

  async function deletion() {
    if (!confirm(`Delete run ${run.id} with files, curves and events?`)) return;
    const { bytes: size } = await send("POST", "/delete", { runs: [run.id] });
    location.hash = "#/runs";
    console.info(`${bytes(size)} freed`);
  }

  const form = h("form", { class: "card pad", id: "keeping", on: { submit: (event) => { event.preventDefault(); attempt(save); } } },
    h("div", { class: "fields" },
      h("div", { class: "field" }, h("label", { for: "run-tags", text: "tags" }), tagField),
      order,
      h("div", { class: "field wide" }, h("label", { for: "run-note", text: "note" }), noteField)),
    h("div", { class: "bar tight" }, h("button", { type: "submit", text: "Save" }), remove, said));
  const details = h("details", { class: "keeping" }, h("summary", { text: "Tags, note, priority" }), form);

  function draw(next) {
    tags.replaceChildren(...next.tags.map((t) => h("a", { class: "tag", href: `#/runs?q=${encodeURIComponent(`tag:${t}`)}`, text: t })));
    say(note, next.note);
    shown.hidden = !next.tags.length && !next.note;
  }

  /** Fields change with the run only where nobody is writing. */
  function set(next) {
    const now = JSON.stringify([next.tags, next.note, next.priority, next.state]);
    run = next;
    if (now === known) return;
    known = now;
    draw(next);
    order.hidden = !MOVABLE.includes(next.state);
    remove.hidden = !OVER.includes(next.state);
    if (form.contains(document.activeElement) && document.activeElement.matches("input, textarea")) return;
    tagField.value = next.tags.join(", ");
    noteField.value = next.note;
    priority.value = next.priority;
  }

  return { element: h("div", {}, shown, details), set };
}
