/** The top of the page and the typing bubble: who the bot is and what it is doing. */

import { byId } from "./dom.js";
import { TEXTS } from "./texts.js";

const ACTION_LASTS = 5500; // ms: Telegram shows a chat action for five seconds, and bots repeat it in time

/** Shows the bot's name and its status: offline, doing something, online. */
export class Presence {
  #connected = false;
  #action = null;
  #timer = 0;

  /** @param {() => void} onChange called when the typing bubble comes or goes */
  constructor(onChange) {
    this.onChange = onChange;
    this.#show();
  }

  /** Shows the bot's name, here and as the page's title. */
  name(bot) {
    byId("bot-name").textContent = bot.first_name;
    document.title = bot.first_name;
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
    byId("bot-status").textContent = busy || (this.#connected ? TEXTS.online : TEXTS.connecting);
    byId("bot-status").classList.toggle("busy", Boolean(busy));
    byId("typing").hidden = !busy;
  }
}
