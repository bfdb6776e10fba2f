// Okabe and Ito's colours, told apart also by most who are colour blind; darker on white.
const LIGHT = ["#0072b2", "#d55e00", "#007f5f", "#b5438e", "#8a6d00", "#3a8fc4", "#5b3fa8", "#444444"];
const DARK = ["#56b4e9", "#ff8c3a", "#2fd0a0", "#e88fc4", "#f0d442", "#8ecbff", "#b9a2ff", "#cccccc"];
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

export const dark = matchMedia("(prefers-color-scheme: dark)");

export function series(i) {
  const colours = dark.matches ? DARK : LIGHT;
  return colours[i % colours.length];
}

/** Lines that share a colour differ in their dashes. */
export function dash(i) {
  return DASHES[Math.floor(i / LIGHT.length) % DASHES.length];
}

/** Gives a swatch the colour and dashes of a line. */
export function swatch(element, i) {
  const colour = series(i);
  const dashes = dash(i);
  element.style.background = dashes.length
    ? `repeating-linear-gradient(90deg, ${colour} 0 ${dashes[0] / 2 + 1}px, transparent 0 ${dashes[0] / 2 + 3}px)`
    : colour;
}

const VIRIDIS = [
  [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142],
  [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37],
];

/** Viridis: 0 to 1 becomes red, green, blue. */
export function viridis(x) {
  const at = Math.max(0, Math.min(1, Number.isFinite(x) ? x : 0)) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return VIRIDIS[i].map((c, k) => Math.round(c + (VIRIDIS[i + 1][k] - c) * (at - i)));
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Colours a cell for a share of one, with text of the greater contrast, which is 4.58 at the least. */
export function heat(element, x) {
  paint(element, mix([dark.matches ? [24, 31, 39] : [255, 255, 255], dark.matches ? [120, 190, 245] : [0, 90, 150]], x));
}

/** Colours a cell for -1 to 1: orange below, blue above. */
export function diverging(element, x) {
  const middle = dark.matches ? [24, 31, 39] : [255, 255, 255];
  const below = dark.matches ? [255, 170, 100] : [180, 75, 0];
  const above = dark.matches ? [120, 190, 245] : [0, 90, 150];
  paint(element, mix([middle, x < 0 ? below : above], Math.abs(x)));
}

function mix([from, to], x) {
  const share = Math.max(0, Math.min(1, Number.isFinite(x) ? x : 0));
  return from.map((c, k) => Math.round(c + (to[k] - c) * share));
}

function paint(element, rgb) {
  const light = luminance(rgb);
  element.style.backgroundColor = `rgb(${rgb.join(" ")})`;
  element.style.color = 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? "#fff" : "#000";
}
