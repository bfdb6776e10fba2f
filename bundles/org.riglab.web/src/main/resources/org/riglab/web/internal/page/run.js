import { get, live, may, send } from "./api.js";
import * as confusion from "./confusion.js";
import * as curves from "./curves.js";
import { add, arrange, attempt, breakable, calmly, framed, h, missing, say, scroller, tabs } from "./dom.js";
import { bytes, duration, isShare, number, part, percent, sentence, time, value } from "./format.js";
import * as pictures from "./pictures.js";
import { badge, progress, setBadge, setProgress } from "./runs.js";
import * as keeping from "./keeping.js";

const ACTIONS = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  failed: ["retry", "replay"],
  cancelled: ["retry", "replay"],
  done: ["replay"],
};

export async function show(view, argument, query, current) {
  const id = Number(argument);
  let at = location.hash; // of this view, until somebody goes elsewhere
  let run;
  try {
    run = await get(`/runs/${id}`);
  } catch (error) {
    return missing(view, error, current, `There is no run ${argument}`, h("a", { href: "#/runs", text: "All runs" }));
  }
  if (!current()) return undefined;
  const kept = keeping.section(run);
  const head = header(run, act, kept);
  add(view, h("h1", {}, h("span", { class: "number", text: `${run.id} ` }), run.name || run.network), head.element);
  let close = () => {};
  let listener = {};
  let turn = 0;
  const shown = {
    curves: () => curves.show(run, (l) => (listener = l)),
    results: () => results(run),
    pictures: (remember) => pictures.show(run, query, remember, (l) => (listener = l)),
    confusion: (remember) => confusion.show(run, query, remember),
    spec: () => spec(run),
    events: () => events(run, (l) => (listener = l)),
    files: () => files(run),
  };
  const first = run.kind === "eval" ? ["results", "Results"] : ["curves", "Curves"];
  const [list, panel] = tabs(
    "Parts of the run",
    [first, ["pictures", "Pictures"], ["confusion", "Confusion"], ["spec", "Spec"], ["events", "Events"], ["files", "Files"]],
    query.get("tab"),
    (name, place) => {
      const mine = ++turn;
      close();
      close = () => {};
      listener = {};
      const remember = (more) => {
        // What arrives late must not bring an address back that was left.
        if (mine !== turn || !current() || location.hash !== at) return;
        const search = new URLSearchParams({ tab: name });
        for (const [key, v] of Object.entries(more)) if (v !== null && v !== undefined) search.set(key, v);
        history.replaceState(null, "", `#/run/${id}?${search}`);
        at = location.hash;
      };
      if (query.get("tab") !== name) remember({});
      place.replaceChildren(h("p", { class: "hint", text: "Reading…" }));
      shown[name](remember).then(
        ({ elements, close: end }) => {
          if (mine !== turn || !current()) return end?.();
          place.replaceChildren(...elements);
          close = end ?? (() => {});
          return undefined;
        },
        (error) => mine === turn && place.replaceChildren(h("p", { class: "hint", text: sentence(error.message) })),
      );
    },
  );
  add(view, list, panel);

  async function act(action) {
    const answer = await send("POST", `/runs/${id}/${action}`);
    if (answer.id !== id) location.hash = `#/run/${answer.id}`;
    else {
      run = answer;
      head.set(run);
    }
  }

  // Messages come faster than they are read; what they change is drawn in one frame.
  const screen = framed(250, () => {
    head.set(run);
    listener.draw?.();
  });
  const again = calmly(400, () => current() && attempt(async () => {
    run = await get(`/runs/${id}`);
    head.set(run);
  }));
  const end = live(id, {
    points: (message) => {
      if (message.run !== id) return;
      run.progress = message.progress;
      for (const [metric, { value: values }] of Object.entries(message.points)) {
        run.metrics[metric] = values.at(-1);
      }
      if (run.state === "queued") again();
      listener.points?.(message.points);
      screen.soon();
    },
    progress: (message) => {
      if (message.run !== id) return;
      run.progress = message.progress;
      screen.soon();
    },
    event: (event) => {
      if (event.run !== id) return;
      again();
      listener.event?.(event);
      if (event.type === "evaluated" || event.type === "state") listener.changed?.();
    },
    missed: () => {
      again();
      listener.missed?.();
    },
  });
  return () => {
    end();
    close();
    screen.end();
  };
}

/** The head of a run: built once, then only texts change, so that focus and clicks are never lost. */
function header(first, act, kept) {
  const state = badge(first.state);
  const bar = progress({ id: first.id, done: 0, total: 0 });
  const facts = h("div", { class: "facts" }, state, bar);
  const shown = new Map();
  const buttons = new Map();
  const actions = h("div", { class: "bar actions" });
  const notes = h("div");
  const links = [
    h("a", { class: "button", href: `#/compare/${[first.replayOf, first.id].filter(Boolean).join(",")}`, text: first.replayOf ? `Compare with ${first.replayOf}` : "Compare" }),
    ...(first.sweep ? [h("a", { class: "button", href: `#/sweep/${first.sweep}`, text: `Sweep ${first.sweep}` })] : []),
    ...(may("operator") ? [h("a", { class: "button", href: `#/start?clone=${first.id}`, text: "Clone and edit" })] : []),
  ];

  function fact(name, text) {
    let known = shown.get(name);
    if (!known) {
      known = { text: h("span"), element: null };
      known.element = h("span", { class: "fact" }, h("small", { text: name }), known.text);
      shown.set(name, known);
      facts.append(known.element);
    }
    known.element.hidden = text === null;
    say(known.text, text ?? "");
  }

  function button(action) {
    if (!buttons.has(action)) {
      buttons.set(action, h("button", {
        type: "button",
        class: action === "cancel" ? "danger" : "",
        text: action[0].toUpperCase() + action.slice(1),
        on: { click: () => attempt(() => act(action)) },
      }));
    }
    return buttons.get(action);
  }

  let told = "";
  function set(run) {
    const p = run.progress;
    setBadge(state, run.state);
    setProgress(bar, p);
    fact("Images/s", p.imagesPerSecond > 0 ? p.imagesPerSecond.toFixed(1) : null);
    fact("Left", p.secondsLeft > 0 ? duration(p.secondsLeft) : null);
    fact("Loss", run.metrics.loss === undefined ? null : number(run.metrics.loss));
    const all = Object.keys(run.metrics).filter((m) => /^mIoU\.t\d+$/.test(m)).sort((a, b) => a.slice(6) - b.slice(6));
    for (const m of all) fact(m.replace(".", " "), `${percent(run.metrics[m])} %`);
    fact("Time", run.times.seconds > 0 ? duration(run.times.seconds) : null);
    fact("Device", run.device || null);
    const had = actions.contains(document.activeElement);
    arrange(actions, [...(may("operator") ? ACTIONS[run.state].map(button) : []), ...links]);
    if (had && !actions.contains(document.activeElement)) actions.querySelector("button, a")?.focus();
    kept.set(run);
    const now = JSON.stringify([run.error, run.warnings]);
    if (now !== told) {
      told = now;
      notes.replaceChildren(
        ...(run.error ? [h("p", { class: run.state === "failed" ? "error" : "hint", text: run.error })] : []),
        ...run.warnings.map((w) => h("p", { class: "warn", text: `⚠ ${w}` })));
    }
  }

  set(first);
  return { element: h("div", { class: "runhead" }, facts, actions, notes, kept.element), set };
}

/** What an evaluation found: metrics by iteration, and each class. */
async function results(run) {
  const evaluation = await get(`/runs/${run.id}/evaluation`);
  const iterations = evaluation.iterations;
  const heads = h("thead", {}, h("tr", {}, h("td"), iterations.map((_, t) => h("th", { scope: "col", text: `t${t + 1}` }))));
  const text = (name, v) => (isShare(name) ? percent(v) : number(v));
  const names = [...new Set(iterations.flatMap((i) => Object.keys(i.values)))];
  const classes = [...new Set(iterations.flatMap((i) => Object.keys(i.per_class)))];
  return {
    elements: [
      h("p", { class: "hint", text: `${number(evaluation.images)} images of ${evaluation.dataset}${evaluation.split ? `, split ${evaluation.split}` : ""}.` }),
      scroller("Metrics by iteration", h("table", { class: "versus numbers" }, heads,
        h("tbody", {}, names.map((name) => h("tr", {}, h("th", { scope: "row", text: isShare(name) ? `${name} %` : name }),
          iterations.map((i) => h("td", { text: text(name, i.values[name]) }))))))),
      ...classes.map((metric) => h("section", {}, h("h2", { text: `${metric} of each class${isShare(metric) ? ", %" : ""}` }),
        scroller(`${metric} of each class`, h("table", { class: "versus numbers" }, heads.cloneNode(true),
          h("tbody", {}, evaluation.classes.map((c, k) => h("tr", {}, h("th", { scope: "row", text: c.name }),
            iterations.map((i) => h("td", { text: text(metric, i.per_class[metric]?.[k]) }))))))))),
    ],
  };
}

function rows(object, text) {
  return Object.entries(object).map(([key, it]) =>
    h("tr", {}, h("th", { scope: "row", text: key }), h("td", { title: /[0-9a-f]{64}/.test(it) ? String(it) : null }, breakable(text(it)))));
}

function block(title, object, text = value) {
  return Object.keys(object).length
    ? h("section", { class: "card scroll", tabindex: "0", "aria-label": title }, h("h2", { text: title }), h("table", { class: "pairs" }, h("tbody", {}, rows(object, text))))
    : null;
}

async function spec(run) {
  const asked = {
    id: run.id, kind: run.kind, network: run.network, seed: run.seed, priority: run.priority,
    after: run.after, device: run.device, sweep: run.sweep || null, "replay of": run.replayOf || null,
    folder: run.folder, submitted: time(run.times.submitted), started: time(run.times.started), ended: time(run.times.ended),
  };
  const network = { ...run.networkSpec };
  if (!network.feedback?.length) delete network.gate; // there is no gate without feedback
  return {
    elements: [
      h("div", { class: "columns" },
        block("Run", asked),
        block("Network", network),
        block(run.kind === "eval" ? "Evaluation" : "Training", run.spec),
        block("Data", run.data, (it) => part(value(it))),
        block("Parts", run.parts, part)),
    ],
  };
}

async function events(run, listen) {
  const line = (event) =>
    h("li", { class: event.type }, h("time", { datetime: event.time, text: time(event.time) }), h("span", { class: "type", text: event.type }), h("span", { text: event.text }));
  const all = await get(`/runs/${run.id}/events?limit=500`);
  const list = h("ol", { class: "events card", reversed: true }, all.events.reverse().map(line));
  listen({ event: (event) => list.prepend(line(event)) });
  return { elements: [list] };
}

async function files(run) {
  const all = await get(`/runs/${run.id}/files`);
  return {
    elements: [
      all.files.length
        ? h("ul", { class: "files card" }, all.files.map((file) =>
            h("li", {},
              h("a", { href: `/api/v1/runs/${run.id}/file?name=${encodeURIComponent(file.name)}`, download: "", text: file.name }),
              h("small", { text: bytes(file.bytes) }))))
        : h("p", { class: "hint", text: "No files yet." }),
    ],
  };
}
