import { health } from "./api.js";
import { h } from "./dom.js";

const PERIOD = 30_000;

/** Says above every view what is not well with the server, and looks again with each view and every half minute. */
export async function watch(place) {
  let said = "";
  async function look() {
    if (document.hidden) return;
    const lines = await health().then(
      ({ checks }) =>
        Object.values(checks)
          .filter(({ status }) => status !== "ok")
          .flatMap(({ status, reasons }) => reasons.map((text) => ({ critical: status !== "warn", text }))),
      (error) => [{ critical: true, text: error.message }],
    );
    const now = JSON.stringify(lines);
    if (now === said) return; // read aloud once
    said = now;
    place.replaceChildren(
      ...lines.map(({ critical, text }) => h("p", { class: critical ? "error" : "warn", text: `⚠ ${text}` })),
    );
  }
  setInterval(look, PERIOD);
  addEventListener("hashchange", look);
  document.addEventListener("visibilitychange", look);
  await look();
}
