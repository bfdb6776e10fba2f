import { get, may, send } from "./api.js";
import { add, attempt, h, say, scroller } from "./dom.js";
import { bytes, sentence } from "./format.js";

function badge(kind, text) {
  return h("span", { class: `badge ${kind}`, text });
}

/**
 * The plugins of the catalogues: a search, what a version is and needs, and for administrators its
 * installation, after the plan was shown and confirmed.
 *
 * @param changed is called after an installation
 */
export function section(changed, current) {
  const word = h("input", { type: "search", id: "word", placeholder: "name, part or description", "aria-label": "Search the catalogues" });
  const said = h("p", { class: "hint", role: "status" });
  const place = h("div");
  const details = h("div", { id: "offer", role: "status" });
  const element = h("section", { id: "catalogue" },
    h("h2", { text: "Catalogues" }),
    h("form", { class: "bar", role: "search", on: { submit: (event) => { event.preventDefault(); attempt(search); } } },
      word, h("button", { type: "submit", text: "Search" })),
    said, place, details);
  let installed = new Map();
  let outdated = {};

  async function search() {
    const answer = await get(`/catalogue?word=${encodeURIComponent(word.value.trim())}`);
    if (!current()) return;
    outdated = answer.outdated;
    const found = answer.offers;
    say(said, found.length ? "" : word.value.trim()
      ? "No plugin in the catalogues fits."
      : "No catalogues are configured, or they are empty: docs/reference/plugins.md says how to add one.");
    place.replaceChildren(...(found.length ? [scroller("Plugins in the catalogues", h("table", { class: "list" },
      h("caption", { class: "hidden", text: "Plugins in the catalogues" }),
      h("thead", {}, h("tr", {}, ["Name", "Version", "Here", "Parts", "About"].map((t) => h("th", { scope: "col", text: t })))),
      h("tbody", {}, found.map(row))))] : []));
  }

  function state({ name, version, missing }) {
    const here = installed.get(name);
    if (here === version) return badge("done", "installed");
    if (outdated[name]) return badge("paused", `${here} is outdated`);
    if (here) return here;
    return missing.length ? badge("failed", "does not fit") : "–";
  }

  function row(offer) {
    const cells = [
      ["Name", h("button", { type: "button", text: offer.name, "aria-label": `details of ${offer.name}`, on: { click: () => attempt(() => show(offer.name)) } })],
      ["Version", offer.version],
      ["Here", state(offer)],
      ["Parts", offer.parts.map((p) => p.split(":")[0]).join(", ") || "–"],
      ["About", offer.about || "–"],
    ];
    return h("tr", {}, cells.map(([label, content]) => add(h("td", { data: { label } }), content)));
  }

  async function show(name) {
    const { versions } = await get(`/catalogue/${encodeURIComponent(name)}`);
    if (!current()) return;
    details.replaceChildren(h("h2", { text: name }), ...versions.map(version));
    details.scrollIntoView({ block: "nearest" });
  }

  function version(offer) {
    const facts = [
      ["About", offer.about], ["Parts", offer.parts.join("; ")], ["Options", offer.options.join("; ")], ["Licence", offer.license],
      ["Needs", offer.needs.join(", ")], ["Lacking here", offer.missing.join("; ")],
      ["Signature", offer.signed ? "signed; verified at installation" : "not signed"],
      ["SHA-256", h("code", { text: offer.sha256 })], ["Size", bytes(offer.bytes)], ["From", h("code", { text: offer.location })],
    ].filter(([, it]) => it);
    const here = installed.get(offer.name);
    const plan = h("div");
    const verb = here ? "Update" : "Install";
    const exactly = `/catalogue/${encodeURIComponent(`${offer.name}@${offer.version}`)}`;
    let digests = [];
    const ask = async () => {
      // The plan first: nothing happens before it was confirmed.
      const { plugin, libraries } = await get(`${exactly}/plan`);
      if (!current()) return;
      digests = [plugin, ...libraries].map((o) => o.sha256);
      plan.replaceChildren(h("div", { class: "card pad plan", role: "group", "aria-label": `plan for ${offer.name}` },
        h("p", { text: here
          ? `Update ${offer.name} from ${here} to ${offer.version}. Networks that use it switch over, runs at their next step.`
          : `Install ${offer.name} ${offer.version}: ${bytes(offer.bytes)} from ${offer.location}. Its code runs in the server.` }),
        h("p", { class: "hint", text: `SHA-256 ${plugin.sha256}, ${plugin.signed ? "signed" : "not signed"}.` }),
        libraries.map((o) => h("p", { class: "hint", text: `with the library ${o.name} ${o.version}: ${bytes(o.bytes)} from ${o.location}, SHA-256 ${o.sha256}` })),
        h("button", { type: "button", class: "primary", text: `${verb} ${offer.version}`, on: { click: () => attempt(take) } }), " ",
        h("button", { type: "button", text: "Cancel", on: { click: () => plan.replaceChildren() } })));
      plan.querySelector("button").focus();
    };
    const take = async () => {
      say(said, here ? "Updating…" : "Installing…");
      try {
        const plugin = await send("POST", exactly, { sha256: digests });
        details.replaceChildren();
        await changed();
        say(said, `${plugin.name} ${plugin.version} is installed.`);
      } catch (error) {
        say(said, "");
        throw error;
      }
    };
    return h("section", { class: "card scroll", tabindex: "0", "aria-label": `${offer.name} ${offer.version}` },
      h("h2", {}, `${offer.version} `, here === offer.version ? badge("done", "installed") : offer.missing.length ? badge("failed", "does not fit") : null),
      h("table", { class: "pairs" }, h("tbody", {}, facts.map(([k, v]) => h("tr", {}, h("th", { scope: "row", text: k }), add(h("td"), v))))),
      may("admin") && here !== offer.version && !offer.missing.length
        ? h("div", { class: "pad" }, h("button", { type: "button", text: `${verb}…`, "aria-label": `${verb} ${offer.name} ${offer.version}`, on: { click: () => attempt(ask) } }), plan)
        : null);
  }

  return {
    element,
    /** Reads the catalogues anew; returns the newer versions by name. */
    async load(plugins) {
      installed = new Map(plugins.map((p) => [p.name, p.version]));
      try {
        await search();
      } catch (error) {
        say(said, sentence(error.message)); // a catalogue that does not answer hides no plugin that is here
      }
      return outdated;
    },
  };
}
