import { get, live, may, send } from "./api.js";
import { add, arrange, attempt, calmly, h, say } from "./dom.js";
import { number } from "./format.js";
import { badge, progress, setProgress } from "./runs.js";

/** How near the edge of the window a dragged run makes it scroll, and how fast, in pixels. */
const EDGE = 60;
const SPEED = 14;

/** The queue: drag a run by its handle, or move it with the arrow keys while the handle has focus. */
export async function show(view, argument, query, current) {
  let queued = [];
  const free = may("operator");
  const devices = h("p", { class: "hint" });
  const running = h("ul", { class: "queue", "aria-label": "Running" });
  const list = h("ol", { class: "queue", "aria-label": "Queue" });
  const paused = h("ul", { class: "queue", "aria-label": "Paused" });
  const idle = h("p", { class: "hint", text: "Nothing runs." });
  const empty = h("p", { class: "hint", text: "Nothing waits." });
  const pausedHead = h("h2", { text: "Paused" });
  const how = free ? h("p", { class: "hint", id: "how", text: "Drag a run by its handle, or focus the handle and press ↑ or ↓." }) : null;
  const said = h("p", { class: "hidden", role: "status" });
  add(view,
    h("h1", { text: "Queue" }),
    devices,
    h("h2", { text: "Running" }), idle, running,
    h("h2", { text: "Waiting" }),
    how,
    empty, list,
    pausedHead, paused, said,
  );
  const items = new Map();

  function draw(answer) {
    queued = answer.queued;
    say(devices, answer.workers.length
      ? answer.workers.map((w) => `${w.device}: ${w.run ? `run ${w.run}` : "idle"}`).join(" · ")
      : "Nobody works on the queue in this process.");
    idle.hidden = answer.running.length > 0;
    empty.hidden = queued.length > 0;
    if (how) how.hidden = queued.length < 2;
    pausedHead.hidden = !answer.paused.length;
    const focused = document.activeElement;
    const button = focused?.closest?.(".queue li") && focused.dataset.action;
    arrange(running, answer.running.map((run) => item("active", run, ["pause", "cancel"], true)));
    arrange(list, queued.map((run) => item("run", run, ["pause", "cancel"], false)));
    arrange(paused, answer.paused.map((run) => item("paused", run, ["resume", "cancel"], false)));
    // What was pressed may be gone: focus goes to its run, wherever that is now.
    if (button && !focused.isConnected) {
      const id = focused.dataset.run;
      (view.querySelector(`.queue button[data-run="${id}"]`) ?? view.querySelector(`.queue a[href="#/run/${id}"]`))?.focus();
    }
  }

  /** The element of a run; kept as long as what it shows is the same. */
  function item(role, run, actions, bar) {
    const key = JSON.stringify([role, run.name, run.state, run.kind, run.priority, run.after, run.error]);
    const known = items.get(run.id);
    if (known?.key === key) {
      if (bar) setProgress(known.element.querySelector(".progress"), run);
      return known.element;
    }
    const element = h("li", { class: "card", data: { [role]: run.id } });
    if (free && role === "run") {
      element.append(h("button", {
        type: "button",
        class: "handle",
        "aria-label": `move run ${run.id} ${run.name}`,
        "aria-describedby": "how",
        text: "⠿",
        data: { run: run.id, action: "move" },
        on: { keydown: (event) => key_(event, run.id), pointerdown: (event) => drag(event, element) },
      }));
    }
    add(element, about(run), bar ? progress(run) : null);
    if (free) {
      for (const action of actions) {
        element.append(h("button", {
          type: "button",
          class: action === "cancel" ? "quiet danger" : "quiet",
          text: action[0].toUpperCase() + action.slice(1),
          "aria-label": `${action} run ${run.id}`,
          data: { run: run.id, action },
          on: { click: () => attempt(async () => { await send("POST", `/runs/${run.id}/${action}`); await load(); }) },
        }));
      }
    }
    items.set(run.id, { key, element });
    return element;
  }

  function about(run) {
    return h("span", { class: "about" },
      h("a", { href: `#/run/${run.id}`, text: `${run.id} ${run.name}` }),
      badge(run.state),
      h("small", { text: [run.kind, run.priority ? `priority ${run.priority}` : "", run.after?.length ? `after ${run.after.join(", ")}` : "", run.error].filter(Boolean).join(" · ") }));
  }

  /** Moves are shown at once and sent one after the other; only the last place of a run counts. */
  let sending = Promise.resolve();
  let unsent = 0;
  function move(id, to) {
    const others = queued.filter((r) => r.id !== id);
    const at = Math.max(0, Math.min(others.length, to));
    const before = others[at]?.id ?? 0;
    queued = [...others.slice(0, at), queued.find((r) => r.id === id), ...others.slice(at)];
    arrange(list, queued.map((run) => items.get(run.id).element));
    say(said, `run ${id} is now number ${number(at + 1)} of ${number(queued.length)}`);
    unsent++;
    sending = sending
      .then(() => send("PUT", `/queue/${id}`, { before }))
      .then(
        (answer) => { if (--unsent === 0 && current()) draw(answer); },
        (error) => attempt(async () => { unsent--; await load(); throw error; }));
  }

  function key_(event, id) {
    const at = queued.findIndex((r) => r.id === id);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: queued.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (at >= 0 && to >= 0 && to < queued.length && to !== at) move(id, to);
  }

  function drag(event, element) {
    if (event.button) return;
    event.preventDefault();
    event.currentTarget.focus();
    element.classList.add("dragged");
    const startOrder = [...list.children].indexOf(element);
    let y = event.clientY;
    const place = () => {
      const others = [...list.querySelectorAll("li[data-run]")].filter((li) => li !== element);
      const next = others.find((li) => {
        const box = li.getBoundingClientRect();
        return y < box.top + box.height / 2;
      });
      if ((next ?? null) !== element.nextElementSibling) list.insertBefore(element, next ?? null);
    };
    const scroll = setInterval(() => {
      const by = y < EDGE ? -SPEED : y > innerHeight - EDGE ? SPEED : 0;
      if (!by) return;
      scrollBy(0, by);
      place();
    }, 16);
    const moved = (e) => {
      y = e.clientY;
      place();
    };
    const done = (e) => {
      clearInterval(scroll);
      document.removeEventListener("pointermove", moved);
      document.removeEventListener("pointerup", done);
      document.removeEventListener("pointercancel", done);
      element.classList.remove("dragged");
      const to = [...list.children].indexOf(element);
      element.querySelector(".handle").focus();
      if (e.type === "pointercancel") attempt(load);
      else if (to !== startOrder) move(Number(element.dataset.run), to);
    };
    // On the document: an element that moves loses a captured pointer.
    document.addEventListener("pointermove", moved);
    document.addEventListener("pointerup", done);
    document.addEventListener("pointercancel", done);
  }

  async function load() {
    const answer = await get("/queue");
    if (current() && !unsent && !list.querySelector(".dragged")) draw(answer);
  }

  await load();
  const again = calmly(400, () => current() && attempt(load));
  return live(0, {
    progress: ({ run, progress: p }) => {
      const bar = running.querySelector(`li[data-active="${run}"] .progress`);
      if (bar) setProgress(bar, p);
    },
    event: again,
    missed: again,
  });
}
