import { begin, send, signIn } from "./api.js";
import { attempt, notice, reveal } from "./dom.js";
import * as focus from "./focus.js";
import * as compare from "./compare.js";
import * as health from "./health.js";
import * as networks from "./networks.js";
import * as plugins from "./plugins.js";
import * as queue from "./queue.js";
import * as run from "./run.js";
import * as runs from "./runs.js";
import * as search from "./search.js";
import * as start from "./start.js";
import * as sweep from "./sweep.js";
import * as tables from "./tables.js";

const VIEWS = { runs, run, compare, queue, networks, plugins, search, start, sweep, tables };
const PARENT = { run: "runs", sweep: "runs", search: "tables" };
const view = document.getElementById("view");
let leave = () => {};
let turn = 0;

/** #/VIEW/ARGUMENT?QUERY: views are addresses, so that one can go back, and send one to somebody. */
function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // A lone % stays as it is.
  }
  return {
    name: Object.hasOwn(VIEWS, name) ? name : "runs",
    argument,
    query: new URLSearchParams(query),
  };
}

async function show() {
  const mine = ++turn;
  const { name, argument, query } = place();
  leave();
  leave = () => {};
  begin();
  notice("");
  const current = PARENT[name] ?? name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#/${current}`) {
      link.setAttribute("aria-current", "page");
      reveal(link.parentElement, link);
    } else link.removeAttribute("aria-current");
  }
  view.replaceChildren();
  view.setAttribute("aria-busy", "true");
  await attempt(async () => {
    const close = await VIEWS[name].show(view, argument, query, () => mine === turn);
    if (mine === turn) leave = close ?? (() => {});
    else close?.();
  });
  if (mine === turn) {
    view.removeAttribute("aria-busy");
    document.title = `${view.querySelector("h1")?.textContent ?? "Riglab"} · Riglab`;
  }
}

document.getElementById("out").addEventListener("click", () =>
  attempt(async () => {
    await send("DELETE", "/session");
    location.replace("/login");
  }),
);
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  view.focus();
});
addEventListener("hashchange", show);

await attempt(async () => {
  const session = await signIn();
  document.getElementById("who").textContent = `${session.name} · ${session.role}`;
  focus.keep(view);
  health.watch(document.getElementById("health"));
  await show();
});
