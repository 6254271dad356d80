/** The reactions under what a message says. */

import { element, unseen } from "./dom.js";
import { TEXTS } from "./texts.js";

/**
 * Gives a message's node the reactions that its messages have now; they stay as they are while they are the same.
 * @param {HTMLElement} node as `bubble` in messages.js made it
 * @param {Object[]} messages of the bubble
 */
export function fillReactions(node, messages) {
  const emoji = messages.flatMap((message) => message.reactions ?? []).map((reaction) => reaction.emoji);
  const print = emoji.join(" ");
  const present = node.querySelector(".reactions");
  if ((present?.dataset.print ?? "") === print) return;
  present?.remove();
  if (!print) return;
  const counts = new Map(emoji.map((one) => [one, emoji.filter((other) => other === one).length]));
  const marks = [...counts].map(([one, count]) => element("span", { class: "reaction" }, one, ` ${count}`));
  node
    .querySelector(".bubble")
    .append(element("p", { class: "reactions", "data-print": print }, unseen(`${TEXTS.reactions} `), ...marks));
}
