/** The buttons under a bubble, in rows as the bot laid them out. A pressed one shows that it waits for the bot. */

import { element, icon, unseen } from "./dom.js";
import { isSafe } from "./entities.js";
import { TEXTS } from "./texts.js";

const LONG = 9; // letters of a name that is too wide for a third of a phone

/**
 * Gives a message's node the buttons that the message has now; they stay as they are while they are the same.
 * @param {HTMLElement} node as `bubble` in messages.js made it
 * @param {Object} message
 * @param {(messageId: number, data: string) => Promise<void>} press done when the bot has answered
 */
export function fillKeys(node, { message_id: id, reply_markup: markup }, press) {
  const rows = markup?.inline_keyboard ?? [];
  const print = rows.length ? JSON.stringify(rows) : undefined;
  const present = node.querySelector(".keys");
  if (present?.dataset.print === print) return;
  present?.remove();
  if (!print) return;
  const about = { class: "keys", role: "group", "aria-label": TEXTS.buttons, "data-print": print };
  const keys = (row) => element("div", { class: shapeOf(row) }, ...row.map((button) => key(button, id, press)));
  node.querySelector(".bubble").after(element("div", about, ...rows.map(keys)));
}

/** Which button has the focus: {message, data}; null where none has. */
export function focusedKey() {
  const node = document.activeElement?.closest(".key");
  return node && { message: node.closest(".message").id, data: node.dataset.data };
}

/** Gives the focus to the same button as before, or to the first of those that took its place. */
export function focusKey({ message, data }) {
  const keys = [...document.querySelectorAll(`#${message} .key`)];
  const same = keys.find((node) => node.dataset.data === data);
  (same ?? keys[0])?.focus({ preventScroll: true });
}

function shapeOf(row) {
  return row.length > 2 && row.some(({ text }) => text.length > LONG) ? "key-row uneven" : "key-row";
}

function key({ text, url, callback_data: data }, id, press) {
  const label = element("span", { dir: "auto" }, text);
  if (url !== undefined) return link(url, label);
  const onclick = () => held(node, () => press(id, data));
  const node = element("button", { type: "button", class: "key", "data-data": data, onclick, onmousedown: stay }, label);
  return node;
}

function link(url, label) {
  const address = isSafe(url) ? url : `https://${url}`;
  const way = { class: "key", href: address, target: "_blank", rel: "noopener noreferrer" };
  return element("a", way, label, icon("outward"), unseen(` (${TEXTS.opensAddress})`));
}

/** A press by mouse or finger leaves the focus where it is: who is writing goes on writing. */
function stay(event) {
  event.preventDefault();
}

async function held(node, press) {
  if (node.ariaBusy === "true") return;
  node.ariaBusy = node.ariaDisabled = "true";
  await press();
  node.ariaBusy = node.ariaDisabled = "false";
}
