/** The top of the page and the typing bubble: which chat is open, and what the bot is doing there. */

import { avatarOf } from "./avatar.js";
import { byId } from "./dom.js";
import { TEXTS } from "./texts.js";

const ACTION_LASTS = 5500; // ms: Telegram shows a chat action for five seconds, and bots repeat it in time

/** Shows the chat's name and the status: offline, the bot doing something, else online or how many people. */
export class Presence {
  #connected = false;
  #chat = null;
  #action = null;
  #timer = 0;

  /** @param {() => void} onChange called when the typing bubble comes or goes */
  constructor(onChange) {
    this.onChange = onChange;
    this.#show();
  }

  /** Shows the chat's name, here and as the page's title. */
  of(chat) {
    const isAnother = this.#chat?.key !== chat.key;
    this.#chat = chat;
    byId("chat-picture").replaceChildren(avatarOf(chat));
    byId("bot-name").textContent = document.title = chat.title;
    if (isAnother) this.does(null);
    else this.#show();
  }

  /** Whether the server is there. */
  connected(is) {
    this.#connected = is;
    this.does(null);
  }

  /** The bot does something: a chat action's name, or null when it is done. */
  does(action) {
    clearTimeout(this.#timer);
    this.#action = action;
    if (action) this.#timer = setTimeout(() => this.does(null), ACTION_LASTS);
    this.#show();
    this.onChange();
  }

  #show() {
    const busy = this.#connected && this.#action && (TEXTS.actions[this.#action] ?? TEXTS.actions.typing);
    byId("bot-status").textContent = this.#connected ? this.#statusOf(busy) : TEXTS.connecting;
    byId("bot-status").classList.toggle("busy", Boolean(busy));
    byId("typing").hidden = !busy;
  }

  #statusOf(busy) {
    if (!this.#chat?.isGroup) return busy || TEXTS.online;
    const { bot, people } = this.#chat;
    return busy ? `${bot.first_name}: ${busy}` : TEXTS.people(people);
  }
}
