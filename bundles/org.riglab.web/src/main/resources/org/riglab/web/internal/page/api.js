const ROOT = "/api/v1";
let session = null;
let since = null; // number of live messages before the first answer that the view got

async function ask(method, path, options = {}) {
  let answer;
  try {
    answer = await fetch(ROOT + path, { method, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("the server does not answer");
  }
  since ??= answer.headers.get("X-Rig-Messages");
  if (answer.status === 401) {
    location.replace(`/login${location.hash}`); // comes back to where it was
    return new Promise(() => {});
  }
  if (!answer.ok) {
    let body = null;
    try {
      body = await answer.json();
    } catch {
      // Not from this server: the status has to do.
    }
    const text = body?.error ?? `the server answered ${answer.status}`;
    throw Object.assign(new Error(text), { status: answer.status, body });
  }
  if (answer.status === 204) return null;
  return answer.headers.get("Content-Type").startsWith("application/json") ? answer.json() : answer.blob();
}

export async function signIn() {
  session = await ask("GET", "/session");
  return session;
}

const ROLES = ["viewer", "operator", "admin"];

/** Whether the person at the page may do what needs this role. The server decides in the end. */
export function may(role) {
  return ROLES.indexOf(session?.role) >= ROLES.indexOf(role);
}

export function get(path, signal) {
  return ask("GET", path, { signal });
}

/** How the server is; 503 is an answer, too. */
export async function health() {
  try {
    return await get("/health");
  } catch (error) {
    if (error.body?.checks) return error.body;
    throw error;
  }
}

/** Changes something. The body is an object, a file, or nothing. */
export function send(method, path, body) {
  const headers = { "X-Rig-Csrf": session?.csrf ?? "" };
  if (body instanceof Blob) {
    headers["Content-Type"] = body.type.startsWith("image/") ? body.type : "application/java-archive";
    return ask(method, path, { headers, body });
  }
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return ask(method, path, { headers, body: body && JSON.stringify(body) });
}

/** Another view begins to read. */
export function begin() {
  since = null;
}

/**
 * Watches live, while the page is to be seen: a hidden one would keep one of the few connections
 * that a browser has. After a gap, also between the view's first answer and the stream, `missed` is
 * called: read the state anew.
 *
 * @param run id of the run whose points are wanted, or 0
 * @param handlers points, progress, event, missed
 * @returns ends it
 */
export function live(run, handlers) {
  const light = document.getElementById("live");
  let source = null;
  let gap = false;
  function state(name, text) {
    light.dataset.state = name;
    light.textContent = text;
  }
  function open() {
    const query = new URLSearchParams({ ...(run && { run }), ...(since && { since }) });
    source = new EventSource(`${ROOT}/live?${query}`);
    source.onopen = () => {
      state("on", "live");
      if (gap) handlers.missed?.();
      gap = false;
    };
    source.onerror = () => {
      gap = true;
      state("off", "reconnecting");
      if (source.readyState === EventSource.CLOSED) {
        // Refused, not interrupted: the session may have ended.
        close();
        setTimeout(() => {
          if (!ended) get("/session").then(open, () => {});
        }, 3000);
      }
    };
    for (const type of ["points", "progress", "event", "missed"]) {
      source.addEventListener(type, (event) => handlers[type]?.(JSON.parse(event.data)));
    }
  }
  function close() {
    source?.close();
    source = null;
  }
  let ended = false;
  function seen() {
    if (document.hidden) {
      close();
      gap = true;
      state("off", "paused");
    } else if (!source) {
      open();
    }
  }
  document.addEventListener("visibilitychange", seen);
  seen();
  return () => {
    ended = true;
    document.removeEventListener("visibilitychange", seen);
    close();
    state("", "");
  };
}
