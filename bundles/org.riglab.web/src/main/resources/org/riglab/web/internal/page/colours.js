// Okabe and Ito's colours, told apart also by most who are colour blind; darker on white.
const LIGHT = ["#0072b2", "#d55e00", "#007f5f", "#b5438e", "#8a6d00", "#3a8fc4", "#5b3fa8", "#444444"];
const DARK = ["#56b4e9", "#ff8c3a", "#2fd0a0", "#e88fc4", "#f0d442", "#8ecbff", "#b9a2ff", "#cccccc"];

export const dark = matchMedia("(prefers-color-scheme: dark)");

export function series(i) {
  const colours = dark.matches ? DARK : LIGHT;
  return colours[i % colours.length];
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

/** A cell's colours: a wash of one hue that leaves the text readable in light and dark. */
export function heat(element, x) {
  const share = Math.max(0, Math.min(1, Number.isFinite(x) ? x : 0));
  element.style.backgroundColor = `rgb(${dark.matches ? "86 180 233" : "0 114 178"} / ${(share * 0.95).toFixed(3)})`;
  element.classList.toggle("hot", share > (dark.matches ? 0.45 : 0.88));
}
