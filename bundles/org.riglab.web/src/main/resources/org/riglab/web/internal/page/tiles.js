import { h, say } from "./dom.js";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Pictures of one image side by side that zoom, move and point together. The wheel or + and - zoom,
 * a drag moves, arrow keys move the pointer, 0 shows the whole.
 */
export class Tiles {
  /**
   * @param label for screen readers
   * @param told is called with x and y of the pixel pointed at, or null
   */
  constructor(label, told) {
    this.told = told;
    this.tiles = [];
    this.zoom = 1;
    this.centre = [0.5, 0.5];
    this.point = null;
    this.size = [1, 1];
    this.element = h("div", {
      class: "tiles",
      tabindex: "0",
      role: "application",
      "aria-label": `${label}. Arrow keys point at a pixel, plus and minus zoom, 0 shows the whole.`,
      on: { keydown: (event) => this.key(event) },
    });
  }

  /**
   * Shows pictures.
   *
   * @param width in pixels of the image
   * @param height in pixels of the image
   * @param tiles {title, note, layers}: each layer {picture, alpha, smooth, grey}, drawn over each other
   */
  show(width, height, tiles) {
    this.size = [width, height];
    if (tiles.length !== this.tiles.length) {
      this.tiles = tiles.map(() => this.make());
      this.element.replaceChildren(...this.tiles.map((t) => t.element));
    }
    this.tiles.forEach((tile, i) => {
      Object.assign(tile, tiles[i]);
      say(tile.title_, tiles[i].title);
      say(tile.note_, tiles[i].note ?? "");
      const grow = Math.max(1, Math.min(4, Math.round(320 / width)));
      tile.canvas.width = width * grow;
      tile.canvas.height = height * grow;
      tile.canvas.setAttribute("aria-label", `${tiles[i].title} ${tiles[i].note ?? ""}`);
    });
    this.draw();
  }

  make() {
    const tile = {
      canvas: h("canvas", { role: "img" }),
      title_: h("span", { class: "title" }),
      note_: h("small"),
    };
    tile.element = h("figure", { class: "tile" }, tile.canvas, h("figcaption", {}, tile.title_, tile.note_));
    const at = (event) => {
      const box = tile.canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    let held = null;
    tile.canvas.addEventListener("pointermove", (event) => {
      if (held) {
        const [x, y] = at(event);
        this.centre = [held.centre[0] - (x - held.x) / this.zoom, held.centre[1] - (y - held.y) / this.zoom];
        this.clamp();
      }
      this.aim(this.pixel(at(event)));
    });
    tile.canvas.addEventListener("pointerdown", (event) => {
      if (event.button || this.zoom === 1) return;
      const [x, y] = at(event);
      held = { x, y, centre: this.centre };
      tile.canvas.setPointerCapture(event.pointerId);
    });
    for (const end of ["pointerup", "pointercancel"]) tile.canvas.addEventListener(end, () => (held = null));
    tile.canvas.addEventListener("pointerleave", () => this.aim(null));
    tile.canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== this.element) return; // the page scrolls
      event.preventDefault();
      this.scale(event.deltaY < 0 ? 1.25 : 0.8, at(event));
    }, { passive: false });
    tile.canvas.addEventListener("dblclick", (event) => this.scale(2, at(event)));
    return tile;
  }

  /** The corner and size of what is shown, as shares of the image. */
  window() {
    const side = 1 / this.zoom;
    return [this.centre[0] - side / 2, this.centre[1] - side / 2, side];
  }

  clamp() {
    const half = 0.5 / this.zoom;
    this.centre = this.centre.map((c) => Math.max(half, Math.min(1 - half, c)));
  }

  pixel([x, y]) {
    const [left, top, side] = this.window();
    const clip = (v, size) => Math.max(0, Math.min(size - 1, Math.floor(v * size)));
    return [clip(left + x * side, this.size[0]), clip(top + y * side, this.size[1])];
  }

  scale(factor, [x, y] = [0.5, 0.5]) {
    const [left, top, side] = this.window();
    const fixed = [left + x * side, top + y * side];
    this.zoom = Math.max(1, Math.min(32, this.zoom * factor));
    const now = 1 / this.zoom;
    this.centre = [fixed[0] + (0.5 - x) * now, fixed[1] + (0.5 - y) * now];
    this.clamp();
    this.draw();
  }

  aim(pixel) {
    this.point = pixel;
    this.told(pixel);
    this.draw();
  }

  key(event) {
    const step = KEYS[event.key];
    if (step) {
      const [x, y] = this.point ?? [Math.floor(this.size[0] / 2), Math.floor(this.size[1] / 2)];
      const far = event.shiftKey ? 10 : 1;
      this.aim([
        Math.max(0, Math.min(this.size[0] - 1, x + step[0] * far)),
        Math.max(0, Math.min(this.size[1] - 1, y + step[1] * far)),
      ]);
    } else if (event.key === "+" || event.key === "=") this.scale(1.5);
    else if (event.key === "-") this.scale(1 / 1.5);
    else if (event.key === "0") {
      this.zoom = 1;
      this.centre = [0.5, 0.5];
      this.draw();
    } else if (event.key === "Escape" && this.point) this.aim(null);
    else return;
    event.preventDefault();
  }

  draw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.tiles.forEach((tile) => this.drawTile(tile));
    });
  }

  drawTile({ canvas, layers }) {
    const pen = canvas.getContext("2d");
    const [left, top, side] = this.window();
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (const { picture, alpha = 1, smooth = false, grey = false } of layers) {
      const [w, h0] = [picture.naturalWidth ?? picture.width, picture.naturalHeight ?? picture.height];
      pen.globalAlpha = alpha;
      pen.imageSmoothingEnabled = smooth;
      pen.filter = grey ? "grayscale(1)" : "none";
      pen.drawImage(picture, left * w, top * h0, side * w, side * h0, 0, 0, canvas.width, canvas.height);
    }
    pen.globalAlpha = 1;
    pen.filter = "none";
    if (!this.point) return;
    const x = (((this.point[0] + 0.5) / this.size[0] - left) / side) * canvas.width;
    const y = (((this.point[1] + 0.5) / this.size[1] - top) / side) * canvas.height;
    for (const [colour, width] of [["#000", 3], ["#fff", 1]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        pen.moveTo(x + 4 * dx, y + 4 * dy);
        pen.lineTo(x + 12 * dx, y + 12 * dy);
      }
      pen.stroke();
    }
  }
}
