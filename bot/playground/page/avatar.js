/** The round pictures beside names: the bot's own, and letters on a colour for people and groups. */

import { element } from "./dom.js";

const TONES = 7; // as many as group.css has
const [FACTOR, PRIME] = [11, 9973]; // of the names' hash: the demo's class has a colour each

/** Which of the colours somebody has, always the same one for the same name. */
export function toneOf(name) {
  return `tone-${[...name].reduce((hash, sign) => (hash * FACTOR + sign.codePointAt(0)) % PRIME, 0) % TONES}`;
}

/**
 * @param {string} name
 * @param {boolean} [isBot]
 * @returns {HTMLElement} decoration, so nothing for screen readers
 */
export function avatar(name, isBot = false) {
  if (isBot) return element("img", { class: "avatar", src: "/page/icon.svg", alt: "" });
  const [first = "?"] = name;
  return element("span", { class: `avatar ${toneOf(name)}`, "aria-hidden": "true" }, first.toUpperCase());
}

/** The picture of a chat. */
export function avatarOf(chat) {
  return avatar(chat.title, !chat.isGroup);
}
