/** A menu that a button opens: arrows go through it, Escape closes it (it is a popover). */

/**
 * @param {HTMLElement} button
 * @param {HTMLElement} list a popover whose children are its items
 * @param {(button: DOMRect) => Object} place where it opens, as properties of its style
 */
export function menu(button, list, place) {
  button.popoverTargetElement = list;
  const items = () => [...list.children].filter((item) => !item.hidden);
  list.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    Object.assign(list.style, place(button.getBoundingClientRect()));
    (items().find((item) => item.ariaChecked === "true") ?? items()[0]).focus();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = items().indexOf(document.activeElement);
    items().at((at + step) % items().length).focus();
  });
}
