/** Message entities → DOM: bold, links, commands and the rest. Offsets are UTF-16 units, just as JavaScript counts. */

import { element } from "./dom.js";

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};
const SAFE_LINK = /^(https?|mailto|tel|tg):/i;

/** Whether an address leads to a place, rather than into this page. */
export function isSafe(address) {
  return SAFE_LINK.test(address);
}

/**
 * The text with its entities as nodes; entities may lie in each other.
 * @param {string} text
 * @param {Object[]} entities Bot API MessageEntity objects
 * @param {(command: string) => void} onCommand called with a bot command that was pressed
 * @returns {DocumentFragment}
 */
export function formatted(text, entities = [], onCommand = () => {}) {
  const outerFirst = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fragment.append(...nodesOf(text, 0, text.length, outerFirst, onCommand));
  return fragment;
}

function nodesOf(text, start, end, entities, onCommand) {
  const nodes = [];
  let at = start;
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index];
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || entity.offset >= end) continue;
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    const inside = entities.slice(index + 1).filter((other) => other.offset < stop);
    const children = nodesOf(text, entity.offset, stop, inside, onCommand);
    nodes.push(wrapped(entity, text.slice(entity.offset, stop), children, onCommand));
    at = stop;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrapped(entity, plain, children, onCommand) {
  if (TAGS[entity.type]) return element(TAGS[entity.type], {}, ...children);
  switch (entity.type) {
    case "bot_command":
      return element("button", { type: "button", class: "link", onclick: () => onCommand(plain) }, ...children);
    case "spoiler":
      return spoiler(children);
    case "text_link":
      return link(entity.url, children);
    case "url":
      return link(isSafe(plain) ? plain : `https://${plain}`, children);
    case "email":
      return link(`mailto:${plain}`, children);
    case "phone_number":
      return link(`tel:${plain}`, children);
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
      return element("span", { class: "mention" }, ...children);
    default:
      return element("span", {}, ...children);
  }
}

function link(address, children) {
  if (!isSafe(address)) return element("span", {}, ...children);
  return element("a", { class: "link", href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function spoiler(children) {
  const shown = () => node.classList.add("shown");
  const node = element("button", { type: "button", class: "spoiler", onclick: shown }, ...children);
  return node;
}
