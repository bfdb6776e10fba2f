import { get } from "./api.js";
import { heat, viridis } from "./colours.js";
import { h } from "./dom.js";
import { number, percent } from "./format.js";

/** A table has room for so many classes; more are a picture. */
const MOST_CELLS = 32;

export async function show(run) {
  const evaluation = await get(`/runs/${run.id}/evaluation`);
  const names = evaluation.classes.map((c) => c.name);
  const place = h("div");
  const note = h("p", { class: "hint", role: "status" });
  const steps = evaluation.iterations.length;
  const text = h("output", { for: "matrix-iteration" });
  const slider = h("input", { type: "range", id: "matrix-iteration", min: 1, max: steps, value: steps, step: 1, disabled: steps < 2, on: { input: draw } });

  function draw() {
    const t = Number(slider.value);
    text.textContent = `${t} of ${steps}`;
    const { confusion: counts, values, per_class: perClass } = evaluation.iterations[t - 1];
    const iou = perClass.IoU ?? [];
    note.textContent = `Step ${number(evaluation.step)}, ${number(evaluation.images)} images of ${evaluation.dataset}: mIoU ${percent(values.mIoU)} %. Each row: where the pixels of a class went, in percent.`;
    if (!counts.length) place.replaceChildren(h("p", { class: "hint", text: "This evaluation has no confusion matrix." }));
    else place.replaceChildren(names.length <= MOST_CELLS ? table(names, counts, iou) : picture(names, counts));
  }

  draw();
  return {
    elements: [
      h("div", { class: "bar" }, h("label", { for: "matrix-iteration" }, "Iteration ", text), slider),
      note,
      h("div", { class: "card scroll", tabindex: "0", role: "region", "aria-label": "Confusion matrix" }, place),
    ],
  };
}

function sum(row) {
  return row.reduce((a, b) => a + b, 0);
}

function table(names, counts, iou) {
  return h("table", { class: "matrix" },
    h("caption", { text: "Rows: label. Columns: prediction." }),
    h("thead", {}, h("tr", {}, h("td"), names.map((n) => h("th", { scope: "col" }, h("span", { text: n }))), h("th", { scope: "col", class: "sum" }, h("span", { text: "IoU %" })))),
    h("tbody", {}, counts.map((row, i) => {
      const total = sum(row);
      return h("tr", {}, h("th", { scope: "row", text: names[i] }),
        row.map((count, j) => {
          const share = total ? count / total : NaN;
          const cell = h("td", {
            class: i === j ? "right" : null,
            text: total ? (share >= 0.0005 ? (share * 100).toFixed(share >= 0.0995 ? 0 : 1) : "·") : "",
            title: `${names[i]} taken for ${names[j]}: ${number(count)} pixels`,
          });
          heat(cell, share);
          return cell;
        }),
        h("td", { class: "sum", text: percent(iou[i]) }));
    })));
}

function picture(names, counts) {
  const size = names.length;
  const canvas = h("canvas", { class: "bigmatrix", width: size, height: size, tabindex: "0", role: "img", "aria-label": `confusion matrix of ${size} classes; arrow keys read cells` });
  const paper = canvas.getContext("2d");
  const shares = counts.map((row) => {
    const total = sum(row);
    return row.map((c) => (total ? c / total : 0));
  });
  shares.forEach((row, i) => row.forEach((share, j) => {
    // The root shows small confusions, which are what one looks for.
    paper.fillStyle = `rgb(${viridis(Math.sqrt(share)).join(" ")})`;
    paper.fillRect(j, i, 1, 1);
  }));
  const read = h("p", { class: "hint", role: "status", text: "Point at a cell, or use the arrow keys." });
  let at = [0, 0];
  function tell() {
    const [i, j] = at;
    read.textContent = `${names[i]} taken for ${names[j]}: ${percent(shares[i][j])} % (${number(counts[i][j])} pixels)`;
  }
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    at = [event.clientY - box.top, event.clientX - box.left].map((v, k) => Math.max(0, Math.min(size - 1, Math.floor((v / (k ? box.width : box.height)) * size))));
    tell();
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    at = at.map((v, k) => Math.max(0, Math.min(size - 1, v + step[k])));
    tell();
  });
  return h("div", {}, canvas, read);
}
