import { get, live } from "./api.js";
import { dark } from "./colours.js";
import { add, attempt, calmly, h, missing, redraw, scroller } from "./dom.js";
import { isShare, number, percent, sentence, value } from "./format.js";
import { table } from "./importance.js";
import { parallel } from "./parallel.js";
import { badge } from "./runs.js";

/** The command writes what it has found once a second. */
const LATER_MS = 1500;

/** A search of `rig search`: its trials from the best to the worst, which change while it goes on. */
export async function show(view, argument, query, current) {
  const title = h("h1", { text: `Search ${argument}` });
  const place = h("div");
  const bounds = {};
  let search = null;
  const draw = () => redraw(place, content(search, bounds));
  async function load() {
    const answer = await get(`/searches/${encodeURIComponent(argument)}`);
    if (!current() || JSON.stringify(answer) === JSON.stringify(search)) return;
    search = answer;
    draw();
  }
  try {
    await load();
  } catch (error) {
    return missing(view, error, current, `There is no search ${argument}`, h("a", { href: "#/tables", text: "All tables and searches" }));
  }
  if (!current()) return undefined;
  add(view, title, place);
  const again = calmly(LATER_MS, () => current() && attempt(load));
  const end = live(0, { event: again, missed: again });
  dark.addEventListener("change", draw);
  return () => {
    end();
    dark.removeEventListener("change", draw);
  };
}

function content(search, bounds) {
  const { metric, space, trials } = search;
  const fields = Object.keys(space);
  const name = metric.replace(/^-/, "");
  const text = (score) => (score === null ? "–" : isShare(name) ? percent(score) : number(score));
  const scored = trials.filter((t) => t.score !== null);
  const over = trials.filter((t) => t.state !== "open").length;
  const logs = new Set(fields.filter((f) => String(space[f]).includes("log:")));
  const runs = scored.map((t) => ({ id: t.trial, name: t.networks[0], config: t.values, metrics: { [name]: t.score } }));
  const important = Object.entries(search.importance).filter(([, share]) => share !== null).map(([field, share]) => ({ name: field, share }));
  return [
    h("p", { class: "hint", role: "status", text: `${number(over)} of ${number(trials.length)} trials have ended. Method: ${search.method}; metric: ${name}, ${metric === name ? "larger" : "smaller"} is better${search.asha ? `; weak trials are stopped after ${search.asha.split(":")[0]} steps` : ""}.` }),
    scroller("Trials", leaderboard(search, fields, name, text)),
    important.length ? table(important, name, sentence(`${search.importanceMethod}; effects of several fields together are not in it`)) : h("p", { class: "hint", text: scored.length < 4 ? "The importance of the fields is shown after four trials." : "No field is important: the scores of the trials do not differ enough." }),
    runs.length > 1 ? parallel(runs, fields, name, { text, smaller: metric !== name, logs, bounds }) : null,
    section(space),
  ].filter(Boolean);
}

function leaderboard({ trials }, fields, name, text) {
  // The first one, unless another is as good.
  const [first, second] = trials.filter((t) => t.state === "done" && t.score !== null);
  const best = first && text(first.score) !== (second ? text(second.score) : "") ? first : null;
  const heads = ["Rank", "Trial", "State", `${name}${isShare(name) ? " %" : ""}`, "Step", ...fields, "Runs"];
  return h("table", { class: "versus numbers", id: "leaderboard" },
    h("caption", { class: "hidden", text: "Trials, those that are done first" }),
    h("thead", {}, h("tr", {}, heads.map((t) => h("th", { scope: "col", text: t })))),
    h("tbody", {}, trials.map((t, i) => h("tr", {},
      h("td", { text: number(i + 1) }),
      h("th", { scope: "row", text: t.networks[0] ?? number(t.trial) }),
      h("td", {}, badge(t.state)),
      h("td", { class: t === best ? "best" : null, text: text(t.score) }),
      h("td", { text: t.step ? number(t.step) : "–" }),
      fields.map((f) => h("td", { text: value(t.values[f]) })),
      h("td", {}, t.runs.filter(Boolean).map((id, k) => [k ? " " : null, h("a", { href: `#/run/${id}`, text: String(id) })]))))));
}

function section(space) {
  return h("section", { class: "card scroll", tabindex: "0", "aria-label": "Fields" }, h("h2", { text: "Fields" }),
    h("table", { class: "pairs" }, h("tbody", {}, Object.entries(space).map(([field, values]) =>
      h("tr", {}, h("th", { scope: "row", text: field }), h("td", { text: value(values) }))))));
}
