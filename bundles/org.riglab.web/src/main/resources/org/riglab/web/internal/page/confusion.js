import { get } from "./api.js";
import { dark, diverging, heat, viridis } from "./colours.js";
import { attempt, h, pair, say, scroller } from "./dom.js";
import { number, percent } from "./format.js";
import { VOID, read } from "./layers.js";

/** A table has room for so many classes; more are a picture. */
const MOST_CELLS = 32;

/** Pictures that a cell shows, and the most that are read for it: each may have to be computed. */
const SHOWN = 12;
const MOST_READ = 200;

/**
 * The confusion of a run by iteration, or the difference to another iteration or run. A cell leads to
 * the pictures where it happens.
 */
export async function show(run, query, remember) {
  const evaluation = await get(`/runs/${run.id}/evaluation`);
  const names = evaluation.classes.map((c) => c.name);
  const place = h("div");
  const note = h("p", { class: "hint", role: "status" });
  const where = h("div", { role: "status", id: "where" });
  const count = evaluation.iterations.length;
  const text = h("output", { for: "matrix-iteration" });
  const slider = h("input", { type: "range", id: "matrix-iteration", min: 1, max: count, value: query.get("t") ?? count, step: 1, disabled: count < 2, on: { input: draw } });
  const sorted = h("input", { type: "checkbox", checked: query.get("sorted") === "yes", on: { change: draw } });
  const against = h("select", { id: "against", on: { change: () => attempt(other) } },
    h("option", { value: "", text: "nothing" }),
    evaluation.iterations.map((_, t) => h("option", { value: `t${t + 1}`, text: `iteration ${t + 1}` })),
    h("option", { value: "run", text: "another run…" }));
  const otherId = h("input", { id: "other-run", inputmode: "numeric", placeholder: "run ID", "aria-label": "ID of the other run", hidden: true, on: { change: () => attempt(other) } });
  let compared = null;

  async function other() {
    otherId.hidden = against.value !== "run";
    compared = null;
    if (against.value === "run" && otherId.value) {
      const found = await get(`/runs/${Number(otherId.value)}/evaluation`);
      if (found.classes.map((c) => c.name).join() !== names.join()) throw new Error(`run ${otherId.value} has other classes`);
      compared = { name: `run ${otherId.value}`, iterations: found.iterations };
    } else if (against.value.startsWith("t")) {
      const one = evaluation.iterations[Number(against.value.slice(1)) - 1];
      compared = { name: `iteration ${against.value.slice(1)}`, iterations: evaluation.iterations.map(() => one) };
    }
    draw();
  }

  function draw() {
    const t = Number(slider.value);
    say(text, `${t} of ${count}`);
    remember({ t: t === count ? null : t, sorted: sorted.checked ? "yes" : null });
    const { confusion: counts, values, per_class: perClass } = evaluation.iterations[t - 1];
    const iou = perClass.IoU ?? [];
    const base = compared && (compared.iterations[t - 1] ?? compared.iterations.at(-1));
    say(note, compared
      ? `Differences to ${compared.name}, in points of percent: blue is more, orange is less.`
      : `${run.kind === "eval" ? "" : `Step ${number(evaluation.step)}, `}${number(evaluation.images)} images of ${evaluation.dataset}: mIoU ${percent(values.mIoU)} %. Each row: where the pixels of a class went, in percent.`);
    const order = names.map((_, i) => i);
    if (sorted.checked) order.sort((a, b) => (Number.isFinite(iou[b]) ? iou[b] : -1) - (Number.isFinite(iou[a]) ? iou[a] : -1));
    const matrix = { names, counts, iou, order, base: base?.confusion, baseIou: base?.per_class.IoU };
    if (!counts.length) place.replaceChildren(h("p", { class: "hint", text: "This evaluation has no confusion matrix." }));
    else place.replaceChildren(names.length <= MOST_CELLS ? table(matrix, open) : picture(matrix, open));
  }

  /**
   * Images of the split by how many pixels of a class may be taken for another: at most those of the
   * class that are wrong, and those of the other that are. Null where counts were not kept.
   */
  function candidates(i, j, t) {
    if (!evaluation.perImage || t !== count) return null;
    const bound = ({ correct, predicted, labelled }) =>
      (i === j ? correct[i] : Math.min(labelled[i] - correct[i], predicted[j] - correct[j]));
    return evaluation.perImage.map((image) => ({ id: image.id, most: bound(image) })).filter(({ most }) => most > 0).sort((a, b) => b.most - a.most);
  }

  /** Finds pictures in which pixels of one class are taken for another: those with most of them. */
  let turn = 0;
  function open(i, j, everything = false) {
    const mine = ++turn;
    attempt(async () => {
      const t = Number(slider.value);
      const root = `/runs/${run.id}/pictures`;
      const title = h("h2", { text: i === j ? `${names[i]} recognised` : `${names[i]} taken for ${names[j]}` });
      const said = h("p", { class: "hint", text: "Looking through the pictures…" });
      const place = h("div", { class: "tiles" });
      where.replaceChildren(title, said, place);
      where.scrollIntoView({ block: "nearest" });
      const list = await get(root);
      const ranked = candidates(i, j, t);
      const at = new Map(list.images.map((id, index) => [id, index]));
      const shown = new Set(list.available);
      const look = ranked
        ? ranked.map(({ id, most }) => ({ index: at.get(id), most })).filter(({ index }) => shown.has(index))
        : (everything ? list.available : list.kept).map((index) => ({ index, most: Infinity }));
      const found = [];
      let done = 0;
      for (const { index, most } of look) {
        // No image that is left has more pixels than the last one shown.
        if (found.length >= SHOWN && most <= found[SHOWN - 1].pixels) break;
        if (done >= MOST_READ) break;
        const one = await read(root, index, list.classes);
        if (mine !== turn || !where.isConnected) return;
        done++;
        const counted = pixelsOf(one, one.predictions[t - 1] ?? one.predictions.at(-1), i, j);
        if (counted.pixels) found.push({ index, one, ...counted });
        found.sort((a, b) => b.pixels - a.pixels);
        place.replaceChildren(...found.slice(0, SHOWN).map((it) => tile(it, i, j)));
        say(said, `${number(done)} of ${number(look.length)} pictures read…`);
      }
      const exact = ranked && evaluation.iterations[t - 1].confusion[i][j];
      say(said, ranked
        ? `${number(Math.min(found.length, SHOWN))} images with most of these pixels, of the ${number(look.length)} of ${number(evaluation.images)} in which they can occur; ${number(exact)} pixels in the whole split.`
        : `In ${number(found.length)} of ${number(look.length)} ${everything ? "images" : "pictures that the run keeps"}, most pixels first.`);
      if (!ranked && !everything && list.available.length > list.kept.length) {
        where.append(h("button", { type: "button", id: "whole-split", text: `Look through all ${number(list.available.length)} images`, on: { click: () => open(i, j, true) } }));
      }
    });
  }

  function tile({ index, one, pixels, all, map }, i, j) {
    return h("figure", { class: "tile" },
      h("a", { href: `#/run/${run.id}?tab=pictures&image=${index}`, "aria-label": `pictures of ${one.id}` }, marked(one, map, i, j)),
      h("figcaption", {}, h("span", { class: "title", text: one.id }), h("small", { text: `${number(pixels)} of ${number(all)} pixels of ${names[i]}` })));
  }

  draw();
  dark.addEventListener("change", draw);
  return {
    close: () => dark.removeEventListener("change", draw),
    elements: [
      h("div", { class: "bar" },
        pair(h("label", { for: "matrix-iteration" }, "Iteration ", text), slider),
        h("label", { class: "chip" }, sorted, h("span", { text: "Sort by IoU" })),
        pair(h("label", { for: "against", text: "Difference to" }), against, otherId)),
      note,
      scroller("Confusion matrix", place),
      where,
    ],
  };
}

/** How many pixels of a class a map takes for another, of how many. */
function pixelsOf(one, map, i, j) {
  let pixels = 0;
  let all = 0;
  for (let k = 0; one.label && k < map.length; k++) {
    if (one.label[k] !== i) continue;
    all++;
    if (map[k] === j) pixels++;
  }
  return { pixels, all, map };
}

/** The image in grey with the pixels of one class that were taken for another. */
function marked(one, map, i, j) {
  const canvas = h("canvas", { width: one.width, height: one.height });
  const pen = canvas.getContext("2d");
  pen.filter = "grayscale(1)";
  pen.drawImage(one.image, 0, 0);
  pen.filter = "none";
  const data = pen.getImageData(0, 0, one.width, one.height);
  for (let k = 0; k < map.length; k++) if (one.label[k] === i && map[k] === j && map[k] !== VOID) data.data.set([255, 0, 200, 255], 4 * k);
  pen.putImageData(data, 0, 0);
  return canvas;
}

function sum(row) {
  return row.reduce((a, b) => a + b, 0);
}

function shares(counts) {
  return counts.map((row) => {
    const total = sum(row);
    return row.map((c) => (total ? c / total : NaN));
  });
}

const points = (x) => (Math.abs(x) < 0.0005 ? "·" : `${x > 0 ? "+" : "−"}${(Math.abs(x) * 100).toFixed(Math.abs(x) >= 0.0995 ? 0 : 1)}`);

function table({ names, counts, iou, order, base, baseIou }, open) {
  const all = shares(counts);
  const before = base && shares(base);
  return h("table", { class: "matrix" },
    h("caption", { text: "Rows: label. Columns: prediction. A cell leads to the pictures where it happens." }),
    h("thead", {}, h("tr", {}, h("td"), order.map((j) => h("th", { scope: "col" }, h("span", { text: names[j] }))), h("th", { scope: "col", class: "sum" }, h("span", { text: "IoU %" })))),
    h("tbody", {}, order.map((i) =>
      h("tr", {}, h("th", { scope: "row", text: names[i] }),
        order.map((j) => {
          const share = all[i][j];
          const difference = before ? share - before[i][j] : 0;
          const text = !Number.isFinite(share) ? "" : before ? points(difference) : share >= 0.0005 ? (share * 100).toFixed(share >= 0.0995 ? 0 : 1) : "·";
          const cell = h("td", { class: i === j ? "right" : null },
            text && counts[i][j] ? h("button", {
              type: "button", text,
              title: `${names[i]} taken for ${names[j]}: ${number(counts[i][j])} pixels`,
              "aria-label": `${names[i]} taken for ${names[j]}: ${text} %, ${number(counts[i][j])} pixels; show pictures`,
              on: { click: () => open(i, j) },
            }) : text);
          if (before) diverging(cell, difference * 4);
          else heat(cell, share);
          return cell;
        }),
        h("td", { class: "sum", text: baseIou ? points(iou[i] - baseIou[i]) : percent(iou[i]) })))));
}

function picture({ names, counts, iou, order, base }, open) {
  const size = names.length;
  const canvas = h("canvas", { class: "bigmatrix", width: size, height: size, tabindex: "0", role: "application", "aria-label": `Confusion matrix of ${size} classes. Arrow keys read cells, Enter shows pictures.` });
  const pen = canvas.getContext("2d");
  const all = shares(counts);
  const before = base && shares(base);
  order.forEach((i, y) => order.forEach((j, x) => {
    // The root shows small confusions, which are what one looks for.
    const share = before ? 0.5 + 2 * ((all[i][j] || 0) - (before[i][j] || 0)) : Math.sqrt(all[i][j] || 0);
    pen.fillStyle = `rgb(${viridis(share).join(" ")})`;
    pen.fillRect(x, y, 1, 1);
  }));
  const read_ = h("p", { class: "hint", role: "status", text: "Point at a cell, or use the arrow keys; Enter or a click shows pictures." });
  let at = [0, 0];
  function tell() {
    const [i, j] = at.map((k) => order[k]);
    say(read_, `${names[i]} taken for ${names[j]}: ${percent(all[i][j])} % (${number(counts[i][j])} pixels); IoU of ${names[i]} ${percent(iou[i])} %`);
  }
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    at = [event.clientY - box.top, event.clientX - box.left].map((v, k) => Math.max(0, Math.min(size - 1, Math.floor((v / (k ? box.width : box.height)) * size))));
    tell();
  });
  canvas.addEventListener("click", () => open(...at.map((k) => order[k])));
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter") return open(...at.map((k) => order[k]));
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return undefined;
    event.preventDefault();
    at = at.map((v, k) => Math.max(0, Math.min(size - 1, v + step[k])));
    tell();
    return undefined;
  });
  return h("div", {}, canvas, read_);
}
