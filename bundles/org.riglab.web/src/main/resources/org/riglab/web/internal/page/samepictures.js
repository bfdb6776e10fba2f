import { get } from "./api.js";
import { attempt, h, pair, say } from "./dom.js";
import { percent } from "./format.js";
import { VOID, coloured, paint, read } from "./layers.js";
import { legend } from "./pictures.js";
import { Tiles } from "./tiles.js";

/** Images that are shown at once. */
const MOST = 8;

/** The same images across runs: a row per image, a column per run. Read when it is opened. */
export function section(runs) {
  const place = h("div");
  const details = h("details", { id: "same-images" }, h("summary", { text: "The same images across runs" }), place);
  details.addEventListener("toggle", () => details.open && attempt(() => fill(place, runs)), { once: true });
  return details;
}

async function fill(place, runs) {
  place.replaceChildren(h("p", { class: "hint", text: "The pictures are being read…" }));
  const lists = await Promise.all(runs.map((run) => get(`/runs/${run.id}/pictures`).catch(() => null)));
  const shown = runs.map((run, i) => ({ run, list: lists[i] })).filter(({ list }) => list?.images.length);
  const missing = runs.filter((run, i) => !lists[i]?.images.length);
  // An image that a run does not keep is made from its checkpoint, if it has one.
  const reach = ({ list }) => new Map((list.available ?? list.kept).map((i) => [list.images[i], i]));
  const reached = shown.map(reach);
  const names = (shown[0]?.list.kept ?? []).map((i) => shown[0].list.images[i]).filter((name) => reached.every((r) => r.has(name))).slice(0, MOST);
  if (shown.length < 2 || !names.length) {
    place.replaceChildren(h("p", { class: "hint", text: "The runs have no pictures of the same images." }));
    return;
  }
  const rows = [];
  for (const name of names) {
    const pictures = await Promise.all(shown.map(({ run, list }, k) => read(`/runs/${run.id}/pictures`, reached[k].get(name), list.classes)));
    rows.push({ name, pictures, tiles: new Tiles(`Image ${name}`, (pixel) => tell(pixel, pictures)) });
  }
  const most = Math.max(...rows.flatMap((row) => row.pictures.map((p) => p.iterations)));
  const text = h("output", { for: "same-iteration" });
  const slider = h("input", { type: "range", id: "same-iteration", min: 1, max: most, value: most, step: 1, disabled: most < 2, on: { input: draw } });
  const only = h("input", { type: "checkbox", id: "only", on: { change: draw } });
  const readout = h("p", { class: "readout", role: "status", text: "Point at a pixel to read it." });
  const classes = shown[0].list.classes;

  const at = (picture) => Math.min(Number(slider.value), picture.iterations) - 1;

  function tell(pixel, pictures) {
    if (!pixel) return say(readout, "Point at a pixel to read it.");
    const [x, y] = pixel;
    const name = (map, p) => (map[y * p.width + x] === VOID ? "void" : classes[map[y * p.width + x]]?.name);
    return say(readout, [
      `x ${x}, y ${y}`,
      pictures[0].label ? `label ${name(pictures[0].label, pictures[0])}` : null,
      ...pictures.map((p, k) => `run ${shown[k].run.id} ${name(p.predictions[at(p)], p)}`),
    ].filter(Boolean).join(" · "));
  }

  function draw() {
    say(text, `${slider.value} of ${most}`);
    for (const { name, pictures, tiles } of rows) {
      const { width, height } = pictures[0];
      const maps = pictures.map((p) => p.predictions[at(p)]);
      const comparable = pictures.every((p) => p.width === width && p.height === height);
      const differ = maps[0].map((v, i) => (comparable && maps.some((m) => m[i] !== v) ? 1 : 0));
      const shade = only.checked ? paint(width, height, (i) => (differ[i] ? [0, 0, 0, 0] : [128, 128, 128, 235])) : null;
      const share = differ.reduce((a, b) => a + b, 0) / differ.length;
      tiles.show(width, height, [
        { title: name, note: `${percent(share)} % of the pixels differ`, layers: [{ picture: pictures[0].image }] },
        ...pictures.map((p, k) => ({
          title: `${shown[k].run.id} ${shown[k].run.name} t${at(p) + 1}`,
          note: Number.isFinite(p.accuracy[at(p)]) ? `${percent(p.accuracy[at(p)])} % right` : "",
          layers: [
            { picture: p.image },
            { picture: coloured(maps[k], p.width, p.height, classes), alpha: 0.65 },
            ...(shade ? [{ picture: shade }] : []),
          ],
        })),
      ]);
    }
  }

  place.replaceChildren(
    h("div", { class: "bar" },
      pair(h("label", { for: "same-iteration" }, "Iteration ", text), slider),
      h("label", { class: "chip" }, only, h("span", { text: "Only where they disagree" }))),
    readout,
    ...rows.map((row) => row.tiles.element),
    legend(classes),
    ...(missing.length ? [h("p", { class: "hint", text: `Without pictures: ${missing.map((run) => `run ${run.id}`).join(", ")}.` })] : []));
  draw();
}
