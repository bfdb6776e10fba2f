const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";

/** What tells a control from the others of its kind; a control that is drawn anew has the same. */
function name(element) {
  return element.id || element.getAttribute("aria-label") || element.textContent.trim() || (element.closest("label")?.textContent.trim() ?? "");
}

function usable(element) {
  return element.isConnected && !element.disabled && element.checkVisibility();
}

/**
 * Keeps the focus in the view: if the control that has it is removed, hidden or disabled, the focus goes
 * to the same control drawn anew, or else to the next place around it that has a control.
 *
 * @param view takes the focus if nothing else is left
 */
export function keep(view) {
  let last = null; // {element, tag, name, around}

  document.addEventListener("focusin", ({ target }) => {
    const around = [];
    for (let e = target.parentElement; e; e = e.parentElement) around.push(e);
    last = { element: target, tag: target.tagName, name: name(target), around };
  });
  // Whoever clicks beside all controls wants no focus; a control that is gone is looked for first.
  document.addEventListener("focusout", ({ target }) => setTimeout(() => {
    if (last?.element === target && document.activeElement === document.body && usable(target)) last = null;
  }));

  function mend() {
    if (!last || usable(last.element)) return;
    const { element, tag, name: wanted, around } = last;
    const focused = document.activeElement;
    if (focused !== document.body && focused !== element) return;
    last = null;
    const same = wanted && [...view.querySelectorAll(tag)].find((e) => name(e) === wanted && usable(e));
    const place = around.find((e) => e !== view && view.contains(e) && [...e.querySelectorAll(FOCUSABLE)].some(usable));
    const next = same || [...(place?.querySelectorAll(FOCUSABLE) ?? [])].find(usable) || view;
    next.focus({ preventScroll: next === view });
  }

  new MutationObserver(mend).observe(document.body, { subtree: true, childList: true, attributeFilter: ["hidden", "disabled"] });
}
