import { h, scroller } from "./dom.js";
import { value } from "./format.js";

/** Values of a parameter are taken as groups up to so many; more numbers are cut into quarters. */
const MOST_GROUPS = 6;

function ranks(values) {
  const order = values.map((v, i) => [v, i]).sort((a, b) => a[0] - b[0]);
  const result = new Array(values.length);
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j < order.length && order[j][0] === order[i][0]) j++;
    for (let k = i; k < j; k++) result[order[k][1]] = (i + j - 1) / 2;
    i = j;
  }
  return result;
}

/** Spearman's rank correlation; NaN where one of the two does not vary. */
export function rankCorrelation(x, y) {
  const [a, b] = [ranks(x), ranks(y)];
  const mean = (a.length - 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) ** 2;
    bb += (b[i] - mean) ** 2;
  }
  return aa && bb ? ab / Math.sqrt(aa * bb) : NaN;
}

/**
 * The share of the variance of a metric that a parameter explains by itself: epsilon squared of a
 * one-way analysis of variance, which a parameter without effect has near 0. NaN if there are not
 * enough runs.
 */
export function explained(groups, metric) {
  const n = metric.length;
  const mean = metric.reduce((a, b) => a + b, 0) / n;
  const total = metric.reduce((a, b) => a + (b - mean) ** 2, 0);
  const all = new Map();
  groups.forEach((g, i) => all.set(g, [...(all.get(g) ?? []), metric[i]]));
  if (all.size < 2 || n <= all.size || !total) return NaN;
  let within = 0;
  for (const values of all.values()) {
    const own = values.reduce((a, b) => a + b, 0) / values.length;
    within += values.reduce((a, b) => a + (b - own) ** 2, 0);
  }
  return Math.max(0, (total - within - ((all.size - 1) * within) / (n - all.size)) / total);
}

/** A parameter's values as groups. */
function grouped(values) {
  const numbers = values.every((v) => typeof v === "number");
  if (!numbers || new Set(values).size <= MOST_GROUPS) return values.map(value);
  const sorted = [...values].sort((a, b) => a - b);
  const cuts = [0.25, 0.5, 0.75].map((q) => sorted[Math.floor(q * sorted.length)]);
  return values.map((v) => cuts.filter((c) => v >= c).length);
}

/** Which parameters of a sweep matter for a metric. */
export function section(runs, names, metric) {
  const scores = runs.map((r) => r.metrics[metric]);
  const rows = names.map((name) => {
    const values = runs.map((r) => r.config[name]);
    return {
      name,
      share: explained(grouped(values), scores),
      correlation: values.every((v) => typeof v === "number") ? rankCorrelation(values, scores) : NaN,
    };
  }).filter(({ share }) => Number.isFinite(share)).sort((a, b) => b.share - a.share);
  if (!rows.length) return null;
  return table(rows, metric, `Of ${runs.length} runs: what each parameter explains by itself (one-way analysis of variance, epsilon squared; numbers with more than ${MOST_GROUPS} values in quarters), and Spearman's rank correlation of numbers. Effects of several together are not in it.`);
}

/**
 * Parameters with the share of a metric's variance that each explains.
 *
 * @param rows {name, share, correlation}, the most important first; no correlation, no column
 * @param metric names it
 * @param how it was computed
 */
export function table(rows, metric, how) {
  const ranked = rows.some((row) => "correlation" in row);
  return h("section", { id: "importance" }, h("h2", { text: `Importance of parameters for ${metric}` }),
    scroller("Importance of parameters", h("table", { class: "versus numbers" },
      h("thead", {}, h("tr", {}, ["Parameter", "Share, %", "", ...(ranked ? ["Rank correlation"] : [])].map((t) => h(t ? "th" : "td", { scope: t ? "col" : null, text: t })))),
      h("tbody", {}, rows.map(({ name, share, correlation }) => h("tr", {},
        h("th", { scope: "row", text: name.replace(/^spec\./, "") }),
        h("td", { text: (100 * share).toFixed(1) }),
        h("td", {}, h("meter", { min: 0, max: 1, value: share, "aria-label": `share of ${name}` })),
        ranked ? h("td", { text: Number.isFinite(correlation) ? correlation.toFixed(2) : "–" }) : null))))),
    h("p", { class: "hint", text: how }));
}
