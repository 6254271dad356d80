/** Keeps the log in line with the messages: touches only what differs, and minds where the person reads. */

import { byId, element } from "./dom.js";
import { fillKeys, focusedKey, focusKey } from "./keys.js";
import { bubble, serviceLine } from "./messages.js";
import { fillReactions } from "./reactions.js";
import { inDays } from "./rows.js";
import { swipes } from "./swipe.js";
import { TEXTS } from "./texts.js";
import { dayName } from "./time.js";

const NEAR = 120; // CSS pixels from the end within which the log follows new messages
const STILL = 1200; // ms after scrolling during which the day stays in sight
const FLASH = 1400; // ms that a message jumped to stays marked

/** The log of the chat that is open. */
export class Conversation {
  #log = byId("log");
  #scroll = byId("scroll");
  #toEnd = byId("to-end");
  #atEnd = true;
  #top = 0;
  #still = 0; // the timer that ends "moving"
  #unread = 0;

  /** @param {Object} actions see `bubble` in messages.js, less `jump`, which is the log's own; and `press` in keys.js */
  constructor(actions) {
    this.actions = { ...actions, jump: (messageId) => this.jump(messageId) };
    this.#scroll.addEventListener("scroll", () => this.#moved(), { passive: true });
    this.#toEnd.addEventListener("click", () => this.toEnd());
    swipes(this.#log, ".bubble", (node) => node.parentElement.querySelector(".answer")?.click());
    new ResizeObserver(() => this.#follow()).observe(this.#scroll);
    new ResizeObserver(() => this.#follow()).observe(this.#log);
  }

  /**
   * Shows these messages.
   * @param {import("./chat.js").Chat} chat
   * @param {Object[]} pending from the outbox
   */
  show(chat, pending) {
    const days = inDays([...chat.messages, ...pending]);
    const wanted = days.map(({ day, date, rows }) => ({
      key: day,
      print: day,
      make: () => element("section", { class: "day" }, element("h2", {}, element("span", {}, dayName(date)))),
      fill: (section) => arrange(section, rows.map((row) => this.#entry(row, chat)), 1),
    }));
    const focused = focusedKey();
    arrange(this.#log, wanted);
    if (focused && document.activeElement === document.body) focusKey(focused); // its button was replaced
    this.#follow();
    this.#log.ariaBusy = "false";
  }

  /** Another chat is shown from now on, from its end. */
  open() {
    this.#log.replaceChildren();
    this.#log.ariaBusy = "true";
    this.#unread = 0;
    this.toEnd();
  }

  /** A message came in: counts it as unread when the person is reading further up. */
  arrived() {
    if (this.#atEnd) return;
    this.#unread += 1;
    this.#look();
  }

  /** Something around the messages changed its height: keeps the end in sight for whoever is there. */
  settle() {
    this.#follow();
  }

  /** Goes to the newest message. */
  toEnd() {
    this.#atEnd = true;
    this.#follow();
  }

  /** Goes to a message and flashes it. */
  jump(messageId) {
    const target = byId(`m${messageId}`) ?? this.#log.querySelector(`[data-members~="${messageId}"]`);
    if (!target) return;
    target.scrollIntoView({ block: "center" });
    target.classList.add("flash");
    setTimeout(() => target.classList.remove("flash"), FLASH);
  }

  #entry(row, chat) {
    return {
      key: row.key,
      print: JSON.stringify(row, lasting),
      make: () => {
        const node = row.service ? serviceLine(row) : bubble(row, chat, this.actions);
        const isNew = this.#log.ariaBusy === "false" && (row.messages[0].pending || !chat.isMine(row.messages[0]));
        node.classList.toggle("new", Boolean(isNew && !byId(row.key)));
        node.dataset.members = row.messages.map((message) => message.message_id).join(" ");
        return node;
      },
      fill: (node) => {
        if (row.service) return;
        fillReactions(node, row.messages);
        fillKeys(node, row.messages[0], this.actions.press);
      },
    };
  }

  #moved() {
    const up = this.#scroll.scrollTop < this.#top;
    this.#top = this.#scroll.scrollTop;
    if (up || this.#isNearEnd()) this.#atEnd = this.#isNearEnd(); // what grows below is no reason to stop following
    this.#look();
    this.#scroll.classList.add("moving");
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.#scroll.classList.remove("moving"), STILL);
  }

  #isNearEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #follow() {
    if (this.#atEnd) this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#look();
  }

  #look() {
    if (this.#atEnd) this.#unread = 0;
    this.#toEnd.hidden = this.#atEnd;
    byId("unread").textContent = this.#unread ? TEXTS.unread(this.#unread) : "";
  }
}

/** What a node is made anew for; its buttons and reactions come and go in place. */
function lasting(name, value) {
  return name === "reply_markup" || name === "reactions" ? undefined : value;
}

/** Makes the children of `parent` after the first `skip` the wanted ones; a node stays while its print does. */
function arrange(parent, wanted, skip = 0) {
  const present = new Map([...parent.children].slice(skip).map((node) => [node.dataset.key, node]));
  let place = parent.children[skip] ?? null;
  for (const { key, print, make, fill } of wanted) {
    let node = present.get(key);
    if (node?.dataset.print !== print) {
      const fresh = make();
      Object.assign(fresh.dataset, { key, print });
      if (node) {
        if (place === node) place = fresh;
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
    present.delete(key);
    fill?.(node);
  }
  for (const node of present.values()) node.remove();
}
