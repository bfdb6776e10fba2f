import { get, may, send } from "./api.js";
import { attempt, h } from "./dom.js";
import { time } from "./format.js";
import * as catalogue from "./catalogue.js";

export async function show(view, argument, query, current) {
  const place = h("div");
  view.append(h("h1", { text: "Plugins" }));
  if (may("admin")) {
    const file = h("input", { type: "file", id: "jar", accept: ".jar,application/java-archive", required: true });
    const said = h("p", { class: "hint", role: "status" });
    view.append(
      h("form", {
        class: "bar",
        on: {
          submit: (event) => {
            event.preventDefault();
            attempt(async () => {
              const update = event.submitter?.value === "update";
              said.textContent = update ? "Updating…" : "Installing…";
              try {
                const answer = await send(update ? "PUT" : "POST", "/plugins", file.files[0]);
                const plugin = update ? answer.after : answer;
                said.textContent = `${plugin.name} ${plugin.version} is installed.`;
                file.value = "";
                await load();
              } catch (error) {
                said.textContent = "";
                throw error;
              }
            });
          },
        },
      },
        h("label", { for: "jar", text: "Bundle" }), file,
        h("button", { type: "submit", value: "install", text: "Install" }),
        h("button", { type: "submit", value: "update", text: "Update" })),
      said);
  }
  const found = h("div", { class: "panel", role: "status" });
  const offers = catalogue.section(() => attempt(load), current);
  view.append(place, found, offers.element);

  async function examine(name) {
    const { healthy, checks, versions } = await get(`/plugins/${encodeURIComponent(name)}`);
    if (!current()) return;
    const table = (caption, heads, rows) =>
      h("div", { class: "scroll card", tabindex: "0", role: "region", "aria-label": caption },
        h("table", { class: "list" },
          h("caption", { class: "hidden", text: caption }),
          h("thead", {}, h("tr", {}, heads.map((t) => h("th", { scope: "col", text: t })))),
          h("tbody", {}, rows.map((cells) =>
            h("tr", {}, cells.map((cell, i) => h("td", { data: { label: heads[i] } }, cell)))))));
    found.replaceChildren(
      h("h2", { text: `${name}: ${healthy ? "all checks passed" : "a check failed"}` }),
      table(`Checks of ${name}`, ["Check", "", "Found"], checks.map((c) => [
        c.name,
        h("span", { class: `badge ${c.ok ? "done" : "failed"}`, text: c.ok ? "ok" : "wrong" }),
        c.text,
      ])),
      table(`Versions of ${name}`, ["Version", "SHA-256", "Installed", ""], versions.map((v) => [
        v.version,
        h("code", { title: v.sha256, text: v.sha256.slice(0, 16) }),
        time(v.since),
        v.installed ? "now" : v.bytes ? "kept" : "gone",
      ])),
      ...(may("admin") && versions.length > 1 && versions[0].installed
        ? [h("button", {
            type: "button",
            text: `Roll back to ${versions[1].version}`,
            on: {
              click: () => attempt(async () => {
                await send("POST", `/plugins/${encodeURIComponent(name)}/rollback`);
                await load();
                await examine(name);
              }),
            },
          })]
        : []));
  }

  let outdated = {};
  async function load() {
    const { plugins } = await get("/plugins");
    if (!current()) return;
    draw(plugins);
    // A catalogue may be far away: what is here does not wait for it.
    const before = JSON.stringify(outdated);
    outdated = await offers.load(plugins);
    if (current() && JSON.stringify(outdated) !== before) draw(plugins);
  }

  function draw(plugins) {
    place.replaceChildren(
      plugins.length
        ? h("div", { class: "scroll card", tabindex: "0", role: "region", "aria-label": "Table of plugins" },
            h("table", { class: "list" },
              h("caption", { class: "hidden", text: "Plugins" }),
              h("thead", {}, h("tr", {}, ["Name", "Version", "State", "Parts", "Used by", "SHA-256", ""].map((t) => h("th", { scope: "col", text: t })))),
              h("tbody", {}, plugins.map(row))))
        : h("p", { class: "hint", text: "No plugins. The built-in parts are always there." }));
  }

  function row(plugin) {
    const active = plugin.state === "active";
    const cells = [
      ["Name", h("button", {
        type: "button",
        text: plugin.name,
        "aria-label": `examine ${plugin.name}`,
        on: { click: () => attempt(() => examine(plugin.name)) },
      })],
      ["Version", outdated[plugin.name]
        ? h("span", {}, `${plugin.version} `, h("span", { class: "badge paused", text: `outdated: ${outdated[plugin.name]}` }))
        : plugin.version],
      ["State", h("span", { class: `badge ${active ? "done" : "failed"}`, text: plugin.state })],
      ["Parts", plugin.parts.join(", ") || "–"],
      ["Used by", plugin.users.join(", ") || "–"],
      ["SHA-256", h("code", { title: plugin.sha256, text: plugin.sha256.slice(0, 12) })],
      ["", may("admin") ? h("button", {
        type: "button",
        class: "danger",
        text: "Remove",
        "aria-label": `remove ${plugin.name}`,
        on: {
          click: () => attempt(async () => {
            if (!confirm(`Remove ${plugin.name}?`)) return;
            await send("DELETE", `/plugins/${encodeURIComponent(plugin.name)}`);
            await load();
          }),
        },
      }) : null],
    ];
    return h("tr", {}, cells.map(([label, content]) => h("td", { data: { label } }, content)));
  }

  await load();
  return undefined;
}
