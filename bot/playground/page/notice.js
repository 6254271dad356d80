/** What the bot wants to be read: a sentence in a dialog. A passing one is in toast.js. */

import { byId, modal } from "./dom.js";

const dialog = modal("notice");

/** Shows the sentence; a later one takes its place. */
export function insist(title, sentence) {
  byId("notice-title").textContent = title;
  byId("notice-text").textContent = sentence;
  if (!dialog.open) dialog.showModal();
}
