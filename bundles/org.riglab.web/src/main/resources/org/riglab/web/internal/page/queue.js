import { get, live, may, send } from "./api.js";
import { attempt, calmly, h } from "./dom.js";
import { number } from "./format.js";
import { badge, progress } from "./runs.js";

/** The queue: drag a run by its handle, or move it with the arrow keys while the handle has focus. */
export async function show(view, argument, query, current) {
  let queued = [];
  const free = may("operator");
  const devices = h("p", { class: "hint" });
  const running = h("ul", { class: "queue" });
  const list = h("ol", { class: "queue", "aria-label": "Queue" });
  const said = h("p", { class: "hidden", role: "status" });
  view.append(
    h("h1", { text: "Queue" }),
    devices,
    h("h2", { text: "Running" }), running,
    h("h2", { text: "Waiting" }),
    free ? h("p", { class: "hint", id: "how", text: "Drag a run by its handle, or focus the handle and press ↑ or ↓." }) : null,
    list, said,
  );

  function draw(answer) {
    const focused = document.activeElement?.closest?.("li[data-run]")?.dataset.run;
    queued = answer.queued;
    devices.textContent = answer.workers.length
      ? answer.workers.map((w) => `${w.device}: ${w.run ? `run ${w.run}` : "idle"}`).join(" · ")
      : "Nobody works on the queue in this process.";
    running.replaceChildren(...(answer.running.length ? answer.running.map((run) => h("li", { class: "card", data: { active: run.id } }, about(run), progress(run))) : [h("li", { class: "hint", text: "Nothing runs." })]));
    list.replaceChildren(...(queued.length ? queued.map(item) : [h("li", { class: "hint", text: "Nothing waits." })]));
    if (focused) list.querySelector(`li[data-run="${focused}"] .handle`)?.focus();
  }

  function about(run) {
    return h("span", { class: "about" },
      h("a", { href: `#/run/${run.id}`, text: `${run.id} ${run.name}` }),
      badge(run.state),
      h("small", { text: [run.kind, run.priority ? `priority ${run.priority}` : "", run.after?.length ? `after ${run.after.join(", ")}` : "", run.error].filter(Boolean).join(" · ") }));
  }

  function item(run) {
    const element = h("li", { class: "card", data: { run: run.id } });
    if (free) {
      element.append(h("button", {
        type: "button",
        class: "handle",
        "aria-label": `move run ${run.id} ${run.name}`,
        "aria-describedby": "how",
        text: "⠿",
        on: { keydown: (event) => key(event, run.id), pointerdown: (event) => drag(event, element) },
      }));
    }
    element.append(about(run));
    if (free) {
      element.append(h("button", { type: "button", class: "quiet", text: "Pause", "aria-label": `pause run ${run.id}`, on: { click: () => attempt(async () => { await send("POST", `/runs/${run.id}/pause`); await load(); }) } }));
    }
    return element;
  }

  /** Puts a run in front of another one, or at the end. */
  async function move(id, to) {
    const others = queued.filter((r) => r.id !== id);
    const at = Math.max(0, Math.min(others.length, to));
    draw(await send("PUT", `/queue/${id}`, { before: others[at]?.id ?? 0 }));
    const place = queued.findIndex((r) => r.id === id);
    said.textContent = `run ${id} is now number ${number(place + 1)} of ${number(queued.length)}`;
  }

  let busy = false;
  function key(event, id) {
    const at = queued.findIndex((r) => r.id === id);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: queued.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (busy || to < 0 || to >= queued.length) return;
    busy = true;
    attempt(() => move(id, to)).finally(() => (busy = false));
  }

  function drag(event, element) {
    if (event.button) return;
    event.preventDefault();
    const handle = event.currentTarget;
    handle.focus();
    element.classList.add("dragged");
    const startOrder = [...list.children].indexOf(element);
    const moved = (e) => {
      const others = [...list.querySelectorAll("li[data-run]")].filter((li) => li !== element);
      const next = others.find((li) => {
        const box = li.getBoundingClientRect();
        return e.clientY < box.top + box.height / 2;
      });
      if ((next ?? null) !== element.nextElementSibling) list.insertBefore(element, next ?? null);
    };
    const done = (e) => {
      document.removeEventListener("pointermove", moved);
      document.removeEventListener("pointerup", done);
      document.removeEventListener("pointercancel", done);
      element.classList.remove("dragged");
      const to = [...list.children].indexOf(element);
      if (e.type === "pointercancel") attempt(load);
      else if (to !== startOrder) attempt(() => move(Number(element.dataset.run), to));
    };
    // On the document: an element that moves loses a captured pointer.
    document.addEventListener("pointermove", moved);
    document.addEventListener("pointerup", done);
    document.addEventListener("pointercancel", done);
  }

  async function load() {
    const answer = await get("/queue");
    if (current() && !list.querySelector(".dragged")) draw(answer);
  }

  await load();
  const again = calmly(400, () => current() && attempt(load));
  return live(0, {
    progress: ({ run, progress: p }) => {
      running.querySelector(`li[data-active="${run}"] .progress`)?.replaceWith(progress({ id: run, done: p.done, total: p.total }));
    },
    event: again,
    missed: again,
  });
}
