import { get } from "./api.js";
import { viridis } from "./colours.js";
import { attempt, h, pair, say, scroller } from "./dom.js";
import { number, percent } from "./format.js";
import { CHANGE, VOID, changeMap, changes, coloured, read } from "./layers.js";
import { Tiles } from "./tiles.js";

export function swatch(colour) {
  const element = h("span", { class: "swatch", "aria-hidden": "true" });
  element.style.backgroundColor = colour;
  return element;
}

export function legend(classes) {
  return h("ul", { class: "legend classes" }, classes.map((c) => h("li", {}, swatch(c.colour), c.name)));
}

function ramp() {
  const bar = h("canvas", { width: 128, height: 1, "aria-hidden": "true" });
  const pen = bar.getContext("2d");
  for (let x = 0; x < 128; x++) {
    pen.fillStyle = `rgb(${viridis(x / 127).join(" ")})`;
    pen.fillRect(x, 0, 1, 1);
  }
  return bar;
}

const signed = (share) => `${share > 0 ? "+" : ""}${(share * 100).toFixed(1)}`;
const share = (count, total) => (total ? `${((count / total) * 100).toFixed(1)}` : "–");

/**
 * The filmstrip of a run: image, label, prediction of each iteration and gate maps side by side; and
 * what feedback changed from one iteration to another.
 *
 * @param run the run
 * @param query of the address: image and step
 * @param remember writes what is shown to the address
 */
export async function show(run, query, remember, listen) {
  const root = `/runs/${run.id}/pictures`;
  let list = await get(root);
  if (!list.images.length) return { elements: [h("p", { class: "hint", text: "The split has no images." })] };
  const has = list.available ?? list.images.map((_, i) => i);
  if (!has.length && !list.steps?.length) {
    return { elements: [h("p", { class: "hint", text: "This run has no pictures: it keeps none, and it has no checkpoint to make them from." })] };
  }
  let index = Number(query.get("image") ?? list.kept[0] ?? has[0]);
  let step = query.get("step") ?? "";
  let picture = null;
  let turn = 0;

  const names = h("select", { id: "image", on: { change: (e) => load(Number(e.target.value)) } });
  const over = h("input", { type: "range", id: "opacity", min: 0, max: 100, value: 60, on: { input: draw } });
  const mode = h("select", { id: "over", on: { change: draw } },
    h("option", { value: "classes", text: "classes" }),
    h("option", { value: "errors", text: "errors" }));
  const steps = h("input", { type: "range", id: "step", min: 0, max: 0, value: 0, on: { input: () => load(index, Number(steps.value)) } });
  const stepText = h("output", { for: "step" });
  const stepBar = h("div", { class: "bar" }, pair(h("label", { for: "step", text: "Step" }), steps, stepText));
  const read_ = h("p", { class: "readout", role: "status", text: "Point at a pixel to read it." });
  const note = h("p", { class: "hint", id: "source" });
  const tiles = new Tiles("Filmstrip", tell);
  const scale = h("div", { class: "scale" }, h("span", { text: "gate: low" }), ramp(), h("span", { text: "high" }));
  const from = h("select", { id: "from", on: { change: feedback } });
  const to = h("select", { id: "to", on: { change: feedback } });
  const changed = new Tiles("What feedback changed", tell);
  const shares = h("div");
  const everyImage = h("div");
  const section = h("section", { id: "changes" },
    h("h2", { text: "What feedback changed" }),
    h("div", { class: "bar" }, pair(h("label", { for: "from", text: "From iteration" }), from), pair(h("label", { for: "to", text: "to" }), to)),
    h("ul", { class: "legend" }, Object.values(CHANGE).filter((c) => c.colour).map((c) => h("li", {}, swatch(`rgb(${c.colour.join(" ")})`), c.text))),
    changed.element, shares,
    h("details", { id: "every", on: { toggle: (e) => e.target.open && attempt(every) } }, h("summary", { text: "Every kept image" }), everyImage));

  function choices() {
    const option = (i) => h("option", { value: i, text: list.images[i] });
    const others = has.filter((i) => !list.kept.includes(i));
    names.replaceChildren(
      ...(list.kept.length ? [h("optgroup", { label: "Kept by the run" }, list.kept.map(option))] : []),
      ...(others.length ? [h("optgroup", { label: list.kept.length ? "From its checkpoint" : "From the run's checkpoint" }, others.map(option))] : []));
  }

  /** The positions of the step slider: evaluations during the training, then the end. */
  function moments() {
    const all = [...(list.steps ?? []).map(String)];
    return has.length ? [...all, ""] : all;
  }

  async function load(next, position) {
    const mine = ++turn;
    await attempt(async () => {
      const all = moments();
      if (position !== undefined) step = all[position] ?? "";
      if (!all.includes(step)) step = all.at(-1) ?? "";
      const known = step === "" ? has : list.stepImages ?? list.kept;
      index = known.includes(next) ? next : known[0];
      steps.max = Math.max(0, all.length - 1);
      steps.value = all.indexOf(step);
      stepBar.hidden = all.length < 2;
      say(stepText, step === "" ? "the end" : number(Number(step)));
      names.value = index;
      note.textContent = "The picture is being read…";
      const answer = await read(root, index, list.classes, step);
      if (mine !== turn) return;
      picture = answer;
      const u = picture.iterations;
      const before = [from.value, to.value];
      for (const [select, usual] of [[from, 1], [to, u]]) {
        select.replaceChildren(...Array.from({ length: u }, (_, t) => h("option", { value: t + 1, text: `t${t + 1}` })));
        select.value = before[select === from ? 0 : 1] || usual;
        if (!select.value) select.value = usual;
      }
      section.hidden = u < 2 || !picture.label;
      scale.hidden = !picture.gates.length;
      say(note, `Network ${list.network}, ${step !== "" ? `as evaluated after step ${number(Number(step))}` : picture.kept ? "when the run was done" : "from the run's checkpoint"}.`);
      remember({ image: index, step: step === "" ? null : step });
      draw();
    });
    if (mine === turn && !picture) say(note, "");
  }

  /** A prediction over its image; errors in magenta over grey, which no image has. */
  function prediction(map) {
    const alpha = Number(over.value) / 100;
    const { width, height } = picture;
    if (mode.value === "classes") return [{ picture: picture.image }, { picture: coloured(map, width, height, list.classes), alpha }];
    const wrong = new Array(map.length).fill(null).map((_, i) => (picture.label && picture.label[i] !== VOID && picture.label[i] !== map[i]));
    return [{ picture: picture.image, grey: true }, { picture: errors(wrong, width, height), alpha: Math.max(alpha, 0.3) }];
  }

  function draw() {
    if (!picture) return;
    const { width, height } = picture;
    tiles.show(width, height, [
      { title: "Image", note: picture.id, layers: [{ picture: picture.image }] },
      ...(picture.label ? [{ title: "Label", layers: [{ picture: picture.image }, { picture: coloured(picture.label, width, height, list.classes), alpha: Number(over.value) / 100 }] }] : []),
      ...picture.predictions.map((map, t) => ({
        title: `t${t + 1}`,
        note: Number.isFinite(picture.accuracy[t]) ? `${percent(picture.accuracy[t])} % of the pixels right` : "",
        layers: prediction(map),
      })),
      ...[...picture.gates].sort((a, b) => b.block - a.block || a.iteration - b.iteration).map((gate) => ({
        title: `Gate ${gate.block} t${gate.iteration}`,
        note: `${number(gate.low)} to ${number(gate.high)}`,
        layers: [{ picture: gate.picture, smooth: true }],
      })),
    ]);
    feedback();
  }

  function feedback() {
    if (!picture?.label || picture.iterations < 2) return;
    const [a, b] = [Number(from.value), Number(to.value)];
    const found = changes(picture.label, picture.predictions[a - 1], picture.predictions[b - 1], list.classes.length);
    const { width, height } = picture;
    changed.show(width, height, [{
      title: `t${a} to t${b}`,
      note: `${share(found.all.fixed, found.all.total)} % fixed, ${share(found.all.broken, found.all.total)} % broken`,
      layers: [{ picture: picture.image, grey: true, alpha: 0.6 }, { picture: changeMap(found.map, width, height), alpha: 0.85 }],
    }]);
    const rows = list.classes.map((c, i) => ({ name: c.name, counts: found.perClass[i] })).filter((r) => r.counts.total)
      .sort((x, y) => (y.counts.fixed - y.counts.broken) / y.counts.total - (x.counts.fixed - x.counts.broken) / x.counts.total);
    shares.replaceChildren(table(`Pixels of ${picture.id} from t${a} to t${b}, in percent`, "Class", [{ name: "all", counts: found.all }, ...rows]));
    if (everyImage.childElementCount) attempt(every);
  }

  /** Reads every kept image, one after the other. */
  async function every() {
    const [a, b] = [Number(from.value), Number(to.value)];
    const rows = [];
    for (const i of step === "" ? list.kept : list.stepImages ?? list.kept) {
      const one = i === index ? picture : await read(root, i, list.classes, step);
      if (one.label && one.predictions[b - 1]) rows.push({ name: one.id, counts: changes(one.label, one.predictions[a - 1], one.predictions[b - 1], list.classes.length).all });
    }
    if (String(a) === from.value && String(b) === to.value) everyImage.replaceChildren(table(`Pixels of each image from t${a} to t${b}, in percent`, "Image", rows));
  }

  function tell(pixel) {
    for (const other of [tiles, changed]) {
      if (other.point !== pixel) {
        other.point = pixel;
        other.draw();
      }
    }
    if (!pixel || !picture) return say(read_, "Point at a pixel to read it.");
    const [x, y] = pixel;
    const i = y * picture.width + x;
    const name = (map) => (map[i] === VOID ? "void" : list.classes[map[i]].name);
    return say(read_, [
      `x ${x}, y ${y}`,
      picture.label ? `label ${name(picture.label)}` : null,
      ...picture.predictions.map((map, t) => `t${t + 1} ${name(map)}`),
      ...picture.gates.map((g) => `gate ${g.block} t${g.iteration} ${number(g.value(x, y))}`),
    ].filter(Boolean).join(" · "));
  }

  const button = (by, text, label) =>
    h("button", {
      type: "button", text, "aria-label": label,
      on: { click: () => {
        const known = step === "" ? has : list.stepImages ?? list.kept;
        load(known[(known.indexOf(index) + by + known.length) % known.length]);
      } },
    });
  listen({ event: async (event) => {
    if (event.type !== "evaluated") return;
    list = await get(root);
    const last = step === String(moments().at(-2) ?? "") || step === "" && !has.length;
    load(index, last ? moments().length - 1 : undefined);
  } });
  choices();
  await load(index);
  return {
    elements: [
      h("div", { class: "bar" },
        h("label", { for: "image", text: "Image" }),
        h("div", { class: "bar tight" }, button(-1, "‹", "previous image"), names, button(1, "›", "next image")),
        pair(h("label", { for: "over", text: "Show" }), mode),
        pair(h("label", { for: "opacity", text: "Opacity" }), over)),
      stepBar,
      read_, tiles.element, scale, legend(list.classes), note, section,
    ],
  };
}

/** Wrong pixels in magenta, with a dark grid so that they are told apart on any display. */
function errors(wrong, width, height) {
  const canvas = h("canvas", { width, height });
  const pen = canvas.getContext("2d");
  const data = pen.createImageData(width, height);
  for (let i = 0; i < wrong.length; i++) if (wrong[i]) data.data.set([255, 0, 200, 255], 4 * i);
  pen.putImageData(data, 0, 0);
  return canvas;
}

function table(caption, first, rows) {
  return scroller(caption, h("table", { class: "versus numbers" },
    h("caption", { text: caption }),
    h("thead", {}, h("tr", {}, [first, "Pixels", "Fixed", "Broken", "Net", "Wrong in both", "Right in both"].map((t) => h("th", { scope: "col", text: t })))),
    h("tbody", {}, rows.map(({ name, counts: c }) => h("tr", {}, h("th", { scope: "row", text: name }),
      h("td", { text: number(c.total) }), h("td", { text: share(c.fixed, c.total) }), h("td", { text: share(c.broken, c.total) }),
      h("td", { text: c.total ? signed((c.fixed - c.broken) / c.total) : "–" }), h("td", { text: share(c.wrong, c.total) }), h("td", { text: share(c.right, c.total) }))))));
}
