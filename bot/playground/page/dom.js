/** Building DOM nodes without HTML in strings: what people wrote only ever becomes text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element.
 * @param {string} tag
 * @param {Object} properties `class`; `on<event>`: a listener; `aria-…`, `data-…`, `role`: attributes; else DOM
 *   properties. What is undefined is left out.
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "role" || name.includes("-")) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * A drawing from icons.svg in the colour of the text around it; decoration, so nothing for screen readers.
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** The element with this id, which the page is sure to have. */
export function byId(id) {
  return document.getElementById(id);
}

/** Text that only screen readers meet. */
export function unseen(text) {
  return element("span", { class: "unseen" }, text);
}

/** The <dialog> with this id, made to close by its close buttons and by a press beside it. */
export function modal(id) {
  const dialog = byId(id);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  return dialog;
}

/** Lets a text area grow with its text, up to the height that its style allows. */
export function growing(area) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  };
  area.addEventListener("input", fit);
  return fit;
}
