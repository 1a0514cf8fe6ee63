// Lists whose rows keep their elements while the list changes. A refresh therefore does not take the keyboard focus, close
// a menu or release the button of a sound that is playing.

/** Makes `elements` the children of `parent`, in this order, and keeps the keyboard focus.
 *
 * Returns true if the focus was in a child that has been removed. */
export function arrange(parent, elements) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const kept = new Set(elements);
  for (const child of [...parent.children]) {
    if (!kept.has(child)) {
      child.remove();
    }
  }
  elements.forEach((element, index) => {
    const present = parent.children[index] ?? null;
    if (present !== element) {
      parent.insertBefore(element, present);
    }
  });
  if (focused !== null && parent.contains(focused)) {
    focused.focus(); // an element that is moved loses the focus
    return false;
  }
  return focused !== null;
}

/** The rows of the element `list`. */
export class Rows {
  #list;
  #rows = new Map(); // for each key, the content that the row shows, and its element

  constructor(list) {
    this.#list = list;
  }

  /** Shows `items`, each with a unique `key`, the `content` of its row, and the function `make`, which returns the
   * element of the row. A row is made again if its content changes, which is compared as JSON. If the row with the
   * keyboard focus is made again, its button with the same label gets the focus, or else its first button. If the row
   * is removed or has no button, `moveFocus` is called. */
  show(items, moveFocus) {
    const label = document.activeElement?.getAttribute("aria-label");
    const focused = [...this.#rows].find(([, row]) => row.element.contains(document.activeElement))?.[0];
    const rows = items.map(({ key, content, make }) => {
      const shown = JSON.stringify(content);
      const row = this.#rows.get(key);
      return [key, row?.shown === shown ? row : { shown, element: make() }];
    });
    this.#rows = new Map(rows);
    if (arrange(this.#list, rows.map(([, { element }]) => element))) {
      const buttons = [...(this.#rows.get(focused)?.element.querySelectorAll("button") ?? [])];
      const next = buttons.find((one) => one.getAttribute("aria-label") === label) ?? buttons[0];
      next ? next.focus() : moveFocus();
    }
  }
}
