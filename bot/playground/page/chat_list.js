/** The list of chats: name, last line, time, and how much of it is unread. */

import { avatarOf } from "./avatar.js";
import { byId, element } from "./dom.js";
import { summary } from "./messages.js";
import { serviceText } from "./service.js";
import { TEXTS } from "./texts.js";
import { clock } from "./time.js";

/** The list in the page's column at the left, on a phone a view of its own. */
export class ChatList {
  #list = byId("chats");
  #entries = new Map(); // nodes by chat key, which stay, so that the focus does

  /** @param {(key: string) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
  }

  /**
   * @param {import("./chats.js").Chats} chats
   * @param {string} [open] the key of the chat that is shown beside the list
   */
  show(chats, open) {
    const { all } = chats;
    for (const [key, entry] of this.#entries) {
      if (all.every((chat) => chat.key !== key)) this.#remove(key, entry);
    }
    for (const chat of all) this.#fill(this.#entryOf(chat), chat, chats.unread(chat), chat.key === open);
    const elsewhere = all.filter((chat) => chat.key !== open).reduce((sum, chat) => sum + chats.unread(chat), 0);
    byId("unread-elsewhere").textContent = elsewhere || "";
  }

  #entryOf(chat) {
    const known = this.#entries.get(chat.key);
    if (known) return known;
    const parts = Object.fromEntries(["name", "time", "last", "badge"].map((part) => [part, element("span", { class: part })]));
    const words = element("span", { class: "entry-words" }, parts.name, parts.time, parts.last, parts.badge);
    const onclick = () => this.onChoose(chat.key);
    const button = element("button", { type: "button", class: "entry", onclick }, avatarOf(chat), words);
    const entry = { ...parts, button, item: element("li", {}, button) };
    this.#entries.set(chat.key, entry);
    this.#list.append(entry.item);
    return entry;
  }

  #remove(key, { item }) {
    item.remove();
    this.#entries.delete(key);
  }

  #fill({ button, name, time, last, badge }, chat, unread, isOpen) {
    const message = chat.messages.at(-1);
    name.textContent = chat.title;
    time.textContent = message ? clock(message.date) : "";
    last.textContent = message ? lineOf(chat, message) : TEXTS.noMessages;
    badge.textContent = unread || "";
    badge.ariaLabel = unread ? TEXTS.unread(unread) : null;
    if (isOpen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function lineOf(chat, message) {
  const line = summary(message).replace(/\s+/g, " ");
  const isSaid = !serviceText(message) && (chat.isGroup || chat.isMine(message));
  return isSaid ? `${chat.senderOf(message)}: ${line}` : line;
}
