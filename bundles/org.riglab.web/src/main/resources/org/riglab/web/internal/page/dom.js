/**
 * Makes an element. Properties: class, text, data (an object), on (an object of listeners), anything
 * else is an attribute; null, undefined and false are left out. Text never becomes markup.
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "on") {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    } else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
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
    notice(error.message);
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
      if (on) panel.setAttribute("aria-labelledby", button.id);
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
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const at = buttons.indexOf(document.activeElement);
          const next = buttons[(at + step + buttons.length) % buttons.length];
          next.focus();
          next.click();
        },
      },
    },
    buttons,
  );
  choose(items.some(([name]) => name === chosen) ? chosen : items[0][0]);
  return [list, panel];
}
