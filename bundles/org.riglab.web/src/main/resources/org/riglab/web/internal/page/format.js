export function percent(value) {
  return Number.isFinite(value) ? (value * 100).toFixed(1) : "–";
}

export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0 || Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2);
  return size < 1 ? value.toFixed(4) : size < 100 ? value.toFixed(3) : value.toFixed(1);
}

export function duration(seconds) {
  if (!Number.isFinite(seconds) || seconds <= 0) return "–";
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function time(iso) {
  return iso ? TIME.format(new Date(iso)) : "–";
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

/** Any value of a spec, in one line. */
export function value(it) {
  if (it === null || it === undefined || it === "") return "–";
  if (Array.isArray(it)) return it.length ? it.map(value).join(", ") : "–";
  if (typeof it === "object") {
    const { name, ...options } = it;
    const written = Object.entries(options).map(([k, v]) => `${k}=${value(v)}`);
    return [...(name ? [name] : []), ...written].join(name ? ":" : ", ");
  }
  return typeof it === "number" ? number(it) : String(it);
}

/** Whether a metric is a share of one, and shown in percent. */
export function isShare(metric) {
  return /IoU|acc|F1|dice|^change/i.test(metric);
}
