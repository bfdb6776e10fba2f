import { get } from "./api.js";
import { viridis } from "./colours.js";
import { h } from "./dom.js";

/** The label of pixels that do not count. */
export const VOID = 255;

function image(url) {
  return new Promise((resolve, reject) => {
    const element = new Image();
    element.onload = () => resolve(element);
    element.onerror = () => reject(new Error("the picture could not be read"));
    element.src = url;
  });
}

function pixels(picture) {
  const canvas = h("canvas", { width: picture.naturalWidth, height: picture.naturalHeight });
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  paper.drawImage(picture, 0, 0);
  return paper.getImageData(0, 0, canvas.width, canvas.height).data;
}

/** Makes a canvas from a function of a pixel's index that gives red, green, blue and alpha. */
export function paint(width, height, pixel) {
  const canvas = h("canvas", { width, height });
  const paper = canvas.getContext("2d");
  const data = paper.createImageData(width, height);
  for (let i = 0; i < width * height; i++) data.data.set(pixel(i), 4 * i);
  paper.putImageData(data, 0, 0);
  return canvas;
}

/** The classes of a label picture's pixels, by their colours. */
function labels(picture, classes) {
  const byColour = new Map(classes.map((c, i) => [parseInt(c.colour.slice(1), 16), i]));
  const data = pixels(picture);
  const result = new Uint8Array(data.length / 4).fill(VOID);
  for (let i = 0; i < result.length; i++) {
    if (data[4 * i + 3] === 0) continue;
    result[i] = byColour.get((data[4 * i] << 16) | (data[4 * i + 1] << 8) | data[4 * i + 2]) ?? VOID;
  }
  return result;
}

/**
 * Reads a picture: its image, labels per iteration as classes, and gate maps as values.
 *
 * @param root of the pictures of a run, relative to the API
 * @param index of the image
 * @param classes of the listing
 * @param step of the training; empty for the last
 */
export async function read(root, index, classes, step = "") {
  const query = step === "" ? "" : `?step=${step}`;
  const about = await get(`${root}/${index}${query}`);
  const files = new Map(await Promise.all(about.layers.map(async (layer) => [layer, await image(`/api/v1${root}/${index}/${layer}${query}`)])));
  const { width, height } = about;
  const predictions = [];
  for (let t = 1; files.has(`t${t}`); t++) predictions.push(labels(files.get(`t${t}`), classes));
  const gates = about.gates.map((gate) => {
    const file = files.get(gate.layer);
    const data = pixels(file);
    const [w, h0] = [file.naturalWidth, file.naturalHeight];
    const grey = new Uint8Array(w * h0).map((_, i) => data[4 * i]);
    return {
      ...gate,
      width: w,
      height: h0,
      picture: paint(w, h0, (i) => [...viridis(grey[i] / 255), 255]),
      /** The value at a pixel of the image. */
      value: (x, y) => gate.low + (grey[Math.floor((y * h0) / height) * w + Math.floor((x * w) / width)] / 255) * (gate.high - gate.low),
    };
  });
  return {
    ...about,
    image: files.get("image"),
    label: files.has("label") ? labels(files.get("label"), classes) : null,
    predictions,
    gates,
  };
}

/** A label map as a canvas in the classes' colours; void is transparent. */
export function coloured(map, width, height, classes) {
  const colours = classes.map((c) => parseInt(c.colour.slice(1), 16));
  return paint(width, height, (i) =>
    map[i] === VOID ? [0, 0, 0, 0] : [colours[map[i]] >> 16, (colours[map[i]] >> 8) & 255, colours[map[i]] & 255, 255]);
}

export const CHANGE = {
  fixed: { text: "fixed", colour: [0, 150, 255] },
  broken: { text: "broken", colour: [255, 140, 0] },
  wrong: { text: "wrong in both", colour: [90, 90, 90] },
  right: { text: "right in both", colour: null },
};

/**
 * What became of each pixel from one label map to another, where the label counts.
 *
 * @returns {map, all, perClass}: names of CHANGE by pixel, and counts of each
 */
export function changes(label, before, after, classCount) {
  const none = () => ({ fixed: 0, broken: 0, wrong: 0, right: 0, total: 0 });
  const all = none();
  const perClass = Array.from({ length: classCount }, none);
  const map = new Array(label.length).fill(null);
  for (let i = 0; i < label.length; i++) {
    if (label[i] === VOID) continue;
    const was = before[i] === label[i];
    const is = after[i] === label[i];
    const name = was ? (is ? "right" : "broken") : is ? "fixed" : "wrong";
    map[i] = name;
    for (const counts of [all, perClass[label[i]]]) {
      counts[name]++;
      counts.total++;
    }
  }
  return { map, all, perClass };
}

/** A map of changes as a canvas. */
export function changeMap(map, width, height) {
  return paint(width, height, (i) => {
    const colour = map[i] && CHANGE[map[i]].colour;
    return colour ? [...colour, 255] : [0, 0, 0, 0];
  });
}
