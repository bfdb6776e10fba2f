/** A share of one as percent, without the sign. */
export function percent(value) {
  return Number.isFinite(value) ? (value * 100).toFixed(1) : "–";
}

// toLocaleString would make one for every number.
const groups = new Intl.NumberFormat("en");

function grouped(value) {
  return groups.format(value).replaceAll(",", "\u202f");
}

/** A measured number: four significant digits, and a power of ten where it is very small or large. */
export function number(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return grouped(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(3);
  return size < 1e4 ? value.toPrecision(4) : grouped(Math.round(value));
}

export function duration(seconds) {
  if (!Number.isFinite(seconds) || seconds <= 0) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** Date and time of the browser's time zone, as ISO 8601 orders them. */
export function time(iso) {
  if (!iso) return "–";
  const at = new Date(iso);
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit ? value.toFixed(1) : value} ${units[unit]}`;
}

/** A value of a spec, in one line; numbers exactly as they are. */
export function value(it) {
  if (it === null || it === undefined || it === "") return "–";
  if (Array.isArray(it)) return it.length ? it.map(value).join(", ") : "–";
  if (typeof it === "object") {
    const { name, ...options } = it;
    const written = Object.entries(options).map(([k, v]) => `${k}=${value(v)}`);
    return [...(name ? [name] : []), ...written].join(name ? ":" : ", ") || "–";
  }
  return String(it);
}

/** A part as `Run.parts` has it, `BUNDLE VERSION SHA-256`, with a short digest. */
export function part(text) {
  return text === null || text === undefined ? "–" : String(text).replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/, "$1");
}

/** Whether a metric is a share of one, and shown in percent. */
export function isShare(metric) {
  return /IoU|acc|F1|dice|^change/i.test(metric);
}

/** The mIoU of the last iteration among a run's metrics; undefined for none. */
export function answer(metrics) {
  const last = Object.keys(metrics)
    .filter((m) => /^mIoU\.t\d+$/.test(m))
    .sort((a, b) => a.slice(6) - b.slice(6))
    .at(-1);
  return last && metrics[last];
}

/** A message as a sentence. */
export function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
