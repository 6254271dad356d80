/** The line at the bottom: writing, answering a message, a button that draws while there is no text and else sends. */

import { CommandMenu } from "./commands.js";
import { byId, growing } from "./dom.js";
import { summary } from "./messages.js";

/** The input line of a chat. */
export class Composer {
  #input = byId("input");
  #replying = byId("replying");
  #replyTo = null;
  #chat = null; // the name of the chat that is written to
  #drafts = new Map(); // by chat: what was begun there and left

  /**
   * @param {Object} listener
   * @param {(text: string) => void} listener.onText a message is to be sent
   * @param {(command: string) => void} listener.onCommand a command of the menu is to be sent
   */
  constructor({ onText, onCommand }) {
    this.onText = onText;
    this.fit = growing(this.#input);
    this.commands = new CommandMenu(this.#input, (command) => {
      this.#clear();
      onCommand(command);
    });
    this.#input.addEventListener("input", () => this.#offer());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("replying-cancel").addEventListener("click", () => this.reply(null));
    this.invite();
  }

  /** Puts the cursor into the input, where that opens no keyboard over the chat. */
  invite() {
    if (matchMedia("(pointer: fine)").matches) this.#input.focus();
  }

  /** Writes to another chat, or as somebody else: what was begun there is there again. */
  turnTo(chat) {
    if (chat === this.#chat) return;
    this.#drafts.set(this.#chat, { text: this.#input.value, replyTo: this.#replyTo, sender: this.#sender });
    this.#chat = chat;
    const { text = "", replyTo = null, sender = "" } = this.#drafts.get(chat) ?? {};
    this.#input.value = text;
    this.fit();
    this.#offer();
    this.commands.hide();
    this.#quote(replyTo, sender);
  }

  /** Answers this message with the next one, or no message with null. */
  reply(message, sender) {
    this.#quote(message, sender);
    this.#input.focus();
  }

  /** The message that is answered, once: it is forgotten then. */
  takeReply() {
    const message = this.#replyTo ?? undefined;
    this.#replyTo = null;
    this.#replying.hidden = true;
    return message;
  }

  get #sender() {
    return byId("replying-name").textContent;
  }

  #quote(message, sender) {
    this.#replyTo = message;
    this.#replying.hidden = !message;
    if (!message) return;
    byId("replying-name").textContent = sender;
    byId("replying-text").textContent = summary(message);
  }

  #key(event) {
    if (this.commands.key(event)) return;
    if (event.key === "Escape") this.#leave();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #leave() {
    if (this.#replyTo) this.reply(null);
    else this.#input.blur();
  }

  #submit() {
    const text = this.#input.value.trim();
    if (!text) return;
    this.#clear();
    this.onText(text);
  }

  #clear() {
    this.#input.value = "";
    this.fit();
    this.#offer();
  }

  #offer() {
    const empty = !this.#input.value.trim();
    byId("draw").hidden = !empty;
    byId("send").hidden = empty;
    this.commands.filter(this.#input.value);
  }
}
