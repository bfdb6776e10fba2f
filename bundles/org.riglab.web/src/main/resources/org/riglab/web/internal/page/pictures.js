import { get } from "./api.js";
import { viridis } from "./colours.js";
import { attempt, h } from "./dom.js";
import { number, percent } from "./format.js";

function image(url) {
  return new Promise((resolve, reject) => {
    const element = new Image();
    element.onload = () => resolve(element);
    element.onerror = () => reject(new Error("the picture could not be read"));
    element.src = url;
  });
}

/** The image with prediction, label or gate map laid over it; sliders choose iteration and opacity. */
export async function show(run) {
  const root = `/runs/${run.id}/pictures`;
  const list = await get(root);
  if (!list.images.length) return { elements: [h("p", { class: "hint", text: "The split has no images." })] };
  let index = 0;
  let about = null;
  let layers = new Map();

  const canvas = h("canvas", { role: "img" });
  const names = h("select", { id: "image", on: { change: (e) => load(Number(e.target.value)) } }, choices());
  const source = h("p", { class: "hint" });
  const iteration = h("input", { type: "range", id: "iteration", min: 1, max: 1, step: 1, value: 1, on: { input: draw } });
  const iterationText = h("output", { for: "iteration" });
  const over = h("select", { id: "over", on: { change: draw } });
  const opacity = h("input", { type: "range", id: "opacity", min: 0, max: 100, value: 60, on: { input: draw } });
  const note = h("p", { class: "hint", role: "status" });
  const scale = h("div", { class: "scale" });
  const legend = h("ul", { class: "legend classes" }, list.classes.map((c) => {
    const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.backgroundColor = c.colour;
    return h("li", {}, swatch, c.name);
  }));

  /** First those that the run keeps: they tell of the run whatever became of its network. */
  function choices() {
    const option = (i) => h("option", { value: i, text: list.images[i] });
    const others = list.images.map((_, i) => i).filter((i) => !list.kept.includes(i));
    if (!list.kept.length) return others.map(option);
    return [
      h("optgroup", { label: "Kept by the run" }, list.kept.map(option)),
      h("optgroup", { label: "The network as it is now" }, others.map(option)),
    ];
  }

  async function load(next) {
    await attempt(async () => {
      note.textContent = "The picture is on its way…";
      const asked = (index = (next + list.images.length) % list.images.length);
      names.value = asked;
      const answer = await get(`${root}/${asked}`);
      const all = await Promise.all(answer.layers.map(async (layer) => [layer, await image(`/api/v1${root}/${asked}/${layer}`)]));
      if (asked !== index) return;
      about = answer;
      layers = new Map(all);
      const before = over.value || "prediction";
      const blocks = [...new Set(about.gates.map((g) => g.block))].sort((a, b) => b - a);
      over.replaceChildren(
        h("option", { value: "prediction", text: "Prediction" }),
        h("option", { value: "label", text: "Label" }),
        h("option", { value: "wrong", text: "Where prediction and label differ" }),
        ...blocks.map((b) => h("option", { value: `gate.${b}`, text: `Gate of block ${b}` })),
      );
      over.value = [...over.options].some((o) => o.value === before) ? before : "prediction";
      const first = iteration.max === "1";
      iteration.max = about.iterations;
      if (first) iteration.value = about.iterations;
      iteration.disabled = about.iterations < 2;
      source.textContent = `Network ${list.network}, ${about.kept ? "when the run was done" : "as it is now"}.`;
      draw();
    });
  }

  function draw() {
    if (!about) return;
    const t = Number(iteration.value);
    const what = over.value;
    iterationText.textContent = `${t} of ${about.iterations}`;
    canvas.width = about.width;
    canvas.height = about.height;
    const paper = canvas.getContext("2d");
    paper.drawImage(layers.get("image"), 0, 0);
    paper.globalAlpha = Number(opacity.value) / 100;
    paper.imageSmoothingEnabled = what.startsWith("gate");
    const gate = about.gates.find((g) => `gate.${g.block}` === what && g.iteration === t);
    const layer = what === "prediction" ? `t${t}` : what === "label" ? "label" : gate?.layer;
    if (what === "wrong") paper.drawImage(differences(layers.get(`t${t}`), layers.get("label")), 0, 0);
    else if (gate) paper.drawImage(coloured(layers.get(layer)), 0, 0, about.width, about.height);
    else if (layer && layers.has(layer)) paper.drawImage(layers.get(layer), 0, 0);
    paper.globalAlpha = 1;
    legend.hidden = what.startsWith("gate") || what === "wrong";
    scale.hidden = !gate;
    if (gate) {
      scale.replaceChildren(h("span", { text: number(gate.low) }), ramp(), h("span", { text: number(gate.high) }));
      note.textContent = "Mean over the gate's channels: bright lets through.";
    } else if (what.startsWith("gate")) {
      note.textContent = "There is no gate in this iteration: the feedback of the one before it opens or shuts them.";
    } else {
      note.textContent = `${percent(about.accuracy[t - 1])} % of the pixels right in iteration ${t}.`;
    }
    canvas.setAttribute("aria-label", `${about.id}: ${over.selectedOptions[0]?.text}, iteration ${t}. ${note.textContent}`);
  }

  function ramp() {
    const bar = h("canvas", { width: 128, height: 1, "aria-hidden": "true" });
    const paper = bar.getContext("2d");
    for (let x = 0; x < 128; x++) {
      paper.fillStyle = `rgb(${viridis(x / 127).join(" ")})`;
      paper.fillRect(x, 0, 1, 1);
    }
    return bar;
  }

  const button = (step, text, label) =>
    h("button", { type: "button", text, "aria-label": label, on: { click: () => load(index + step) } });
  await load(list.kept[0] ?? 0);
  return {
    elements: [
      h("div", { class: "pictures" },
        h("div", { class: "card stage" }, canvas, scale, legend),
        h("div", { class: "card controls" },
          h("label", { for: "image", text: "Image" }),
          h("div", { class: "bar tight" }, button(-1, "‹", "previous image"), names, button(1, "›", "next image")),
          h("label", { for: "over", text: "Over the image" }), over,
          h("label", { for: "iteration" }, "Iteration ", iterationText), iteration,
          h("label", { for: "opacity", text: "Opacity" }), opacity,
          note,
          source)),
    ],
  };
}

function pixels(picture) {
  const canvas = h("canvas", { width: picture.naturalWidth, height: picture.naturalHeight });
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  paper.drawImage(picture, 0, 0);
  return [canvas, paper, paper.getImageData(0, 0, canvas.width, canvas.height)];
}

function coloured(grey) {
  const [canvas, paper, data] = pixels(grey);
  for (let i = 0; i < data.data.length; i += 4) {
    [data.data[i], data.data[i + 1], data.data[i + 2]] = viridis(data.data[i] / 255);
  }
  paper.putImageData(data, 0, 0);
  return canvas;
}

/** Red where two label pictures differ and the label counts. */
function differences(prediction, label) {
  const [canvas, paper, mine] = pixels(prediction);
  const theirs = pixels(label)[2].data;
  for (let i = 0; i < theirs.length; i += 4) {
    const same = [0, 1, 2].every((k) => mine.data[i + k] === theirs[i + k]);
    const counts = theirs[i + 3] > 0;
    [mine.data[i], mine.data[i + 1], mine.data[i + 2]] = [230, 40, 40];
    mine.data[i + 3] = counts && !same ? 255 : 0;
  }
  paper.putImageData(mine, 0, 0);
  return canvas;
}
