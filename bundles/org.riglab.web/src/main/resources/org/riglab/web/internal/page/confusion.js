import { get } from "./api.js";
import { dark, diverging, heat, viridis } from "./colours.js";
import { attempt, h, say, scroller } from "./dom.js";
import { number, percent } from "./format.js";
import { VOID, read } from "./layers.js";

/** A table has room for so many classes; more are a picture. */
const MOST_CELLS = 32;

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

  /** Finds the pictures of the run in which pixels of one class are taken for another. */
  function open(i, j) {
    attempt(async () => {
      const t = Number(slider.value);
      const root = `/runs/${run.id}/pictures`;
      where.replaceChildren(h("h2", { text: `${names[i]} taken for ${names[j]}` }), h("p", { class: "hint", text: "Looking through the run's pictures…" }));
      const list = await get(root);
      const found = [];
      for (const index of list.kept) {
        const one = await read(root, index, list.classes);
        const map = one.predictions[t - 1] ?? one.predictions.at(-1);
        let pixels = 0;
        let all = 0;
        for (let k = 0; one.label && k < map.length; k++) {
          if (one.label[k] !== i) continue;
          all++;
          if (map[k] === j) pixels++;
        }
        if (pixels) found.push({ index, one, pixels, all, map });
      }
      found.sort((a, b) => b.pixels - a.pixels);
      where.replaceChildren(
        h("h2", { text: `${names[i]} taken for ${names[j]}` }),
        h("p", { class: "hint", text: found.length
          ? `In ${number(found.length)} of the ${number(list.kept.length)} pictures that the run keeps, most pixels first.`
          : `In none of the ${number(list.kept.length)} pictures that the run keeps.` }),
        h("div", { class: "tiles" }, found.map(({ index, one, pixels, all, map }) => h("figure", { class: "tile" },
          h("a", { href: `#/run/${run.id}?tab=pictures&image=${index}`, "aria-label": `pictures of ${one.id}` }, marked(one, map, i, j)),
          h("figcaption", {}, h("span", { class: "title", text: one.id }), h("small", { text: `${number(pixels)} of ${number(all)} pixels of ${names[i]}` }))))));
      where.scrollIntoView({ block: "nearest" });
    });
  }

  draw();
  dark.addEventListener("change", draw);
  return {
    close: () => dark.removeEventListener("change", draw),
    elements: [
      h("div", { class: "bar" },
        h("label", { for: "matrix-iteration" }, "Iteration ", text), slider,
        h("label", { class: "chip" }, sorted, h("span", { text: "Sort by IoU" })),
        h("label", { for: "against", text: "Difference to" }), against, otherId),
      note,
      scroller("Confusion matrix", place),
      where,
    ],
  };
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
