const SVG = "http://www.w3.org/2000/svg";

function set(element, properties) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "on") {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    } else if (["value", "checked", "selected", "indeterminate"].includes(name) && !(element instanceof SVGElement)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
}

/** Appends what is there of children: null, undefined and false are left out, lists are opened. */
export function add(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/**
 * Makes an element. Properties: text, data (an object), on (an object of listeners), anything else
 * is an attribute; null, undefined and false are left out. Text never becomes markup.
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  set(element, properties);
  return add(element, children);
}

/** As {@link h}, for SVG. */
export function s(tag, properties, ...children) {
  const element = document.createElementNS(SVG, tag);
  set(element, properties);
  return add(element, children);
}

/** Sets an element's text where it has changed. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Says something that went wrong, until the next view. */
export function notice(text) {
  const place = document.getElementById("notice");
  place.replaceChildren(
    ...(text
      ? [
          h("p", {}, text),
          h("button", {
            class: "quiet",
            type: "button",
            text: "Close",
            on: { click: () => notice("") },
          }),
        ]
      : []),
  );
}

/** Runs what a person asked for, and says if it fails. */
export async function attempt(what) {
  try {
    return await what();
  } catch (error) {
    if (error.name !== "AbortError") notice(error.message);
    return undefined;
  }
}

/** Calls at most once in so many milliseconds, and once more at the end. */
export function calmly(milliseconds, what) {
  let timer = 0;
  return () => {
    if (!timer) {
      timer = setTimeout(() => {
        timer = 0;
        what();
      }, milliseconds);
    }
  };
}

/** Draws before a frame of the screen, at most once in so many milliseconds: one frame for all. */
export function framed(milliseconds, draw) {
  let last = -Infinity;
  let timer = 0;
  let frame = 0;
  return {
    soon() {
      if (timer || frame) return;
      timer = setTimeout(() => {
        timer = 0;
        frame = requestAnimationFrame(() => {
          frame = 0;
          last = performance.now();
          draw();
        });
      }, Math.max(0, last + milliseconds - performance.now()));
    },
    end() {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    },
  };
}

/** A button that opens a panel below it; Escape and a click elsewhere close it. */
export function menu(title, ...content) {
  const summary = h("summary", { text: title });
  const element = h("details", { class: "menu" }, summary, h("div", { class: "choices" }, content));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    element.open = false;
    summary.focus();
  });
  const outside = (event) => {
    if (!element.isConnected) document.removeEventListener("pointerdown", outside);
    else if (!element.contains(event.target)) element.open = false;
  };
  element.addEventListener("toggle", () => {
    if (element.open) document.addEventListener("pointerdown", outside);
    else document.removeEventListener("pointerdown", outside);
  });
  return element;
}

/** A label with its controls, which stay in one line with it. */
export function pair(...children) {
  return h("span", { class: "pair" }, children);
}

/** A table that scrolls by itself, by keyboard too. */
export function scroller(label, ...content) {
  return h("div", { class: "scroll card", tabindex: "0", role: "region", "aria-label": label }, content);
}

/** Replaces what a place shows; tables that were scrolled sideways stay there. */
export function redraw(place, children) {
  const at = new Map([...place.querySelectorAll(".scroll")].map((e) => [e.getAttribute("aria-label"), e.scrollLeft]));
  place.replaceChildren(...children);
  for (const e of place.querySelectorAll(".scroll")) e.scrollLeft = at.get(e.getAttribute("aria-label")) ?? 0;
}

/** A part with its options may be broken between them, not within a word. */
export function breakable(text) {
  return text.split(/(?<=[:,])(?=\S)/).flatMap((word, i) => (i ? [h("wbr"), word] : [word]));
}

/** Puts children in this order, moving as few as possible, so that focus and input stay. */
export function arrange(parent, children) {
  const focused = document.activeElement;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

/** Says in the view that what its address names is not there, and where others are. Other errors are thrown. */
export function missing(view, error, current, text, others) {
  if (error.status !== 404) throw error;
  if (current()) add(view, h("h1", { text }), h("p", {}, others));
  return undefined;
}

/** Scrolls a row that is wider than a phone so that one of its elements can be seen. */
export function reveal(row, element) {
  row.scrollLeft = element.offsetLeft - row.offsetLeft - (row.clientWidth - element.offsetWidth) / 2;
}

/** Tabs after the ARIA pattern: arrows move, and what is chosen is shown. */
export function tabs(label, items, chosen, show) {
  const panel = h("div", { role: "tabpanel", class: "panel", id: "panel", tabindex: "0" });
  const buttons = items.map(([name, title]) =>
    h("button", {
      role: "tab",
      type: "button",
      id: `tab-${name}`,
      "aria-controls": "panel",
      text: title,
      on: { click: () => choose(name) },
    }),
  );
  function choose(name) {
    buttons.forEach((button, i) => {
      const on = items[i][0] === name;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      if (!on) return;
      panel.setAttribute("aria-labelledby", button.id);
      reveal(list, button);
    });
    panel.replaceChildren();
    show(name, panel);
  }
  const list = h(
    "div",
    {
      role: "tablist",
      "aria-label": label,
      class: "tabs",
      on: {
        keydown: (event) => {
          const at = buttons.indexOf(document.activeElement);
          const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
          if (to === undefined) return;
          event.preventDefault();
          const next = buttons[(to + buttons.length) % buttons.length];
          next.focus();
          next.click();
        },
      },
    },
    buttons,
  );
  choose(items.some(([name]) => name === chosen) ? chosen : items[0][0]);
  requestAnimationFrame(() => reveal(list, list.querySelector("[aria-selected=true]"))); // once it is shown
  return [list, panel];
}
